"""Whole slides in TIFF with a marker in each hiding place; written by tifffile, from a seed."""

import io
import struct

import numpy as np
import tifffile
from PIL import Image

from corpora.photos_base import Planted, icc_profile, marker, picture

SIZE, TILE = (256, 192), (64, 64)
TEXT = (
    "Aperio Image Library v11.2.1\r\n256x192 [0,100 256x192] (64x64) JPEG/RGB Q=70|AppMag = 20"
    "|StripeWidth = 2040|ScanScope ID = CPAPERIOCS|Filename = {}|Date = 12/29/09|Time = 09:59:15"
    "|User = b414003d-95c6-48b0-9369-8010ed517ba7|Parmset = USM Filter|MPP = 0.49900|Left = 25.69"
)


def levels(seed: int, count: int = 3) -> list[np.ndarray]:
    """The seeded picture, and each time at half the size, as RGB."""
    image = picture(seed, SIZE)
    shapes = [(SIZE[0] >> step, SIZE[1] >> step) for step in range(count)]
    return [np.asarray(image.resize(shape, Image.Resampling.BOX)) for shape in shapes]


def svs(seed: int, mark: str = "-", **changed: object) -> bytes:
    """An Aperio slide: level, thumbnail, levels, label, macro; each with its description.

    `changed` may name `text` (of the first page), `label`, `macro`, `thumbnail` (descriptions),
    `compression`, `count` (levels), `bigtiff` and `extratags`.
    """
    sink = io.BytesIO()
    coding = {"photometric": "rgb", "compression": changed.get("compression", "jpeg")}
    first, *further = levels(seed, int(str(changed.get("count", 3))))
    tags = changed.get("extratags", ())
    text = changed.get("text", TEXT.format(mark))
    with tifffile.TiffWriter(sink, bigtiff=bool(changed.get("bigtiff"))) as file:
        coding["metadata"] = None
        named = changed.get("software", False)
        file.write(first, tile=TILE, description=text, extratags=tags, software=named, **coding)
        thumbnail = np.asarray(picture(seed, (64, 48)))
        named = changed.get("thumbnail", "Aperio Image Library\r\n256x192 -> 64x48 - |" + mark)
        plain = {"metadata": None, "photometric": "rgb"}
        file.write(thumbnail, rowsperstrip=16, compression="jpeg", description=named, **plain)
        for level in further:
            file.write(level, tile=TILE, description=text, **coding)
        for kind, name in ((1, "label"), (9, "macro")):
            drawn = np.asarray(picture(seed + kind, (80, 60)))
            told = changed.get(name, f"Aperio Image Library\r\n{name} 80x60|{mark}")
            file.write(
                drawn,
                subfiletype=kind,
                compression="lzw",
                description=told,
                rowsperstrip=60,
                **plain,
            )
    return sink.getvalue()


def pyramid(seed: int, mark: str = "-", reduced: int = 1, **options: object) -> bytes:
    """A pyramid in the main chain, as libvips writes one."""
    sink = io.BytesIO()
    with tifffile.TiffWriter(sink) as file:
        for number, level in enumerate(levels(seed)):
            file.write(
                level,
                tile=TILE,
                subfiletype=reduced if number else 0,
                description=mark,
                photometric="rgb",
                metadata=None,
                **{"compression": "zlib", **options},
            )
    return sink.getvalue()


def with_label(seed: int, mark: str, name: str) -> bytes:
    """A pyramid followed by a picture in strips with a name."""
    sink = io.BytesIO(pyramid(seed))
    with tifffile.TiffWriter(sink, append=True) as file:
        file.write(
            np.asarray(picture(seed + 9, (80, 60))),
            photometric="rgb",
            description=f"{name} {mark}",
            metadata=None,
        )
    return sink.getvalue()


def ndpi(seed: int) -> bytes:
    """A TIFF with the tags of a Hamamatsu slide."""
    sink = io.BytesIO()
    tags = [(65420, 4, 1, 1, True), (65421, 11, 1, 20.0, True)]
    tifffile.imwrite(sink, levels(seed, 1)[0], photometric="rgb", extratags=tags, metadata=None)
    return sink.getvalue()


def _text(tag: int, mark: str) -> tuple[int, int, int, str, bool]:
    return (tag, 2, len(mark) + 1, mark, True)


def planted(seed: int) -> list[Planted]:
    """(hiding place, slide, marker) for every place that can be cleaned."""
    found: list[Planted] = []
    for place, build in _PLACES.items():
        mark = marker("svs", place)
        found.append((f"svs {place}", build(seed, mark.decode()), mark))
    return found


def _jpeg_comment(seed: int, mark: str) -> bytes:
    """A slide with a comment inside the first tile of its largest level."""
    data = bytearray(svs(seed))
    with tifffile.TiffFile(io.BytesIO(bytes(data))) as file:
        page = file.pages[0]
        start, size = page.dataoffsets[0], page.databytecounts[0]
        places = page.tags[324].valueoffset, page.tags[325].valueoffset
    comment = b"\xff\xfe" + struct.pack(">H", len(mark) + 2) + mark.encode()
    tile = data[start : start + 2] + comment + data[start + 2 : start + size]
    struct.pack_into("<I", data, places[0], len(data))
    struct.pack_into("<I", data, places[1], len(tile))
    return bytes(data + tile)


def _profile(seed: int, mark: str) -> bytes:
    profile = icc_profile(mark.encode(), "description")
    return svs(seed, extratags=[(34675, 7, len(profile), profile, True)])


_PLACES = {
    "file name in the description": lambda seed, mark: svs(seed, text=TEXT.format(mark)),
    "magnification": lambda seed, mark: svs(seed, text=TEXT.replace("20|", f"20{mark}|")),
    "header of the description": lambda seed, mark: svs(seed, text=TEXT.replace("v11", mark)),
    "label": lambda seed, mark: svs(seed, label="Aperio\r\nlabel " + mark),
    "label without a name": lambda seed, mark: svs(seed, label=mark),
    "macro": lambda seed, mark: svs(seed, macro="Aperio\r\nmacro " + mark),
    "thumbnail": lambda seed, mark: svs(seed, thumbnail="Aperio\r\n " + mark),
    "software": lambda seed, mark: svs(seed, software=mark),
    "artist": lambda seed, mark: svs(seed, extratags=[_text(315, mark)]),
    "private tag": lambda seed, mark: svs(seed, extratags=[_text(65000, mark)]),
    "xmp": lambda seed, mark: svs(seed, extratags=[(700, 1, len(mark), mark.encode(), True)]),
    "comment in a tile": _jpeg_comment,
    "trailer": lambda seed, mark: svs(seed) + mark.encode(),
    "icc description": _profile,
    "pyramid description": pyramid,
    "pyramid label": lambda seed, mark: with_label(seed, mark, "Label"),
    "pyramid macro": lambda seed, mark: with_label(seed, mark, "macro image"),
}


def held(seed: int) -> list[tuple[str, bytes, str]]:
    """(name, file, reason) of slides that may not be cleaned."""
    unsupported = "format-not-supported"
    untold = levels(seed, 1)[0]
    sink = io.BytesIO()
    with tifffile.TiffWriter(sink) as file:
        for part in (untold, untold[:90, :200]):
            file.write(part, tile=TILE, photometric="rgb", metadata=None)
    return [
        ("slide of Hamamatsu", ndpi(seed), unsupported),
        ("slide with a page of its own", with_label(seed, "-", "page"), unsupported),
        ("slide with levels that do not fit", sink.getvalue(), unsupported),
    ]


def faithful(seed: int) -> list[tuple[str, bytes]]:
    """(name, file) of pyramids whose every level must survive."""
    return [
        ("tiff pyramid", pyramid(seed)),
        ("tiff pyramid unmarked", pyramid(seed, reduced=0, compression="jpeg")),
    ]
