"""What a worker needs for one large file, above what it needs idle: a table by format.

    scripts/bench memory [--slide MEGABYTES] [NAME]...

Each file is cleaned in a child of the role `clean` and proved in one of the role `prove`, warm as
the service's workers are. Peak is VmHWM less that of the idle child (mapped pages of both files
count), as a multiple of the file's size; the mark is 3. A slide's peak must not grow with its
levels. Cost is CPU time.
"""

import argparse
import io
import json
import os
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from isal import isal_zlib
from PIL import Image

from medrelease.release import operations
from medrelease.sanitise.png_chunks import chunk

MARK = 3.0
Told = dict[str, Any]
say = sys.stdout.write
_CLEAN = {"patient_label": "x", "route_key": "00" * 32, "subject": "x", "dicom_options": []}
_PROVE = {"identifiers": ["012 345 6789", "23 02210"], "published": [], "dicom_options": []}
_TILE, _EDGE = 256, 16


def main() -> int:
    """Print the table; 1 where a file needs more than the mark, or is held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slide", type=int, default=150, help="megabytes of a slide's first level")
    parser.add_argument("names", nargs="*", help="only files whose name begins so")
    wanted = parser.parse_args()
    failed = False
    say(f"{'':<26}{'MB':>6}{'clean':>9}{'prove':>9}{'peak clean':>12}{'peak prove':>12}\n")
    with tempfile.TemporaryDirectory() as folder:
        for name, write in files(wanted.slide).items():
            if not wanted.names or name.startswith(tuple(wanted.names)):
                failed |= not row(name, write, Path(folder))
    return int(failed)


def row(name: str, write: Callable[[Path], None], folder: Path) -> bool:
    """Measure one file and print its line; whether it keeps to the mark."""
    place, target = folder / "source", folder / "target"
    write(place)
    size = place.stat().st_size
    cleaned, proved = both(place, target)
    if proved is None:
        say(f"{name:<26}{size / 1e6:>6.0f}  held: {cleaned['answer'].get('detail')}\n")
        return False
    peaks = [one["peak"] / size for one in (cleaned, proved)]
    say(f"{name:<26}{size / 1e6:>6.0f}{cleaned['cpu']:>7.2f} s{proved['cpu']:>7.2f} s")
    say(
        "".join(
            f"{one['peak'] / 1e6:>5.0f} MB {peak:>2.1f}x"
            for one, peak in zip((cleaned, proved), peaks, strict=True)
        )
    )
    say(f"  {proved['answer'].get('proof') or proved['answer'].get('detail')}\n")
    sys.stdout.flush()
    return max(peaks) <= MARK and "proof" in proved["answer"]


def both(place: Path, target: Path) -> tuple[Told, Told | None]:
    """What cleaning and proving one file cost, each in a role of its own; no proof if held."""
    cleaned = in_role("clean", [place], [target], {**_CLEAN, "hsc": False})
    form = cleaned["answer"].get("format")
    if form is None:
        return cleaned, None
    return cleaned, in_role("prove", [place, target], [], {**_PROVE, "format": form})


def in_role(
    operation: str, reads: Sequence[Path], writes: Sequence[Path], options: dict[str, object]
) -> Told:
    """Run one operation in a warm child; {answer, cpu (seconds), peak (bytes above idle)}."""
    hearing, speaking = os.pipe()
    child = os.fork()
    if child:
        os.close(speaking)
        with os.fdopen(hearing, "rb") as said:
            heard = said.read()
        os.waitpid(child, 0)
        return json.loads(heard)
    try:
        role = operations.ROLES[operation]
        operations.warm(role)
        operations.warm(f"{role}-native")
        given = [os.open(one, os.O_RDONLY) for one in reads]
        taken = [os.open(one, os.O_RDWR | os.O_CREAT | os.O_TRUNC) for one in writes]
        Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here on
        idle, begun = peak(), time.process_time()
        answer = operations.OPERATIONS[operation](given, taken, options)
        told = {"answer": answer, "cpu": time.process_time() - begun, "peak": peak() - idle}
        with os.fdopen(speaking, "wb") as said:
            said.write(json.dumps(told).encode())
    finally:
        os._exit(0)


def peak() -> int:
    """The most memory that was resident in this process, in bytes (proc(5), VmHWM)."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) << 10


# --- the files ----------------------------------------------------------------------------------


def files(slide: int) -> dict[str, Callable[[Path], None]]:
    """Every file of the table by name, with what writes it."""
    photo = pixels(4000, 3000)
    alpha = np.dstack([photo, np.add.outer(range(3000), range(4000)) % 3 * 127]).astype(np.uint8)
    image, clear = Image.fromarray(photo), Image.fromarray(alpha)
    grey = image.convert("L")

    def saved(one: Image.Image, form: str, **how: object) -> Callable[[Path], None]:
        return lambda place: one.save(place, form, **how)

    def tiff(**how: object) -> Callable[[Path], None]:
        return lambda place: tifffile.imwrite(
            place, photo, photometric="rgb", rowsperstrip=64, description="Jane Doe", **how
        )

    large = Image.fromarray(pixels(6000, 4000))
    found = {
        "JPEG": saved(large, "JPEG", quality=95),
        "JPEG progressive": saved(large, "JPEG", quality=95, progressive=True),
        "JPEG recoded": lambda place: place.write_bytes(surplus(large)),
        "PNG": saved(image, "PNG", compress_level=1),
        "PNG RGBA recoded": saved(clear, "PNG", compress_level=1),
        "PNG interlaced recoded": lambda place: place.write_bytes(interlaced(alpha)),
        "PNG palette": saved(image.quantize(256), "PNG", compress_level=1),
        "TIFF": tiff(),
        "TIFF Deflate": tiff(compression="zlib", predictor=True),
        "TIFF LZW": tiff(compression="lzw"),
        "TIFF one strip": lambda place: tifffile.imwrite(
            place, photo, photometric="rgb", rowsperstrip=3000, compression="zlib"
        ),
        "BMP": saved(image, "BMP"),
        "BMP alpha": saved(clear, "BMP"),
        "GIF": saved(grey, "GIF"),
        "WebP lossy": saved(large, "WEBP", quality=95, method=0),
        "WebP lossless": saved(image, "WEBP", lossless=True, quality=10, method=0),
        "WebP alpha recoded": saved(clear, "WEBP", lossless=True, quality=10, method=0, exact=True),
        "JPEG 2000": saved(image, "JPEG2000"),
        "JPEG 2000 alpha recoded": saved(clear, "JPEG2000"),
    }
    for number in (1, 4, 8):
        found[f"slide, {number} levels"] = lambda place, n=number: slide_of(place, slide, n)
    found["slide, 8 levels, half"] = lambda place: slide_of(place, slide // 2, 8)
    return found


def pixels(wide: int, high: int) -> np.ndarray:
    """A noisy picture, from a seed, shape (high, wide, 3)."""
    random = np.random.default_rng(1)
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    waves = [128 + 80 * np.sin(x / 300) + 30 * np.sin(y / 50), 128 + 60 * np.cos(y / 200 + x / 900)]
    waves.append(100 + 50 * np.sin((x + y) / 170))
    noisy = np.stack(waves, axis=-1) + random.normal(0, 8, (high, wide, 1)).astype(np.float32)
    noisy += random.integers(-6, 7, (high, wide, 3), dtype=np.int8)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def surplus(image: Image.Image) -> bytes:
    """A JPEG with bytes behind the last block of its scan."""
    sink = io.BytesIO()
    image.save(sink, "JPEG", quality=95)
    return sink.getvalue()[:-2] + b"Jane Doe" + b"\xff\xd9"


def interlaced(alpha: np.ndarray) -> bytes:
    """An Adam7 PNG, RGBA of 8 bits, rows not filtered."""
    high, wide = alpha.shape[:2]
    grids = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)]
    rows = bytearray()
    for x, y, across, down in [*grids, (0, 1, 1, 2)]:
        part = alpha[y::down, x::across]
        rows += np.insert(part.reshape(len(part), -1), 0, 0, axis=1).tobytes()
    head = struct.pack(">IIBBBBB", wide, high, 8, 6, 0, 0, 1)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(name, data)
        for name, data in ((b"IHDR", head), (b"IDAT", isal_zlib.compress(rows, 1)), (b"IEND", b""))
    )


def slide_of(place: Path, megabytes: int, levels: int) -> None:
    """A pyramid in BigTIFF with so many megabytes of JPEG tiles in its first level."""
    picture = Image.fromarray(pixels(_TILE * 4, _TILE))
    coded = []
    for left in range(0, _TILE * 4, _TILE):
        sink = io.BytesIO()
        picture.crop((left, 0, left + _TILE, _TILE)).save(sink, "JPEG", quality=85, subsampling=2)
        coded.append(sink.getvalue())
    edge = int((megabytes * 1e6 / len(coded[0])) ** 0.5)
    with tifffile.TiffWriter(place, bigtiff=True) as file:
        for level in range(levels):
            across = max(1, edge >> level)
            file.write(
                (coded[number % 4] for number in range(across * across)),
                shape=(across * _TILE, across * _TILE, 3),
                dtype=np.uint8,
                tile=(_TILE, _TILE),
                photometric="ycbcr",
                subsampling=(2, 2),
                compression="jpeg",
                subfiletype=int(level > 0),
                metadata=None,
            )


if __name__ == "__main__":
    sys.exit(main())
