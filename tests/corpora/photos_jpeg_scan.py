"""JPEG files with a marker inside an entropy-coded scan, which no list of segments reaches."""

import io
import re

from PIL import Image

from corpora import jpeg_coefficients
from corpora.photos_base import Planted, marker, picture, saved

_CODED_END = re.compile(rb"\xff[^\x00\xd0-\xd7]")
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")


def planted(seed: int) -> list[Planted]:
    """(hiding place, JPEG file, marker) for every place inside a scan."""
    image = picture(seed)
    plain, progressive = saved(image, "JPEG"), saved(image, "JPEG", progressive=True)
    grey, restarts = saved(image.convert("L"), "JPEG"), saved(image, "JPEG", restart_marker_rows=1)
    files: list[Planted] = []
    for name, jpeg in (("", plain), (" grey", grey), (" progressive", progressive)):
        for number in range(_scans(jpeg)):
            mark = marker("jpeg scan", name, str(number))
            files.append(
                (f"jpeg behind the blocks{name} {number}", _behind(jpeg, number, mark), mark)
            )
    for number in (0, 2):
        mark = marker("jpeg interval", str(number))
        files.append(
            (f"jpeg behind an interval {number}", _in_interval(restarts, number, mark), mark)
        )
    mark = marker("jpeg further interval")
    files.append(
        ("jpeg further interval", restarts[:-2] + b"\xff\xd3" + mark + restarts[-2:], mark)
    )
    files.append(_filling(image))
    tall = {"4:2:0": plain, "grey": grey, "progressive": progressive, "restarts": restarts}
    files += [_cropped(name, jpeg, 96, 32) for name, jpeg in tall.items()]
    files.append(_cropped("outside blocks", plain, 88, 56))
    files.append(_cropped("outside blocks progressive", progressive, 88, 56))
    files.append(_named(saved(image.convert("CMYK"), "JPEG")))
    return files


def held(seed: int) -> list[tuple[str, bytes, str]]:
    """(name, file, reason) of scans that are cut although the file is closed."""
    image = picture(seed)
    found = []
    for name, options in (("", {}), (" progressive", {"progressive": True}), (" restarts", _ROWS)):
        jpeg = saved(image, "JPEG", **options)
        found += [
            (f"cut late{name} {cut}", jpeg[: -2 - cut].rstrip(b"\xff") + b"\xff\xd9", "incomplete")
            for cut in (3, 30, 300)
        ]
    return found


_ROWS = {"restart_marker_rows": 1}


def _scan_ends(jpeg: bytes) -> list[int]:
    """Offsets of the markers behind the scans."""
    ends = []
    for found in re.finditer(rb"\xff\xda", jpeg):
        end = _CODED_END.search(jpeg, found.end())
        assert end is not None
        ends.append(end.start())
    return ends


def _scans(jpeg: bytes) -> int:
    return len(_scan_ends(jpeg))


def _behind(jpeg: bytes, number: int, mark: bytes) -> bytes:
    at = _scan_ends(jpeg)[number]
    return jpeg[:at] + mark + jpeg[at:]


def _in_interval(jpeg: bytes, number: int, mark: bytes) -> bytes:
    at = [found.start() for found in _RESTART.finditer(jpeg, jpeg.index(b"\xff\xda"))][number]
    return jpeg[:at] + mark + jpeg[at:]


def _filling(image: Image.Image) -> Planted:
    """The marker in the bits that fill the last byte of each interval."""
    mark = marker("jpeg filling")
    jpeg = saved(image, "JPEG", restart_marker_blocks=1, subsampling=0)
    tails = jpeg_coefficients.read(jpeg).tails
    start, end = jpeg.index(b"\xff\xda") + 14, _scan_ends(jpeg)[0]
    bits = "".join(f"{byte:08b}" for byte in mark).ljust(sum(map(len, tails)), "0")
    written, at = b"", 0
    for number, interval in enumerate(_RESTART.split(jpeg[start:end])):
        count = len(tails[number])
        plain = bytearray(interval.replace(b"\xff\0", b"\xff"))
        plain[-1] = plain[-1] >> count << count | int(bits[at : at + count] or "0", 2)
        at += count
        written += bytes(plain).replace(b"\xff", b"\xff\0") + bytes((0xFF, 0xD0 + number % 8))
    return "jpeg filling", jpeg[:start] + written[:-2] + jpeg[end:], mark


def _cropped(name: str, jpeg: bytes, width: int, height: int) -> Planted:
    """Less of the picture declared than is coded; the marker is coded data of the rest."""
    found = re.search(rb"\xff[\xc0\xc2]", jpeg)
    assert found is not None
    at, end = found.start() + 5, _scan_ends(jpeg)[-1]
    declared = jpeg[:at] + height.to_bytes(2) + width.to_bytes(2) + jpeg[at + 4 :]
    return f"jpeg rows beyond height {name}", declared, declared[end - 26 : end - 6]


def _named(jpeg: bytes) -> Planted:
    """A name in the identifiers of the components."""
    at, mark = jpeg.index(b"\xff\xc0") + 10, b"Jane"
    changed = bytearray(jpeg)
    scan = jpeg.index(b"\xff\xda") + 5
    for place, letter in enumerate(mark):
        changed[at + 3 * place] = changed[scan + 2 * place] = letter
    return "jpeg names of components", bytes(changed), mark


def filled(jpeg: bytes) -> bytes:
    """The bits that fill the last byte of each interval of a file, as bytes."""
    bits = "".join(jpeg_coefficients.read(jpeg).tails)
    return int(bits or "0", 2).to_bytes(-(-len(bits) // 8)) if bits else b""


def opened(jpeg: bytes) -> Image.Image:
    """A file decoded by Pillow."""
    return Image.open(io.BytesIO(jpeg))
