"""One file with every detector: what is asked of them, what is told of it, and how it ends."""

import os
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from corpora import pictures
from medrelease.pixels import examining, loops, writing
from medrelease.pixels.calibration import Calibrated
from medrelease.pixels.codes import Codes
from medrelease.pixels.compact import MOST, compact
from medrelease.pixels.devices import Facts
from medrelease.pixels.faces import Faces
from medrelease.pixels.faults import CannotDecode, SelfTestFailed
from medrelease.pixels.nets import Nets
from medrelease.pixels.options import Options
from medrelease.pixels.region import Region
from medrelease.pixels.writing import Writing
from medrelease.terms.flow import Examined, Hold, Mask
from medrelease.terms.words import Format, Reason

NETS: Any = SimpleNamespace(text=None, face=None, hashes={"net.onnx": "0" * 64})
CORNER = Region(0, 0, 40, 30)


@pytest.fixture
def detectors(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Detectors that answer what the test puts here, and note what they were shown."""
    told: dict[str, Any] = {
        "writing": Writing((CORNER,), kept=1, identifiers=2, hc=("012 345 6789",)),
        "codes": Codes((), fills=False),
        "faces": Faces(False, False, ()),
        "left": 0,
        "shown": [],
    }

    def find_writing(
        _models: object, frame: np.ndarray, wish: object, *, believed: bool = True
    ) -> Writing:
        told["shown"].append(frame.shape)
        told["wish"] = wish
        found: Writing = told["writing"]
        return found

    monkeypatch.setattr(writing, "find_writing", find_writing)
    monkeypatch.setattr(loops, "find_writing", find_writing)
    monkeypatch.setattr(writing, "still_sees", lambda *_: told["left"])
    monkeypatch.setattr(examining.codes, "find_codes", lambda _: told["codes"])
    monkeypatch.setattr(examining.faces, "find_faces", lambda *_: told["faces"])
    return told


@pytest.fixture
def look() -> Iterator[Callable[..., Examined | Hold]]:
    """Examine bytes as a file of a format."""
    opened = []

    def at(data: bytes, form: Format = Format.PNG, nets: Nets = NETS, **more: Any) -> Any:
        descriptor = os.memfd_create("picture")
        opened.append(descriptor)
        os.write(descriptor, data)
        return examining.examine(descriptor, nets, Options(form, **more))

    yield at
    for descriptor in opened:
        os.close(descriptor)


def test_all_that_is_seen_is_told(detectors: dict[str, Any], look: Callable[..., Any]) -> None:
    """Masks in stored rows, counts, the number, the share, faces and the models' hashes."""
    detectors["codes"] = Codes((Region(200, 200, 100, 50),), fills=False)
    detectors["faces"] = Faces(True, True, ())
    detectors["left"] = 3
    seen = look(pictures.saved(pictures.smooth(1), "PNG"), keep=("L",), identifiers=("SMITH",))
    assert seen == Examined(
        masks=(Mask(None, 200, 200, 100, 50), Mask(None, 0, 0, 40, 30)),
        text=1,
        codes=1,
        kept=1,
        identifiers=2,
        residual=3,
        hc=("012 345 6789",),
        masked_share=pytest.approx((5000 + 1200) / 120000),
        face=True,
        eyes_covered=True,
        models=NETS.hashes,
    )
    assert (detectors["wish"].keep, detectors["wish"].identifiers) == (("L",), ("SMITH",))


def test_every_page_has_masks_of_its_own(
    detectors: dict[str, Any], look: Callable[..., Any]
) -> None:
    """Pages of a TIFF are looked at one by one, and so is alpha that is not flat."""
    detectors["writing"] = Writing((CORNER,), 0, 0, ())
    picture = pictures.smooth(2)
    ramp = np.arange(400, dtype=np.uint16).astype(np.uint8)[None].repeat(300, 0)
    second = pictures.as_image(np.dstack([picture, ramp]))
    data = pictures.saved(picture, "TIFF", save_all=True, append_images=[second])
    seen = look(data, Format.TIFF)
    assert {mask.page for mask in seen.masks} == {0, 1}
    assert detectors["shown"] == [(300, 400, 3), (300, 400, 3), (300, 400)]


def test_a_loop_has_masks_for_all_of_its_frames(
    detectors: dict[str, Any], look: Callable[..., Any]
) -> None:
    """An animation is looked at as one, with masks that hold for every frame."""
    frames = [pictures.as_image(pictures.smooth(n)) for n in range(30)]
    data = pictures.saved(pictures.smooth(99), "GIF", save_all=True, append_images=frames)
    seen = look(data, Format.GIF)
    assert {mask.page for mask in seen.masks} == {None}
    assert len(detectors["shown"]) < 15


def test_known_places_of_a_device_are_masked_besides(
    detectors: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are counted apart, take part in the share, and what was read there stays counted."""
    facts = Facts("US", "", "", 300, 400, (Calibrated(0, 40, 399, 299, 1, 1),))
    monkeypatch.setattr(examining.dicom_device, "facts", lambda _: facts)
    left: list[tuple[Region, ...]] = []
    monkeypatch.setattr(writing, "still_sees", lambda *given: left.append(given[2]) or 0)
    descriptor = os.memfd_create("picture")
    os.write(descriptor, pictures.saved(pictures.smooth(1), "PNG"))
    seen = examining.examine(descriptor, NETS, Options(Format.PNG), descriptor)
    os.close(descriptor)
    assert isinstance(seen, Examined)
    assert (seen.devices, seen.text) == (1, 1)
    assert seen.masks == (Mask(None, 0, 0, 400, 40),)
    assert seen.masked_share == pytest.approx(40 / 300)
    assert set(left[0]) == {Region(0, 0, 400, 40), CORNER}


def test_what_cannot_be_looked_at_is_a_hold(
    detectors: dict[str, Any], look: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A blind net, damaged data, too little time and too little memory each have their reason."""
    data = pictures.saved(pictures.smooth(3), "PNG")
    assert look(data[:2000]).reason is Reason.MALFORMED
    assert look(data, seconds=-1.0).reason is Reason.LIMITS_EXCEEDED
    detectors["writing"] = Writing((), 0, 0, (), self_test=False)
    assert look(data).reason is Reason.SELF_TEST_FAILED
    detectors["writing"] = Writing((), 0, 0, ())
    for raised, reason in (
        (SelfTestFailed("not seen"), Reason.SELF_TEST_FAILED),
        (MemoryError(), Reason.LIMITS_EXCEEDED),
    ):

        def fails(*_: object, raised: BaseException = raised) -> int:
            raise raised

        monkeypatch.setattr(writing, "still_sees", fails)
        assert look(data).reason is reason


def test_only_so_many_masks_are_told() -> None:
    """Repeats and what lies inside another are left out; beyond the limit the file is held."""
    outer = Mask(0, 0, 0, 100, 100)
    inside = [Mask(0, n, n, 10, 10) for n in range(50)]
    assert compact([outer, *inside, outer]) == (outer,)
    elsewhere = Mask(1, 5, 5, 10, 10)
    assert set(compact([outer, elsewhere])) == {outer, elsewhere}
    with pytest.raises(CannotDecode) as raised:
        compact([Mask(0, 2 * n, 0, 1, 1) for n in range(MOST + 1)])
    assert raised.value.reason is Reason.LIMITS_EXCEEDED
