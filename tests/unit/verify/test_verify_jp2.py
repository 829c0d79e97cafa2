"""JPEG 2000: one clean form byte for byte, every tile up to its last packet."""

import hashlib
import struct
from collections import Counter

import pytest

from corpora import photos_jp2 as jp2
from corpora.cleaned import cleaned
from corpora.photos_base import saved
from medrelease.sanitise.dicom import codestream
from medrelease.terms.flow import Hold, Sanitised
from medrelease.terms.words import Proof
from medrelease.verify import Accepted
from medrelease.verify.dicom_frames import jpeg_2000
from medrelease.verify.refusal import Refusal


def test_colour_under_zero_opacity_is_proved_by_the_pixels(prove):
    """A picture with hidden colour is coded anew; what shows is equal, what hid is refused."""
    source = saved(jp2.translucent(3, hidden=b"SIOBHAN ONEILL"), "JPEG2000", comment="")
    finished = cleaned(source)[1]
    assert prove(source, finished).proof is Proof.PIXELS_IDENTICAL
    soiled = jp2.with_stream(finished, jp2.stream_of(source))
    assert isinstance(prove(source, soiled), Hold)


def test_another_picture_colour_or_channel_is_seen(prove):
    """Another codestream, another colour space and another meaning of a channel are refused."""
    clean = cleaned(jp2.encoded(1))[1]
    assert isinstance(prove(jp2.encoded(2), clean), Hold)
    grey = clean.replace(b"\0\0\0\x10\0\0", b"\0\0\0\x12\0\0", 1)
    other = clean.replace(b"colr\1\0\0\0\0\0\x10", b"colr\1\0\0\0\0\0\x12")
    assert other != clean
    assert grey == clean or isinstance(prove(jp2.encoded(1), grey), Hold)
    assert isinstance(prove(jp2.encoded(1), other), Hold)


@pytest.mark.parametrize(
    ("depth", "each", "goes"),
    [
        (b"\7", b"", True),
        (b"\xff", b"", False),
        (b"\xff", b"\7\7\7", True),
        (b"\xff", b"\7\7\x0f", False),
        (b"\7", b"\x0f\7\7", False),
        (b"\x0f", b"", False),
    ],
)
def test_depths_that_contradict_the_codestream_are_held(prove, depth, each, goes):
    """A header that sends the reader to depths that are absent or others is held by each room."""
    clean = cleaned(jp2.encoded(1))[1]
    at = clean.index(b"ihdr") + 4
    header, behind = clean[at : at + 10] + depth + clean[at + 11 : at + 14], clean[at + 14 :]
    listed = struct.pack(">I4s", 8 + len(each), b"bpcc") + each if each else b""
    start = clean.index(b"jp2h") - 4
    length = struct.unpack_from(">I", clean, start)[0] + len(listed)
    source = clean[:start] + struct.pack(">I", length) + clean[start + 4 : at]
    source += header + listed + behind
    assert isinstance(cleaned(source)[0], Sanitised) is goes
    assert isinstance(prove(source, clean), Accepted) is goes


@pytest.mark.parametrize("size", [1, 7, 40, 4000])
def test_bytes_behind_the_packets_are_refused(prove, size):
    """However long what stands behind a tile's last packet is, it is found by the packets."""
    clean = cleaned(jp2.encoded(2, tile_size=(64, 48)))[1]
    data = jp2.in_tile(clean, tail=bytes(at * 7 % 251 for at in range(size)))
    assert prove(data, data).detail == "JPEG 2000 file in a form that is not allowed"


def test_a_frame_of_a_dicom_object_ends_with_its_packets():
    """Bytes behind a tile's packets inside a frame are cut, and refused where they were not."""
    frame = memoryview(jp2.stream_of(jp2.in_tile(jp2.encoded(3), tail=b"SIOBHAN ONEILL")))
    counts = Counter()
    finished = b"".join(codestream.jpeg_2000(frame, counts))
    assert (counts["frame-segment"], counts["frame-tail"]) == (1, 1)
    assert b"SIOBHAN" not in finished
    before, after = hashlib.sha256(), hashlib.sha256()
    jpeg_2000(frame, before, strict=False)
    jpeg_2000(memoryview(finished), after, strict=True)
    assert before.digest() == after.digest()
    with pytest.raises(Refusal):
        jpeg_2000(frame, hashlib.sha256(), strict=True)


def test_a_resolution_spells_nothing(prove):
    """Of fractions that no device has nothing is left; one that is real stays what it says."""
    text = jp2.box(b"resc", b"Jane Doe w") + jp2.box(b"resd", b"ard 7 4711")
    data = jp2.in_header(jp2.encoded(1), b"res ", text)
    finished = cleaned(data)[1]
    assert b"Jane" not in finished
    assert b"ard 7" not in finished
    assert isinstance(prove(data, finished), Accepted)
    real = jp2.box(b"resd", struct.pack(">4H2b", 30000, 254, 30000, 254, 2, 2))
    kept = cleaned(jp2.in_header(jp2.encoded(1), b"res ", real))[1]
    at = kept.index(b"resd") + 4
    top, bottom, _, _, up, _ = struct.unpack_from(">4H2b", kept, at)
    assert top / bottom * 10**up == pytest.approx(300 / 0.0254, rel=1e-4)
