"""ICC profiles: rendering tags survive, everything that can carry text does not."""

import io
from collections import Counter
from struct import pack, unpack_from

import numpy as np
import pytest
from PIL import ImageCms

from corpora.photos_base import icc_profile, picture
from medrelease.sanitise.icc import rebuild_profile
from medrelease.sanitise.icc_tags import rebuild_value
from medrelease.sanitise.refusal import Refusal


def transformed(profile: bytes) -> np.ndarray:
    """A picture taken from a profile to Lab by littlecms."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    transform = ImageCms.buildTransform(source, lab, "RGB", "LAB")
    image = ImageCms.applyTransform(picture(1), transform)
    assert image
    return np.asarray(image)


@pytest.mark.parametrize("place", ["description", "copyright", "private", "slack"])
def test_colours_are_the_same_without_texts(place: str) -> None:
    """littlecms renders the same colours from a rebuilt profile, and no text of it is left."""
    profile = icc_profile(b"SIOBHAN ONEILL", place)
    actions: Counter[str] = Counter()
    rebuilt = rebuild_profile(profile, actions)
    assert b"ONEILL" not in rebuilt
    assert np.array_equal(transformed(rebuilt), transformed(profile))
    assert actions["icc-text"]


def test_header_fields_that_name_are_cleared() -> None:
    """Maker, model, creator, date and profile identifier of a header are neutral."""
    profile = bytearray(icc_profile(b"-"))
    for at, length in ((4, 4), (24, 12), (40, 4), (48, 8), (80, 4), (84, 16), (100, 28)):
        profile[at : at + length] = (b"ONEILL " * 4)[:length]
    rebuilt = rebuild_profile(bytes(profile), Counter())
    assert b"ONEI" not in rebuilt
    assert unpack_from(">I", rebuilt)[0] == len(rebuilt)


def test_rebuilding_is_stable() -> None:
    """A rebuilt profile is rebuilt to itself."""
    once = rebuild_profile(icc_profile(b"-"), Counter())
    assert rebuild_profile(once, Counter()) == once


@pytest.mark.parametrize(("kind", "width"), [(b"mft1", 1), (b"mft2", 2)])
def test_tables_are_cut_to_their_length(kind: bytes, width: int) -> None:
    """A lookup table of three by three channels keeps its numbers and loses its slack."""
    entries = 256 if width == 1 else 2
    head = b"" if width == 1 else pack(">HH", 2, 2)
    data = bytes(index % 251 for index in range(width * (3 * entries + 8 * 3 + 3 * entries)))
    value = kind + bytes(4) + b"\x03\x03\x02\x00" + bytes(36) + head + data
    assert rebuild_value(value + b"SLACK") == value


def test_pipeline_elements_are_packed() -> None:
    """An A-to-B pipeline keeps its curves, matrix and grid, and nothing between them."""
    curve = b"para" + bytes(4) + bytes(4) + pack(">I", 0x10000)
    grid = b"\x02\x02\x02" + bytes(13) + b"\x01\0\0\0" + bytes(range(24))
    places = (32, 80 + 8, 32 + 48 + 48 + 8, 128 + 8 + 48, 184 + 44)
    body = curve * 3 + b"GAPTEXTS" + bytes(48) + curve * 3 + grid + curve * 3
    value = pack(">4sIBBH5I", b"mAB ", 0, 3, 3, 0, *places) + body
    rebuilt = rebuild_value(value)
    assert b"GAPTEXTS" not in rebuilt
    assert len(rebuilt) == len(value) - 8
    assert rebuild_value(rebuilt) == rebuilt


@pytest.mark.parametrize(
    "damage",
    [
        lambda p: p[:100],
        lambda p: p[:36] + b"xxxx" + p[40:],
        lambda p: p[:12] + b"link" + p[16:],
        lambda p: p[:128] + b"\xff\xff\xff\xff" + p[132:],
        lambda p: p[:140] + b"\xff\xff\xff\xff" + p[144:],
        lambda p: p[:8] + b"\x09" + p[9:],
    ],
)
def test_broken_profiles_are_refused(damage: object) -> None:
    """A profile with a broken header or table raises a refusal, never anything else."""
    with pytest.raises(Refusal):
        rebuild_profile(damage(icc_profile(b"-")), Counter())  # type: ignore[operator]
