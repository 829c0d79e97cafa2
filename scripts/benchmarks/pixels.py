"""The finder of writing on synthetic pictures, by kind, beside Tesseract on the same pictures.

    scripts/bench pixels [SEEDS [FIRST [RESULTS]]]

SEEDS pictures of each kind (default 2) from seed FIRST (default the first that was not tuned
on). RESULTS is a file of one JSON row a picture, to which a run that was cut off adds the rest.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

import cv2
import numpy as np

from corpora import burned, measuring
from medrelease.pixels import models, views


def tesseract(made: burned.Sample) -> dict[str, int]:
    """Text pixels and lines that Tesseract's word boxes (psm 11) cover."""
    grey = next(views.windows(views.brightness(made.frame)))
    png = cv2.imencode(".png", grey)[1].tobytes()
    command = ["tesseract", "-", "-", "--psm", "11", "tsv"]
    said = subprocess.run(command, input=png, capture_output=True, check=True).stdout  # noqa: S603
    covered = np.zeros(grey.shape, np.bool_)
    for row in said.decode("utf-8", "replace").splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) > 11 and cells[0] == "5" and cells[11].strip():
            left, top, width, height = (int(cell) for cell in cells[6:10])
            covered[top : top + height, left : left + width] = True
    lines = [line.pixels for line in made.lines if not line.may_stay]
    hidden = [int((line & covered).sum()) for line in lines]
    return {
        "tesseract_pixels": sum(hidden),
        "tesseract_lines": sum(
            part >= measuring.COVERED * line.sum() for part, line in zip(hidden, lines, strict=True)
        ),
    }


def share(part: float, whole: float) -> str:
    """A percentage, or a dash."""
    return f"{100 * part / whole:6.2f}" if whole else "     -"


def show(name: str, rows: list[dict[str, Any]]) -> None:
    """One row of the table."""

    def total(key: str) -> float:
        return float(sum(row[key] for row in rows))

    leaks = sum(not row["held"] and row["lines_covered"] < row["lines"] for row in rows)
    cells = [share(total("pixels_covered"), total("pixels"))]
    cells += [share(total("lines_covered"), total("lines"))]
    cells += [share(part, len(rows)) for part in (leaks, total("held"))]
    cells += [share(total(key), len(rows)) for key in ("astray", "masked")]
    cells += [f"{total(key) / len(rows):6.2f}" for key in ("seconds_a", "seconds_b")]
    if all("tesseract_pixels" in row for row in rows):
        cells += [share(total("tesseract_pixels"), total("pixels"))]
        cells += [share(total("tesseract_lines"), total("lines"))]
    print(f"{name:22}{len(rows):5} " + " ".join(cells))  # noqa: T201


def main() -> None:
    """Measure what is not yet measured, then print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    first = int(sys.argv[2]) if len(sys.argv) > 2 else burned.TUNED
    results = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    rows = []
    if results and results.exists():
        rows = [json.loads(line) for line in results.read_text().splitlines()]
    done = {(row["kind"], row["seed"]) for row in rows}
    nets = models.load()
    for seed in range(first, first + count):
        for kind in burned.KINDS:
            if (kind, seed) in done:
                continue
            made = burned.sample(kind, seed)
            row = measuring.figures(nets, made).as_row()
            if shutil.which("tesseract"):
                row |= tesseract(made)
            rows.append(row)
            if results:
                with results.open("a") as out:
                    out.write(json.dumps(row) + "\n")
    print("in %: text pixels and lines covered; released with a line left; held; changed far")  # noqa: T201
    print("from text; masked. Then CPU seconds of tier A and B, Tesseract's pixels and lines.")  # noqa: T201
    by_kind = defaultdict(list)
    for row in rows:
        by_kind[row["kind"]].append(row)
    for kind, some in by_kind.items():
        show(kind, some)
    show("with text", [row for row in rows if row["kind"] in burned.WITH_TEXT])
    show("without", [row for row in rows if row["kind"] in burned.TEXTLESS])


if __name__ == "__main__":
    main()
