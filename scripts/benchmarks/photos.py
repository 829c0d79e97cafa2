"""Photographs beside the tools that people use: what leaks, what is damaged, what it costs.

    scripts/bench photos [--rounds N] [--places N] [--quick]

Leaks: one marker a hiding place, searched for by the tests' detector in what each tool writes.
Fidelity: a camera file with turn, profile and density. Cost: wall time as a ratio to `cp && sync`
beside it, in turns with it (ours: cleaned, proved and synced in a warm process), CPU time, and
peak memory above the idle worker's (`scripts/bench memory` has every format).
Tools that are not installed are left out: exiftool, mat2, jpegtran, ImageMagick (`convert`).
"""

import argparse
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

import memory

from corpora import detector, photos
from corpora.built import build_beside_sources
from corpora.photos_base import icc_profile, picture, saved
from medrelease import sanitise, verify

Tool = Callable[[Path, Path], None]
MARKS = {"24 MP JPEG": 1.5, "12 MP PNG": 12.0, "72 MB TIFF": 1.5, "12 MP RGBA PNG": None}
say = sys.stdout.write


def main() -> int:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--places", type=int, default=8, help="a format, for the others; 0: all")
    parser.add_argument("--quick", action="store_true", help="the large files only by ourselves")
    parser.add_argument("--warm", nargs=2, type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    warnings.simplefilter("ignore")
    build_beside_sources()
    if wanted.warm:
        return _warm(*wanted.warm, wanted.rounds)
    with tempfile.TemporaryDirectory() as name, _exiftool_open() as staying:
        folder = Path(name)
        tools = _tools() | ({"exiftool -stay_open": staying} if staying else {})
        _leaks(folder, tools, wanted.places)
        _fidelity(folder, tools)
        _costs(folder, {} if wanted.quick else tools, wanted.rounds)
    return 0


# --- the tools ----------------------------------------------------------------------------------


def ours(source: Path, target: Path) -> None:
    """Clean and prove; writes nothing where the file is held."""
    options = sanitise.Options(patient_label="23 02210", route_key=bytes(32), subject="x")
    with source.open("rb") as before, target.open("w+b") as after:
        outcome = sanitise.sanitise(before.fileno(), after.fileno(), options)
        if hasattr(outcome, "reason"):
            target.unlink()
            return
        wished = verify.Options(identifiers=("012 345 6789", "23 02210"), format=outcome.format)
        if hasattr(verify.verify(before.fileno(), after.fileno(), wished), "reason"):
            target.unlink()
            return
        os.fsync(after.fileno())


def _tools() -> dict[str, Tool]:
    def in_place(*command: str) -> Tool:
        def run(source: Path, target: Path) -> None:
            shutil.copy(source, target)
            if not _quietly([*command, str(target)]):
                target.unlink(missing_ok=True)

        return run

    found: dict[str, Tool] = {"medrelease": ours}
    if shutil.which("exiftool"):
        found["exiftool"] = in_place("exiftool", "-q", "-overwrite_original", "-all=")
    if shutil.which("mat2"):
        found["mat2"] = in_place("mat2", "--inplace")
    if shutil.which("jpegtran"):
        found["jpegtran"] = _jpegtran
    if shutil.which("convert"):
        found["ImageMagick"] = lambda source, target: _quietly(
            ["convert", str(source), "-strip", str(target)]
        )
    found["Pillow"] = _pillow
    return found


def _jpegtran(source: Path, target: Path) -> None:
    if source.suffix == ".jpg":
        _quietly(["jpegtran", "-copy", "none", "-outfile", str(target), str(source)])


def _pillow(source: Path, target: Path) -> None:
    try:
        with Image.open(source) as image:
            image.save(target, image.format)
    except (OSError, ValueError, SyntaxError, KeyError, RuntimeError):
        target.unlink(missing_ok=True)


def _quietly(command: list[str]) -> bool:
    done = subprocess.run(  # noqa: S603 - the tools that are measured
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=300
    )
    return done.returncode == 0


@contextmanager
def _exiftool_open() -> Iterator[Tool | None]:
    """exiftool as a process that stays."""
    if not shutil.which("exiftool"):
        yield None
        return
    command = ["exiftool", "-stay_open", "True", "-@", "-"]
    process = subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )

    def run(source: Path, target: Path) -> None:
        shutil.copy(source, target)
        process.stdin.write(f"-overwrite_original\n-all=\n{target}\n-execute\n")
        process.stdin.flush()
        while "{ready" not in process.stdout.readline():
            pass

    yield run
    process.communicate("-stay_open\nFalse\n", timeout=20)


# --- the tables ---------------------------------------------------------------------------------

_SUFFIX = {"heic": "heic", "svs": "svs", "tiff": "tif", "jpeg": "jpg"}


def _leaks(folder: Path, tools: dict[str, Tool], most: int) -> None:
    places = [*photos.planted(), *photos.unremovable()]
    forms = sorted({name.split()[0] for name, _, _ in places})
    say("leaked / written of so many hiding places\n")
    head = [f"{form} {sum(name.split()[0] == form for name, _, _ in places)}" for form in forms]
    say(f"{'':<20}" + "".join(f"{each:>10}" for each in head) + "\n")
    for tool, run in tools.items():
        say(f"{tool:<20}")
        for form in forms:
            counts = [0, 0]
            few = most if most and tool != "medrelease" else len(places)
            for _, data, mark in _chosen(places, form, few):
                written = _through(run, folder, data, _SUFFIX.get(form, form))
                counts[1] += bool(written)
                counts[0] += bool(written and detector.found(written, mark))
            say(f"{counts[0]:>7}/{counts[1]:<2}")
            sys.stdout.flush()
        say("\n")


def _chosen(places: list[photos.Planted], form: str, most: int) -> list[photos.Planted]:
    """Places of a format, no more than `most` of them, spread evenly."""
    found = [place for place in places if place[0].split()[0] == form]
    return found[:: max(1, -(-len(found) // most))]


def _through(run: Tool, folder: Path, data: bytes, suffix: str) -> bytes:
    source, target = folder / f"source.{suffix}", folder / f"target.{suffix}"
    source.write_bytes(data)
    target.unlink(missing_ok=True)
    run(source, target)
    return target.read_bytes() if target.exists() else b""


def _fidelity(folder: Path, tools: dict[str, Tool]) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(
        picture(5), "JPEG", quality=92, exif=exif, dpi=(300, 300), icc_profile=icc_profile(b"-")
    )
    say(f"\n{'camera JPEG':<20}{'pixels':>10}{'turn':>10}{'profile':>10}{'density':>10}\n")
    with Image.open(io.BytesIO(data)) as source:
        for tool, run in tools.items():
            written = _through(run, folder, data, "jpg")
            with Image.open(io.BytesIO(written)) as result:
                kept = (
                    np.array_equal(np.asarray(source), np.asarray(result)),
                    result.getexif().get(0x0112) == 6,
                    "icc_profile" in result.info,
                    result.info.get("dpi") == source.info["dpi"],
                )
            say(f"{tool:<20}" + "".join(f"{'kept' if each else '-':>10}" for each in kept) + "\n")


def _large(folder: Path) -> dict[str, Path]:
    random = np.random.default_rng(1)
    y, x = np.mgrid[0:4000, 0:6000]
    waves = [128 + 80 * np.sin(x / 300) + 30 * np.sin(y / 50), 128 + 60 * np.cos(y / 200 + x / 900)]
    waves.append(100 + 50 * np.sin((x + y) / 170))
    noisy = np.stack(waves, axis=-1) + random.normal(0, 9, (4000, 6000, 1))
    noisy += random.normal(0, 4, (4000, 6000, 3))
    photo = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
    crop = photo.crop((0, 0, 4000, 3000))
    deep = np.asarray(crop).astype(np.uint16) * 257
    clear = np.dstack([np.asarray(crop), (np.add.outer(range(3000), range(4000)) % 3 * 127)])
    files = {
        name: folder / f"{number}.{suffix}"
        for number, (name, suffix) in enumerate(
            zip(MARKS, ("jpg", "png", "tif", "png"), strict=True)
        )
    }
    photo.save(files["24 MP JPEG"], quality=92, subsampling=2, comment=b"Jane Doe")
    crop.save(files["12 MP PNG"], compress_level=1)
    _deep_tiff(files["72 MB TIFF"], deep)
    Image.fromarray(clear.astype(np.uint8)).save(files["12 MP RGBA PNG"], compress_level=1)
    return files


def _deep_tiff(place: Path, pixels: np.ndarray) -> None:
    tifffile.imwrite(place, pixels, photometric="rgb", description="Jane Doe", rowsperstrip=64)


def _costs(folder: Path, tools: dict[str, Tool], rounds: int) -> None:
    say("\nwall time as a ratio to cp && sync (median, ms)\n")
    for name, place in _large(folder).items():
        target = folder / f"out{place.suffix}"
        told = subprocess.run(  # noqa: S603 - this very file, warm
            [sys.executable, __file__, "--rounds", str(rounds), "--warm", str(place), str(target)],
            capture_output=True,
            check=True,
        )
        warm, size = json.loads(told.stdout), place.stat().st_size
        base, mark = warm["base"], f", mark {MARKS[name]}x" if MARKS[name] else ""
        say(f"{name}, {size / 1e6:.1f} MB: cp && sync {base * 1e3:.0f} ms,")
        say(f" {warm['base cpu'] * 1e3:.0f} ms CPU{mark}\n")
        say(f"  {'medrelease, warm':<22}{warm['ratio']:>7.1f}x {warm['wall'] * 1e3:>8.0f} ms,")
        peaks = [one["peak"] / size if one else 0 for one in memory.both(place, target)]
        say(f" {warm['cpu'] * 1e3:.0f} ms CPU, peak {peaks[0]:.1f}x the file to clean,")
        say(f" {peaks[1]:.1f}x to prove\n")
        for tool, run in tools.items():
            if tool == "medrelease" or (tool == "jpegtran" and place.suffix != ".jpg"):
                continue
            cost = _timed(lambda r=run, p=place, t=target: (r(p, t), os.sync()), 1)
            say(f"  {tool:<22}{cost / base:>7.1f}x {cost * 1e3:>8.0f} ms\n")
        sys.stdout.flush()


def _copied(place: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    subprocess.run(["sh", "-c", f"cp {place} {target} && sync"], check=True)  # noqa: S603, S607


def _timed(work: Callable[[], object], rounds: int) -> float:
    costs = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        costs.append(time.perf_counter() - begun)
    return statistics.median(costs)


def _warm(place: Path, target: Path, rounds: int) -> int:
    """Ours in a process that has done one small file already; prints its cost as JSON."""
    small = target.with_name(f"small{place.suffix}")
    with Image.open(place) as image:
        image.crop((0, 0, 64, 64)).save(small)
    ours(small, target)
    costs = []
    for _ in range(rounds):
        before = os.times()
        base = _timed(lambda: _copied(place, target), 1)
        between = os.times()
        wall = _timed(lambda: ours(place, target), 1)
        after = os.times()
        base_cpu = sum(between[2:4]) - sum(before[2:4])
        costs.append((wall / base, wall, base, sum(after[:2]) - sum(between[:2]), base_cpu))
        if not target.exists():
            raise RuntimeError("the file was held")
    named = zip(("ratio", "wall", "base", "cpu", "base cpu"), zip(*costs, strict=True), strict=True)
    say(json.dumps({name: statistics.median(each) for name, each in named}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
