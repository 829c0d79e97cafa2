"""WebP files with a marker in each hiding place: Pillow codes pictures, chunks are by hand."""

import io
import struct

import numpy as np
from PIL import Image

from corpora.photos_base import Planted, exif_block, icc_profile, marker, picture, saved

_LOSSLESS = {"lossless": True, "quality": 50, "method": 1}


def encoded(seed: int, **options: object) -> bytes:
    """A plain lossy WebP of the seed's picture."""
    return saved(picture(seed), "WEBP", **({"quality": 80} | options))


def lossless(seed: int, **options: object) -> bytes:
    """A lossless WebP of the seed's picture."""
    return saved(picture(seed), "WEBP", **(_LOSSLESS | options))


def translucent(seed: int, *, hidden: bytes = b"") -> Image.Image:
    """A picture with an alpha ramp; `hidden` stands in the colour of its transparent pixels."""
    rgba = np.array(picture(seed).convert("RGBA"))
    rgba[..., 3] = np.arange(rgba.shape[1]) + 40
    rgba[:8] = 0
    if hidden:
        raw = np.frombuffer(hidden.ljust(24, b"\0"), np.uint8).reshape(8, 3)
        rgba[2, 10:18, :3] = raw
    return Image.fromarray(rgba)


def animated(seed: int, frames: int = 3, **options: object) -> bytes:
    """An animation whose frames differ."""
    first, *rest = [picture(seed + number).rotate(9 * number) for number in range(frames)]
    settings = {"duration": 40, "loop": 3, "save_all": True, "append_images": rest, "quality": 70}
    return saved(first, "WEBP", **(settings | options))


def chunks(data: bytes, start: int = 12, end: int | None = None) -> list[tuple[bytes, bytes]]:
    """Name and content of the chunks of a file, or of a range of it."""
    found, at = [], start
    end = len(data) if end is None else end
    while at + 8 <= end:
        name, size = struct.unpack_from("<4sI", data, at)
        found.append((name, data[at + 8 : at + 8 + size]))
        at += 8 + size + (size & 1)
    return found


def joined(parts: list[tuple[bytes, bytes]], pad: bytes = b"\0") -> bytes:
    """Chunks one behind the other; an odd one is padded with `pad`."""
    return b"".join(
        name + struct.pack("<I", len(content)) + content + pad[: len(content) & 1]
        for name, content in parts
    )


def assembled(parts: list[tuple[bytes, bytes]], tail: bytes = b"", pad: bytes = b"\0") -> bytes:
    """A file of these chunks."""
    body = joined(parts, pad)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body + tail


def extended(
    data: bytes,
    *more: tuple[bytes, bytes],
    flags: int = 0,
    before: tuple[tuple[bytes, bytes], ...] = (),
    head_tail: bytes = b"",
) -> bytes:
    """A simple file made an extended one, with chunks in front of and behind its picture."""
    with Image.open(io.BytesIO(data)) as image:
        size = b"".join((side - 1).to_bytes(3, "little") for side in image.size)
    canvas = (b"VP8X", bytes((flags, 0, 0, 0)) + size + head_tail)
    return assembled([canvas, *before, *chunks(data), *more])


def longer(data: bytes, more: bytes, which: int = 0) -> bytes:
    """A file one of whose chunks has more bytes at its end."""
    parts = chunks(data)
    name, content = parts[which]
    parts[which] = (name, content + more)
    return assembled(parts)


def in_first_partition(data: bytes, more: bytes) -> bytes:
    """A lossy file with bytes at the end of its first partition."""
    ((name, content),) = chunks(data)
    tag = int.from_bytes(content[:3], "little")
    end = 10 + (tag >> 5)
    tag += len(more) << 5
    return assembled([(name, tag.to_bytes(3, "little") + content[3:end] + more + content[end:])])


def in_frame(data: bytes, *more: tuple[bytes, bytes], tail: bytes = b"") -> bytes:
    """An animation with chunks, or bytes behind the picture, in its first frame."""
    parts = chunks(data)
    at = next(number for number, (name, _) in enumerate(parts) if name == b"ANMF")
    content = parts[at][1]
    inner = chunks(content, 16)
    inner[-1] = (inner[-1][0], inner[-1][1] + tail)
    parts[at] = (b"ANMF", content[:16] + joined([*inner, *more]))
    return assembled(parts)


def faithful(seed: int) -> list[tuple[str, bytes]]:
    """(name, file) of pictures whose every property must survive."""
    image = picture(seed)
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = icc_profile(b"-")
    clear = np.array(picture(seed).convert("RGBA"))
    clear[..., 3] = np.arange(clear.shape[1]) + 1
    clear_image = Image.fromarray(clear)
    noise = np.random.default_rng(seed).integers(0, 256, (33, 57, 3), np.uint8)
    return [
        ("webp", encoded(seed)),
        ("webp lossless", lossless(seed)),
        ("webp best", encoded(seed, quality=100, method=6)),
        ("webp odd", saved(picture(seed, (37, 23)), "WEBP")),
        ("webp one pixel", saved(picture(seed, (1, 1)), "WEBP", lossless=True)),
        ("webp noise", saved(Image.fromarray(noise), "WEBP", **_LOSSLESS)),
        ("webp flat", saved(Image.new("RGB", (90, 70), (9, 8, 7)), "WEBP")),
        ("webp flat lossless", saved(Image.new("RGB", (90, 70)), "WEBP", lossless=True)),
        ("webp alpha", saved(clear_image, "WEBP", quality=80, exact=True)),
        ("webp alpha lossless", saved(translucent(seed), "WEBP", exact=True, **_LOSSLESS)),
        ("webp icc", saved(image, "WEBP", icc_profile=profile)),
        ("webp turned", saved(image, "WEBP", exif=exif)),
        ("webp animated", animated(seed)),
        ("webp animated lossless", animated(seed, lossless=True, duration=[20, 500, 70], loop=0)),
    ]


def planted(seed: int) -> list[Planted]:
    """(hiding place, WebP file, marker) for every place that can be cleaned."""
    files: list[Planted] = []
    for place, build in _PLACES.items():
        mark = marker("webp", place)
        files.append((f"webp {place}", build(seed, mark), mark))
    return files


_PLACES = {
    "exif": lambda seed, mark: saved(picture(seed), "WEBP", exif=exif_block(mark)),
    "exif with a prefix": lambda seed, mark: extended(
        encoded(seed), (b"EXIF", b"Exif\0\0" + exif_block(mark)), flags=8
    ),
    "exif gps": lambda seed, mark: saved(picture(seed), "WEBP", exif=exif_block(mark, "gps")),
    "exif maker note": lambda seed, mark: saved(
        picture(seed), "WEBP", exif=exif_block(mark, "maker-note")
    ),
    "exif unflagged": lambda seed, mark: extended(encoded(seed), (b"EXIF", exif_block(mark))),
    "exif second": lambda seed, mark: extended(
        encoded(seed), (b"EXIF", exif_block(b"-")), (b"EXIF", exif_block(mark)), flags=8
    ),
    "xmp": lambda seed, mark: saved(picture(seed), "WEBP", xmp=b"<x:xmpmeta>" + mark),
    "xmp unflagged": lambda seed, mark: extended(encoded(seed), (b"XMP ", mark)),
    "xmp of a simple file": lambda seed, mark: assembled([*chunks(encoded(seed)), (b"XMP ", mark)]),
    "icc text": lambda seed, mark: saved(
        picture(seed), "WEBP", icc_profile=icc_profile(mark, "description")
    ),
    "icc private tag": lambda seed, mark: saved(
        picture(seed), "WEBP", icc_profile=icc_profile(mark, "private")
    ),
    "icc unflagged": lambda seed, mark: extended(
        encoded(seed), before=((b"ICCP", icc_profile(mark, "copyright")),)
    ),
    "unknown chunk": lambda seed, mark: extended(encoded(seed), (b"NOTE", mark)),
    "unknown chunk before": lambda seed, mark: extended(encoded(seed), before=((b"zzzz", mark),)),
    "chunk name": lambda seed, mark: extended(
        encoded(seed), *((mark[at : at + 4], mark) for at in range(0, 20, 4))
    ),
    "canvas tail": lambda seed, mark: extended(encoded(seed), head_tail=mark),
    "second picture": lambda seed, mark: extended(
        encoded(seed), *chunks(longer(lossless(seed + 1), mark))
    ),
    "alpha of a lossless picture": lambda seed, mark: extended(
        lossless(seed), before=((b"ALPH", b"\0" + mark),), flags=0x10
    ),
    "alpha surplus": lambda seed, mark: longer(
        saved(translucent(seed), "WEBP", quality=80), mark, which=1
    ),
    "alpha plain surplus": lambda *given: _plain_alpha(*given),  # noqa: PLW0108 - defined below
    "behind the picture": lambda seed, mark: longer(encoded(seed), mark),
    "behind the lossless picture": lambda seed, mark: longer(lossless(seed), mark),
    "behind the first partition": lambda seed, mark: in_first_partition(encoded(seed), mark),
    "behind a flat picture": lambda seed, mark: longer(
        saved(Image.new("RGB", (90, 70), (9, 8, 7)), "WEBP"), mark
    ),
    "trailer": lambda seed, mark: encoded(seed) + mark,
    "trailing picture": lambda seed, mark: encoded(seed) + longer(encoded(seed + 1), mark),
    "rest of a chunk": lambda seed, mark: _with_rest(encoded(seed), mark),
    "animation unknown chunk": lambda seed, mark: assembled(
        [*chunks(animated(seed)), (b"NOTE", mark)]
    ),
    "animation header tail": lambda seed, mark: _header_tail(animated(seed), mark),
    "frame unknown chunk": lambda seed, mark: in_frame(animated(seed), (b"NOTE", mark)),
    "frame second picture": lambda seed, mark: in_frame(
        animated(seed), *chunks(longer(encoded(seed + 4), mark))
    ),
    "behind a frame's picture": lambda seed, mark: in_frame(animated(seed), tail=mark),
    "animation trailer": lambda seed, mark: animated(seed) + mark,
    "still beside an animation": lambda seed, mark: assembled(
        [*chunks(animated(seed)), *chunks(longer(encoded(seed), mark))]
    ),
}


def _plain_alpha(seed: int, mark: bytes) -> bytes:
    """A lossy picture under an uncompressed alpha plane that is too long."""
    with Image.open(io.BytesIO(encoded(seed))) as image:
        plane = bytes(255 - at % 200 for at in range(image.width * image.height))
    return extended(encoded(seed), before=((b"ALPH", b"\0" + plane + mark),), flags=0x10)


def _with_rest(data: bytes, mark: bytes) -> bytes:
    """A file in whose length fewer bytes follow the last chunk than a chunk's header has."""
    rest = mark[:6]
    body = data[8:] + b"ZZZZ" + struct.pack("<I", len(mark)) + mark + rest
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _header_tail(data: bytes, mark: bytes) -> bytes:
    return assembled([(name, content + mark * (name == b"ANIM")) for name, content in chunks(data)])


def held(seed: int) -> list[tuple[str, bytes, str]]:
    """(name, file, reason) of WebP files that may not be cleaned."""
    plain, moving = encoded(seed), animated(seed)
    ((name, content),) = chunks(plain)
    wide = content[:6] + struct.pack("<HH", 16383, 16383) + content[10:]
    no_frames = [part for part in chunks(moving) if part[0] != b"ANMF"]
    return [
        ("webp cut", plain[: len(plain) // 2], "incomplete"),
        ("webp cut by a byte", plain[:-2], "incomplete"),
        ("webp cut inside", assembled([(name, content[: len(content) // 2])]), "malformed"),
        ("webp cut in its header", assembled([(name, content[:9])]), "incomplete"),
        ("webp lossless cut inside", assembled([(b"VP8L", chunks(lossless(seed))[0][1][:400])]),
         "malformed"),
        ("webp animation cut", moving[: len(moving) // 2], "incomplete"),
        ("webp inter frame", assembled([(name, bytes((content[0] | 1,)) + content[1:])]),
         "malformed"),
        ("webp bomb", assembled([(name, wide)]), "limits-exceeded"),
        ("webp of another size", extended(plain)[:24] + b"\1\0\0" + extended(plain)[27:],
         "malformed"),
        ("webp animation without a frame", assembled(no_frames), "malformed"),
        ("webp without a picture", assembled([(b"EXIF", b"II*\0")]), "malformed"),
        ("webp signature", plain[:12], "incomplete"),
    ]  # fmt: skip
