"""DICOM: leaks and speed beside the tools people use, on 200 instances of 528 KB.

    scripts/bench dicom [INSTANCES]

Each tool cleans the same files in processes of its own; imports, start and a first file are not
counted. Of three rounds the best counts, by processor time and by the clock. `ours` cleans and
verifies, 25 files at a time, since each worker of the service has one of the two roles; the others
only clean, and pydicom's row reads and writes. gdcmanon comes from Debian's
libgdcm-tools, the Python tools from $MEDRELEASE_PEERS, a venv, which is made where it is not set.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from corpora import dicom_marked

DAEMON = Path(__file__).parents[2] / "daemon"
ROUNDS = 3
PEERS = ("dicognito", "dicom-anonymizer", "deid")

_HEAD = """
import os, sys, time, warnings
warnings.simplefilter("ignore")
source, target, names = sys.argv[1], sys.argv[2], sys.argv[3:]
pairs = [(os.path.join(source, name), os.path.join(target, name)) for name in names]
def many(pairs):
    for pair in pairs:
        one(*pair)
"""
_TAIL = """
many([(pairs[0][0], pairs[0][1] + ".first")])
before, began = time.process_time(), time.perf_counter()
many(pairs)
print(time.process_time() - before, time.perf_counter() - began)
"""
_OURS = """
import gc, os
from medrelease import sanitise, verify
from medrelease.sanitise import dicom
from medrelease.verify import dicom as _
dicom.warm()
gc.collect()
gc.freeze()  # as a worker of the service does
gc.set_threshold(20_000)
KEY, SUBJECT, LABEL = b"k" * 32, "012 345 6789", "23 02210"
CLEAN = sanitise.Options(LABEL, KEY, SUBJECT)
PROVE = verify.Options((SUBJECT, "Dr Quinn"), (LABEL,))
def clean(source, target):
    read = os.open(source, os.O_RDONLY)
    write = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL)
    assert isinstance(sanitise.sanitise(read, write, CLEAN), sanitise.Sanitised)
    return read, write
def prove(read, write):
    assert isinstance(verify.verify(read, write, PROVE), verify.Accepted)
    os.close(read)
    os.close(write)
def many(pairs):
    for at in range(0, len(pairs), 25):
        for opened in [clean(*pair) for pair in pairs[at : at + 25]]:
            prove(*opened)
"""
_TOOLS = {
    "pydicom read+save": """
import pydicom
def one(source, target):
    pydicom.dcmread(source).save_as(target)
""",
    "dicognito": """
import pydicom
from dicognito.anonymizer import Anonymizer
anonymizer = Anonymizer()
def one(source, target):
    dataset = pydicom.dcmread(source)
    anonymizer.anonymize(dataset)
    dataset.save_as(target)
""",
    "dicom-anonymizer": """
from dicomanonymizer import anonymize_dicom_file
def one(source, target):
    anonymize_dicom_file(source, target)
""",
    "deid": """
import logging
from deid.dicom import get_identifiers, replace_identifiers
logging.disable(logging.CRITICAL)
def one(source, target):
    replace_identifiers([source], ids=get_identifiers([source]), save=True, overwrite=True,
                        output_folder=os.path.dirname(target), remove_private=True)
""",
}


class Row(NamedTuple):
    """What one tool did: files it wrote, markers in one of them, seconds by processor and clock."""

    tool: str
    written: int
    leaks: int
    processor: float
    clock: float


def main() -> None:
    """Print the table, and the two marks."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory(prefix="medrelease-bench-") as folder:
        source = Path(folder, "source")
        source.mkdir()
        for number in range(count):
            (source / f"{number:03d}.dcm").write_bytes(dicom_marked.marked(number))
        size = sum(path.stat().st_size for path in source.iterdir()) // count
        say(f"{count} instances of {size} bytes, {len(dicom_marked.MARKS)} markers in each")
        runs = _runs(Path(folder))
        rows: dict[str, Row] = {}
        for _ in range(ROUNDS):
            for tool, run in runs.items():
                _keep(rows, _round(tool, run, source, Path(folder, "target")))
        _table(rows, count)


def _runs(folder: Path) -> dict[str, Callable[[Path, Path], tuple[float, float]]]:
    """Every tool that is there, and how it is run over a folder."""
    peers = _peers(folder)
    runs = {
        "ours, one process": lambda source, target: _python(_OURS, source, target, 1),
        "ours, two processes": lambda source, target: _python(_OURS, source, target, 2),
    }
    for tool, code in _TOOLS.items():
        python = Path(sys.executable) if tool.startswith("pydicom") else peers
        if python is not None:
            runs[tool] = _peer(code, python)
    if shutil.which("gdcmanon"):
        runs["gdcmanon batch"] = _gdcmanon(folder)
    else:
        say("gdcmanon is not installed: apt-get install libgdcm-tools")
    return runs


def _peer(code: str, python: Path) -> Callable[[Path, Path], tuple[float, float]]:
    return lambda source, target: _python(code, source, target, 1, python)


def _peers(folder: Path) -> Path | None:
    """The interpreter of a venv with the Python tools, None where they cannot be had."""
    place = os.environ.get("MEDRELEASE_PEERS")
    if place is None:
        place = str(folder / "peers")
        venv.create(place, with_pip=True)
        pip = [f"{place}/bin/python", "-m", "pip", "install", "-q", *PEERS]
        if subprocess.run(pip, check=False).returncode:  # noqa: S603  pip's own client
            say("dicognito, dicom-anonymizer and deid could not be installed")
            return None
    return Path(place, "bin", "python")


def _python(
    code: str, source: Path, target: Path, processes: int, python: Path = Path(sys.executable)
) -> tuple[float, float]:
    """Seconds of the slowest of so many processes that share the files."""
    names = sorted(path.name for path in source.iterdir())
    whole = _HEAD + code + _TAIL
    place = {**os.environ, "PYTHONPATH": str(DAEMON)}
    started = [
        subprocess.Popen(  # noqa: S603  our own code, or a peer's documented call
            [str(python), "-c", whole, str(source), str(target), *names[part::processes]],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=place if code is _OURS else {**os.environ, "PYTHONPATH": ""},
            text=True,
        )
        for part in range(processes)
    ]
    told = [process.communicate()[0].split()[-2:] for process in started]
    if any(len(each) != 2 for each in told):
        return float("nan"), float("nan")
    return max(float(each[0]) for each in told), max(float(each[1]) for each in told)


def _gdcmanon(folder: Path) -> Callable[[Path, Path], tuple[float, float]]:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=bench"]
    paths = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*make, *paths], check=True, capture_output=True)  # noqa: S603

    def run(source: Path, target: Path) -> tuple[float, float]:
        options = ["-c", str(certificate), "-i", str(source), "-o", str(target), "--continue"]
        before, began = os.times(), os.times().elapsed
        command = ["gdcmanon", "-e", *options]
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603
        after = os.times()
        used = after.children_user - before.children_user
        return used + after.children_system - before.children_system, after.elapsed - began

    return run


def _round(
    tool: str, run: Callable[[Path, Path], tuple[float, float]], source: Path, target: Path
) -> Row:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    processor, clock = run(source, target)
    written = sorted(path for path in target.rglob("*.dcm") if path.stat().st_size)
    found = len(dicom_marked.leaks(written[0].read_bytes())) if written else 0
    return Row(tool, len(written), found, processor, clock)


def _keep(rows: dict[str, Row], row: Row) -> None:
    """Keep the best of the rounds."""
    old = rows.get(row.tool, row)
    best = min(old.processor, row.processor), min(old.clock, row.clock)
    rows[row.tool] = row._replace(processor=best[0], clock=best[1])


def _table(rows: dict[str, Row], count: int) -> None:
    plain = rows["pydicom read+save"]
    heads = ("files/s by processor", "by the clock", "x pydicom")
    say(f"{'tool':<22}{'written':>8}{'leaks':>7}{heads[0]:>22}{heads[1]:>14}{heads[2]:>11}")
    for row in rows.values():
        rates = count / row.processor, count / row.clock
        ratio = plain.processor / row.processor
        line = f"{rates[0]:>22.0f}{rates[1]:>14.0f}{ratio:>11.2f}"
        say(f"{row.tool:<22}{row.written:>8}{row.leaks:>7}{line}")
    ours = rows["ours, one process"]
    say(_mark("one process, cleaned and verified", ours.processor, "pydicom", plain.processor))
    if "gdcmanon batch" in rows:
        two, batch = rows["ours, two processes"], rows["gdcmanon batch"]
        say(_mark("two processes", two.processor, "gdcmanon", batch.processor))


def _mark(what: str, ours: float, whose: str, theirs: float) -> str:
    kept = "kept" if ours < theirs else "missed"
    return f"mark, {what} faster than {whose}: {kept} ({theirs / ours:.2f} times its rate)"


def say(text: str) -> None:
    """One line on standard output."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
