"""What the readers of sources find: every text that a photograph can carry."""

import io
import struct
import zlib

import pytest
import tifffile

from corpora import clean_photos as clean
from medrelease.verify import exif, icc, iptc, png, tiff, xmp
from medrelease.verify.jpeg import read_source

PLANTED = "Siobhan O'Neill"
PACKET = f"<x:xmpmeta><rdf:li name='{PLANTED.replace(chr(39), '&apos;')}'/></x:xmpmeta>".encode()
IIM = b"\x1c\x02\x78" + struct.pack(">H", len(PLANTED)) + PLANTED.encode()
RAW = PLANTED.encode()


def has(texts: tuple[str | bytes, ...]) -> bool:
    """Return whether the planted name is among the texts, whole or as a part."""
    return any(PLANTED in text for text in texts if isinstance(text, str))


@pytest.mark.parametrize(
    ("marker", "payload"),
    [
        (0xFE, RAW),
        (0xE1, b"Exif\0\0" + clean.exif_block([clean.text_entry(0x13B, PLANTED)])),
        (0xE1, b"Exif\0\0" + clean.exif_block([clean.text_entry(0x13B, PLANTED)], ">")),
        (0xE1, b"Exif\0\0broken" + RAW),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + PACKET),
        (0xED, b"Photoshop 3.0\x008BIM\x04\x04" + IIM),
        (0xE2, b"MPF\0" + RAW),
        (0xEB, b"JP" + RAW),
        (0xE0, b"JFXX\0" + RAW),
        (0xEE, b"Adobe\0\x64\0\0\0\0\x01" + RAW),
        (0xE2, b"ICC_PROFILE\0\1\1" + RAW),
    ],
)
def test_texts_of_a_jpeg(marker, payload):
    """A name in any segment is learnt, so that it can be searched for."""
    data = clean.with_segment(clean.jpeg(), marker, payload)
    assert has(read_source(memoryview(data)).texts)


@pytest.mark.parametrize("soiled", [clean.jpeg() + RAW, clean.jpeg()[:2] + clean.jpeg()[2:] + RAW])
def test_texts_behind_a_jpeg(soiled):
    """A trailer is read as well."""
    assert has(read_source(memoryview(soiled)).texts)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        (b"tEXt", b"Author\0" + RAW),
        (b"zTXt", b"Author\0\0" + zlib.compress(RAW)),
        (b"iTXt", b"Author\0\0\0en\0\0" + RAW),
        (b"iTXt", b"Author\0\1\0en\0\0" + zlib.compress(RAW)),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + PACKET),
        (b"tEXt", b"Raw profile type iptc\0\niptc\n      20\n" + IIM.hex().encode()),
        (b"eXIf", clean.exif_block([clean.text_entry(0x13B, PLANTED)])),
        (b"prVt", RAW),
        (b"iCCP", RAW + b"\0\0" + zlib.compress(clean.srgb_profile())),
    ],
)
def test_texts_of_a_png(name, body):
    """A name in any chunk is learnt, compressed and hexadecimal ones included."""
    data = clean.with_chunk(clean.png(), name, body)
    assert has(png.read_source(memoryview(data)).texts)


def test_a_png_time_is_a_text():
    """The hour of the last change is written out as EXIF would."""
    data = clean.with_chunk(clean.png(), b"tIME", bytes.fromhex("07e70506070809"))
    assert "2023:05:06 07:08:09" in png.read_source(memoryview(data)).texts


@pytest.mark.parametrize("tag", [270, 271, 305, 315, 33432])
def test_texts_of_a_tiff(tag):
    """A string tag of a page is learnt; the numbers that place the picture are not."""
    texts = tiff.read_source(memoryview(clean.tiff(tiffinfo={tag: PLANTED}))).texts
    assert has(texts)
    assert not tiff.read_source(memoryview(clean.tiff())).texts


def test_texts_of_a_jpeg_tile():
    """A comment inside a tile is learnt."""
    sink = io.BytesIO()
    tifffile.imwrite(sink, clean.pixels(), tile=(16, 16), compression="jpeg", photometric="rgb")
    jfif = clean.segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
    comment = clean.segment(0xFE, PLANTED[:14].encode())
    assert jfif in sink.getvalue()
    texts = tiff.read_source(memoryview(sink.getvalue().replace(jfif, comment))).texts
    assert PLANTED[:14] in texts


def test_coordinates_are_learnt_raw_and_in_words():
    """A latitude is looked for as its rationals, in decimal degrees and in its parts."""
    value = struct.pack("<6I", 54, 1, 35, 1, 477, 10)
    pointer = (0x8825, 4, 1, struct.pack("<I", 26))
    block = clean.exif_block([pointer]) + struct.pack("<HHHIII", 1, 2, 5, 3, 44, 0) + value
    found = exif.texts(memoryview(block))
    assert value in found
    assert {"54.596583", "54 35 47.7"} <= set(map(str, found))


def test_wide_and_coded_texts_of_exif():
    """Windows' UTF-16 tags and UserComment's character codes are decoded."""
    wide = PLANTED.encode("utf-16-le")
    comment = b"UNICODE\0" + wide
    block = clean.exif_block([(0x9C9D, 1, len(wide), wide), (0x9286, 7, len(comment), comment)])
    assert [text for text in exif.texts(memoryview(block)) if text == PLANTED][1:]


def test_values_of_a_packet():
    """Attributes and element texts are taken, entities resolved; namespaces are not."""
    packet = b"<a xmlns:b='http://ns.adobe.com/x/'><c d=\"Mary &amp; Ann\">Byrne</c></a>"
    assert xmp.texts(packet) == ["Mary & Ann", "Byrne"]
    assert xmp.texts(packet.decode().encode("utf-16-le")) == ["Mary & Ann", "Byrne"]


def test_data_sets_of_a_record():
    """A short data set is learnt too, though it is no printable run."""
    assert "Ann" in iptc.texts(b"\x1c\x02\x50\0\x03Ann")


def test_texts_of_a_profile_are_learnt_and_refused():
    """A profile's description is a text of the source, and has no place in a finished file."""
    profile = clean.srgb_profile()
    assert any("sRGB" in text for text in icc.texts(profile))
    with pytest.raises(Exception, match="profile"):
        icc.prove_clean(profile)
