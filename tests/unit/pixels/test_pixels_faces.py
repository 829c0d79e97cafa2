"""Faces, covered eyes, and that a model which is not the measured one is refused."""

from pathlib import Path

import numpy as np
import pytest

from corpora import faces as people
from medrelease.pixels import faces
from medrelease.pixels.faces import FaceModel
from medrelease.pixels.faults import ModelMissing
from medrelease.workers.local import LocalPool
from medrelease.workers.protocol import Job


@pytest.fixture(scope="module")
def net() -> FaceModel:
    """The face net, loaded once."""
    return faces.load()


def test_an_absent_or_altered_model_is_refused(tmp_path: Path, net: FaceModel) -> None:
    """No file and a file with one byte changed both raise ModelMissing; the hash is told."""
    with pytest.raises(ModelMissing, match="cannot be read"):
        faces.load(tmp_path)
    (tmp_path / faces.MODEL).write_bytes(b"another net")
    with pytest.raises(ModelMissing, match="altered"):
        faces.load(tmp_path)
    assert set(net.hashes) == {faces.MODEL}
    assert set(net.hashes.values()) <= faces.KNOWN


@pytest.mark.parametrize("degrees", [0, 90, 160])
def test_a_plain_face_is_recognisable_however_it_is_turned(net: FaceModel, degrees: int) -> None:
    """The astronaut is found where she is, and her eyes are seen to be open."""
    sample = people.astronaut()
    found = faces.find_faces(net, people.turned(sample.picture, degrees))
    assert found.recognisable
    assert not found.eyes_covered
    if degrees == 0:
        middle = (np.array(sample.left) + sample.right) / 2
        assert any(
            region.left < middle[0] < region.right and region.top < middle[1] < region.bottom
            for region in found.regions
        )


@pytest.mark.parametrize("kind", people.BARS)
def test_covered_eyes_are_seen(net: FaceModel, kind: str) -> None:
    """Each kind of bar over the eyes is told from open eyes."""
    picture = people.with_bar(people.astronaut(), kind, 0.2, 3)
    assert faces.find_faces(net, people.as_jpeg(picture[20:220, 120:330], 90)).eyes_covered


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (300, 2), (16, 24), (48, 32, 3)])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_small_and_flat_frames_show_no_face(
    net: FaceModel, shape: tuple[int, ...], depth: type[np.unsignedinteger]
) -> None:
    """Noise and flat frames of any shape and depth are looked at without a fault or a finding."""
    rng = np.random.default_rng(5)
    for frame in (rng.integers(0, 255, shape).astype(depth), np.full(shape, 90, depth)):
        assert faces.find_faces(net, frame) == faces.Faces(False, False, ())


def test_all_of_it_works_inside_a_workers_walls(tmp_path: Path) -> None:
    """In a child forked for one file the nets loaded before the walls closed still see."""
    picture = people.astronaut().picture
    (tmp_path / "source").write_bytes(picture.tobytes())
    pool = LocalPool(
        tmp_path,
        "corpora.pixel_operations",
        processes=1,
        memory_bytes=1 << 30,
        timeout=120.0,
        roles={"look": "look"},
        forked=frozenset({"look"}),
    )
    try:
        job = Job("look", ("source",), (), 1, {"rows": 512, "columns": 512})
        said = pool.submit(job).result()
    finally:
        pool.close()
    assert said["recognisable"]
    assert not said["eyes_covered"]
    assert said["left"] >= 0
