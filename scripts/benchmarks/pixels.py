"""The finders of writing and codes on synthetic pictures, by kind, beside what others offer.

    scripts/bench pixels [SEEDS [FIRST [RESULTS [PEERS [CODES]]]]]

SEEDS pictures of each kind (default 2) from seed FIRST (default the first that was not tuned
on). RESULTS is a file of one JSON row a picture, to which a run that was cut off adds the rest.
Tesseract and Presidio's image redactor, where they are installed, look at the first PEERS seeds
(default 5) of each kind. Codes and pictures without either follow, SEEDS of each, codes from
seed CODES (default the first that was not tuned on). "" stands for a default.
"""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from corpora import burned, codes, measuring, text_peers, textless
from medrelease.pixels import models
from medrelease.pixels.models import TextModels

Row = dict[str, Any]


def say(line: str) -> None:
    """One line of the table."""
    print(line, flush=True)  # noqa: T201


def share(part: float, whole: float) -> str:
    """A percentage, or a dash."""
    return f"{100 * part / whole:6.2f}" if whole else "     -"


def show(name: str, rows: list[Row], peers: Iterable[str]) -> None:
    """One row of the table of writing."""

    def total(key: str, some: list[Row] = rows) -> float:
        return float(sum(row[key] for row in some))

    leaks = sum(not row["held"] and row["lines_covered"] < row["lines"] for row in rows)
    cells = [share(total("pixels_covered"), total("pixels"))]
    cells += [share(total("lines_covered"), total("lines"))]
    cells += [share(part, len(rows)) for part in (leaks, total("held"))]
    cells += [share(total(key), len(rows)) for key in ("astray", "masked")]
    cells += [f"{total(key) / len(rows):6.2f}" for key in ("seconds_a", "seconds_b")]
    for peer in peers:
        asked = [row for row in rows if f"{peer}_pixels" in row]
        cells += [f"{len(asked):6}", share(total(f"{peer}_pixels", asked), total("pixels", asked))]
        cells += [share(total(f"{peer}_lines", asked), total("lines", asked))]
    say(f"{name:22}{len(rows):5} " + " ".join(cells))


def written(nets: TextModels, count: int, first: int, results: Path | None, asked: int) -> None:
    """Measure writing where it is not yet measured, then print its table."""
    rows: list[Row] = []
    if results and results.exists():
        rows = [json.loads(line) for line in results.read_text().splitlines()]
    done = {(row["kind"], row["seed"]) for row in rows}
    with text_peers.peers(say) as peers:
        for seed in range(first, first + count):
            for kind in burned.KINDS:
                if (kind, seed) in done:
                    continue
                made = burned.sample(kind, seed)
                row = measuring.figures(nets, made).as_row()
                for name, peer in peers.items() if seed < first + asked else ():
                    row[f"{name}_pixels"], row[f"{name}_lines"] = text_peers.beside(peer, made)
                rows.append(row)
                if results:
                    with results.open("a") as out:
                        out.write(json.dumps(row) + "\n")
    say("in %: text pixels and lines covered; released with a line left; held; changed far from")
    say("text; masked. Then CPU seconds of tier A and B; of each peer how many pictures it saw,")
    say(f"and the text pixels and lines it covers: {', '.join(peers) or 'no peer is installed'}")
    by_kind = defaultdict(list)
    for row in rows:
        by_kind[row["kind"]].append(row)
    for kind, some in by_kind.items():
        show(kind, some, peers)
    show("with text", [row for row in rows if row["kind"] in burned.WITH_TEXT], peers)
    show("without", [row for row in rows if row["kind"] in burned.TEXTLESS], peers)


def coded(nets: TextModels, count: int, first: int) -> None:
    """Codes of every format that are covered, as codes or as writing."""
    say(f"\ncodes of seeds {first} to {first + count - 1}: covered in %")
    hits: list[bool] = []
    for name in codes.FORMATS:
        seeds = range(first, first + count)
        some = [measuring.code_covered(nets, codes.coded(name, seed)) for seed in seeds]
        say(f"{name:22}{len(some):5} {share(sum(some), len(some))}")
        hits += some
    say(f"{'codes':22}{len(hits):5} {share(sum(hits), len(hits))}")


def left_whole(nets: TextModels, count: int) -> None:
    """What is masked and held of photographs and props that have neither writing nor codes."""
    say("\nneither writing nor codes, in %: masked as writing, as a code; held")
    rows = []
    for kind in textless.KINDS:
        seeds = range(textless.TUNED, textless.TUNED + count)
        some = [
            measuring.textless(nets, kind, seed, textless.picture(kind, seed)) for seed in seeds
        ]
        rows += some
        cells = [
            sum(r.written for r in some),
            sum(r.coded for r in some),
            sum(r.held for r in some),
        ]
        say(f"{kind:22}{len(some):5} " + " ".join(share(cell, len(some)) for cell in cells))
    whole = [row for row in rows if row.kind not in textless.LIKE_LETTERS]
    for name, part in (("but for rows of marks", whole), ("all", rows)):
        cells = [
            sum(r.written for r in part),
            sum(r.coded for r in part),
            sum(r.held for r in part),
        ]
        say(f"{name:22}{len(part):5} " + " ".join(share(cell, len(part)) for cell in cells))


def main() -> None:
    """The three tables."""
    given = [*sys.argv[1:], *[""] * 5][:5]
    count, first = int(given[0] or 2), int(given[1] or burned.TUNED)
    nets = models.load()
    written(nets, count, first, Path(given[2]) if given[2] else None, int(given[3] or 5))
    coded(nets, count, int(given[4] or codes.TUNED))
    left_whole(nets, count)


if __name__ == "__main__":
    main()
