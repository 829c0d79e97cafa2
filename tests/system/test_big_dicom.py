"""Objects larger than the memory they may cost: copied through, and proved, piece by piece."""

import os
from collections.abc import Iterator
from pathlib import Path
from struct import pack
from typing import Any

import pytest

from corpora import dicoms
from corpora.dicom_cleaning import KEY, LABEL
from medrelease.release.operations import ROLES
from medrelease.workers.process import Order, WorkerProcess

PEAK = 200 << 20
FRAME = 1024 * 1024 * 2
LARGEST = 0xFFFFFFFE // FRAME * FRAME
"""Bytes of whole frames that a 32-bit length can tell (PS3.5 section 7.1.1)."""

OPTIONS: dict[str, Any] = {
    "patient_label": LABEL,
    "route_key": KEY.hex(),
    "subject": "s",
    "hsc": True,
    "identifiers": [dicoms.HC_NUMBER],
    "published": [LABEL],
    "format": "dicom",
    "dicom_options": [],
}


def _write_cine(path: Path, size: int) -> None:
    """A multi-frame object of `size` bytes of pixels, twelve bits in sixteen; mostly a hole."""
    elements = dicoms.image("xa")
    numbers = {0x00280010: 1024, 0x00280011: 1024, 0x00280100: 16, 0x00280101: 12, 0x00280102: 11}
    for tag, number in numbers.items():
        elements[tag] = dicoms.element(tag, "US", pack("<H", number))
    elements[0x00280008] = dicoms.element(0x00280008, "IS", str(size // FRAME).encode())
    del elements[0x7FE00010]
    head = dicoms.file(elements) + pack("<HH2sHI", 0x7FE0, 0x10, b"OW", 0, size)
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + size)
        for place in (0, size // 2, size - FRAME):
            file.seek(len(head) + place)
            file.write(bytes((37 * n >> 3) % 16 if n % 2 else n % 251 for n in range(FRAME)))


def _peak(worker: WorkerProcess) -> int:
    """The most bytes that were resident at once, pages of mapped files included."""
    lines = Path(f"/proc/{worker.pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) << 10


@pytest.fixture(name="descriptors")
def _descriptors(tmp_path: Path) -> Iterator[tuple[int, int]]:
    flags = os.O_RDWR | os.O_CREAT
    opened = os.open(tmp_path / "source", flags), os.open(tmp_path / "finished", flags)
    yield opened
    for name, descriptor in zip(("source", "finished"), opened, strict=True):
        os.close(descriptor)
        (tmp_path / name).unlink()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("size", [300 << 20, pytest.param(LARGEST, marks=pytest.mark.full)])
def test_pixels_pass_without_being_held(
    tmp_path: Path, descriptors: tuple[int, int], size: int
) -> None:
    """Clean and prove each stay under 200 MB, all told, however long the pixel data is."""
    source, finished = descriptors
    _write_cine(tmp_path / "source", size)
    answers = {}
    for operation in ("probe", "clean", "prove"):
        role = ROLES[operation]
        order = Order("medrelease.release.operations", (operation,), role, 1 << 30)
        worker = WorkerProcess(order)
        reads = [source, finished] if operation == "prove" else [source]
        writes = [finished] if operation == "clean" else []
        try:
            answers[operation] = worker.ask(operation, reads, writes, OPTIONS, 600.0)
            assert _peak(worker) < PEAK, operation
        finally:
            worker.close()
    proved = answers["prove"]
    assert proved["source_sha256"] == answers["probe"]["sha256"]
    assert size < proved["size"] == os.fstat(finished).st_size < size + 4096
