"""Whatever is done to a clean file, it is refused, or it is the same picture and nothing more."""

import io
import tempfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from corpora import clean_photos as clean
from corpora import photos_bmp, photos_gif, photos_heif, photos_jp2, photos_webp
from corpora.cleaned import cleaned
from medrelease.terms.flow import Hold
from medrelease.verify import Accepted, Options, verify

CLEAN = {
    "jpeg": clean.jpeg(),
    "jpeg progressive": clean.jpeg("L", progressive=True),
    "jpeg turned": clean.with_segment(
        clean.jpeg(), 0xE1, b"Exif\0\0" + clean.exif_block([clean.orientation_entry(6)])
    ),
    "png": clean.png(),
    "png palette": clean.png("P"),
    "png alpha": clean.png("RGBA"),
    "tiff": clean.tiff("L"),
    "tiff deflate": clean.tiff("RGB", compression="tiff_deflate"),
    "tiff jpeg": clean.tiff("L", compression="jpeg"),
    "bmp": clean.encoded("BMP", clean.picture()),
    "bmp palette": cleaned(clean.encoded("BMP", clean.picture("P")))[1],
    "bmp runs": cleaned(dict(photos_bmp.faithful(1))["bmp runs 8"])[1],
    "gif": cleaned(photos_gif.encoded(1))[1],
    "gif animated": cleaned(photos_gif.animated(1))[1],
    "webp": photos_webp.encoded(1),
    "webp lossless": photos_webp.lossless(1),
    "webp animated": photos_webp.animated(1),
    "jp2": cleaned(photos_jp2.encoded(1))[1],
    "heic": cleaned(photos_heif.grid("heic", 1).written())[1],
    "avif": cleaned(photos_heif.with_alpha("avif", 1).written())[1],
}

STARTS = [
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"II*\0",
    b"MM\0+",
    b"BM",
    b"GIF89a",
    b"\xff\x4f\xff\x51",
    b"\0\0\0\x0cjP  \r\n\x87\n",
    b"RIFF\x40\0\0\0WEBPVP8 ",
    b"\0\0\0\x18ftypheic",
    b"",
]

edits = st.lists(
    st.tuples(
        st.sampled_from(["flip", "insert", "delete", "copy"]),
        st.floats(0, 1, exclude_max=True),
        st.binary(min_size=1, max_size=12),
    ),
    min_size=1,
    max_size=3,
)


def edited(data: bytes, changes: list[tuple[str, float, bytes]]) -> bytes:
    """Return the file with each change made at its relative place."""
    for kind, place, body in changes:
        at = int(place * len(data))
        if kind == "flip":
            data = data[:at] + bytes([data[at] ^ (body[0] or 1)]) + data[at + 1 :]
        elif kind == "insert":
            data = data[:at] + body + data[at:]
        elif kind == "delete":
            data = data[:at] + data[at + len(body) :]
        else:
            data = data[:at] + data[at // 2 : at // 2 + 64] + data[at:]
        data = data or b"\0"
    return data


def proved(source: bytes, finished: bytes) -> Accepted | Hold:
    """Return the verdict on a pair of files."""
    with tempfile.TemporaryFile() as before, tempfile.TemporaryFile() as after:
        before.write(source)
        after.write(finished)
        before.flush()
        after.flush()
        return verify(before.fileno(), after.fileno(), Options())


def decoded(data: bytes) -> np.ndarray:
    """Return the pixels as Pillow decodes them."""
    return np.array(Image.open(io.BytesIO(data)).convert("RGBA"))


@pytest.mark.parametrize("name", CLEAN)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=edits)
def test_an_accepted_change_changes_nothing(name, changes):
    """A mutated finished file is a Hold, or has the picture and hardly a byte more."""
    source = CLEAN[name]
    finished = edited(source, changes)
    verdict = proved(source, finished)
    assert isinstance(verdict, Accepted | Hold)
    if isinstance(verdict, Accepted):
        assert len(finished) <= len(source) + 16
        assert (decoded(finished) == decoded(source)).all()


@pytest.mark.parametrize("name", CLEAN)
@settings(max_examples=40, deadline=None)
@given(extra=st.binary(min_size=1, max_size=64).filter(any))
def test_appended_bytes_are_always_refused(name, extra):
    """Nothing may stand behind the end."""
    assert isinstance(proved(CLEAN[name], CLEAN[name] + extra), Hold)


@pytest.mark.parametrize("name", CLEAN)
@settings(max_examples=60, deadline=None)
@given(changes=edits)
def test_a_broken_source_is_a_value(name, changes):
    """No source, however broken, brings the door down."""
    assert isinstance(proved(edited(CLEAN[name], changes), CLEAN[name]), Accepted | Hold)


@settings(max_examples=200, deadline=None)
@given(
    start=st.sampled_from(STARTS),
    rest=st.binary(max_size=400),
)
def test_noise_is_a_value(start, rest):
    """Noise behind any signature is held on both sides."""
    assert isinstance(proved(start + rest, start + rest), Hold)
