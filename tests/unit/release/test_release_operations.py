"""The operations behind the workers' walls: one picture of every format is cleaned and proved."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpora import photos
from medrelease.release import answers, operations
from medrelease.terms.flow import Probe
from medrelease.terms.words import Format
from medrelease.workers.local import LocalPool
from medrelease.workers.protocol import Job

SAMPLES = dict(photos.faithful()) | {name: data for name, data, _ in photos.planted()}
CLEAN = {
    "patient_label": "23 02210",
    "route_key": bytes(32).hex(),
    "subject": "0123456789",
    "dicom_options": [],
    "hsc": True,
}
PROVE = {"identifiers": [], "published": [], "dicom_options": []}


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalPool, Path]]:
    """The real pool with one worker a role, and its folder."""
    folder = tmp_path_factory.mktemp("private")
    opened = LocalPool(
        folder,
        operations.__name__,
        processes=1,
        memory_bytes=1 << 30,
        timeout=60,
        roles=operations.ROLES,
        forked=operations.FORKED,
    )
    yield opened, folder
    opened.close()


@pytest.mark.parametrize(
    "name",
    [
        "jpeg progressive",
        "png alpha",
        "tiff lzw",
        "tiff group3",
        "tiff zstd tiles",
        "tiff webp",
        "tiff jpegxl",
        "tiff lerc",
        "tiff jpeg 2000",
        "tiff translucent",
        "tiff hidden colour lzw",
        "tiff beyond the page group 4",
        "jpeg codes that nothing uses progressive",
        "webp",
        "webp alpha lossless",
        "webp animated",
        "jp2",
        "jp2 alpha",
    ],
)
def test_cleaning_and_proof_work_behind_the_walls(pool: tuple[LocalPool, Path], name: str) -> None:
    """Nothing that a format needs is loaded only when the file system is closed."""
    workers, folder = pool
    (folder / "source").write_bytes(SAMPLES[name])
    found = workers.submit(Job("probe", ("source",), (), 1)).result()
    seen = answers.read_probe(found)
    assert isinstance(seen, Probe)
    (folder / "finished").unlink(missing_ok=True)
    operation = operations.suited("clean", seen)
    cleaned = workers.submit(Job(operation, ("source",), ("finished",), 1, CLEAN)).result()
    assert "held" not in cleaned
    operation = operations.suited("prove", seen)
    options = {**PROVE, "format": seen.format.value}
    proved = workers.submit(Job(operation, ("source", "finished"), (), 1, options)).result()
    assert proved["source_sha256"] == found["sha256"]


def test_native_operations_fork() -> None:
    """What calls native decoders or models runs in a child, and shares a role with no other."""
    assert operations.ROLES.keys() == operations.OPERATIONS.keys()
    for operation, role in operations.ROLES.items():
        sharing = {other for other, its in operations.ROLES.items() if its == role}
        assert (operation in operations.FORKED) == (sharing <= operations.FORKED)
    assert operations.suited("clean", Probe(Format.WEBP, "", 1)) in operations.FORKED
    assert operations.suited("prove", Probe(Format.TIFF, "", 1, native=True)) in operations.FORKED
    assert operations.suited("prove", Probe(Format.JPEG, "", 1)) == "prove"
