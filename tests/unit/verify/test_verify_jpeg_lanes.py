"""A long scan is leapt over in several places at once, and judged as a plain reading judges it."""

import hashlib
import io
import random

import numpy as np
import pytest
from PIL import Image

from medrelease.verify import _entropy as proving
from medrelease.verify import jpeg_values
from medrelease.verify import jpeg_walk as walk
from medrelease.verify.jpeg_frame import Frame, Scan

SHORTEST = 1 << 18
"""Bytes that a scan must have to be read in lanes."""


def large(size: tuple[int, int], mode: str = "RGB", **how: object) -> bytearray:
    """A noisy picture with well over SHORTEST coded bytes."""
    noise = np.random.default_rng(size[0]).normal(128, 40, (size[1], size[0], len(mode)))
    pixels = noise.clip(0, 255).astype(np.uint8)
    file = io.BytesIO()
    image = Image.fromarray(pixels[:, :, 0] if mode == "L" else pixels)
    image.save(file, "JPEG", **{"quality": 90, "subsampling": 2, **how})
    assert file.tell() > 2 * SHORTEST
    return bytearray(file.getvalue())


PICTURES = {
    "whole MCUs": large((1024, 1024)),
    "dummy blocks at both edges": large((1033, 1001)),
    "no subsampling": large((900, 801), subsampling=0, quality=80),
    "grey": large((1500, 1203), "L"),
    "long intervals": large((1033, 1601), quality=95, restart_marker_rows=50),
    "own tables": large((1000, 1001), optimize=True),
}


def told(data: bytes | bytearray) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """What the reading in lanes and the plain one say of the one scan of a picture."""
    view, frame = memoryview(bytes(data)), Frame()
    for segment in walk.segments(view, strict=False):
        frame.feed(segment, hashlib.sha256())
    (scan,) = frame.scans
    tables = tuple(dict.fromkeys(table for pair in scan.tables for table in pair))
    numbers = jpeg_values.Passes(view, frame)._numbers(scan, tables)
    given = (view, scan.start, numbers, tables, (), None)
    return proving.prove(*given, None), proving.prove(*given, lambda _: None)


def scan_of(data: bytearray) -> Scan:
    """The one scan of a picture."""
    frame = Frame()
    for segment in walk.segments(memoryview(bytes(data)), strict=False):
        frame.feed(segment, hashlib.sha256())
    return frame.scans[0]


@pytest.mark.parametrize("name", PICTURES)
def test_a_clean_scan_is_found_clean(name: str) -> None:
    """Lanes come to the same end, without a remark."""
    lanes, plain = told(PICTURES[name])
    assert lanes == plain
    assert lanes == (0, scan_of(PICTURES[name]).stop, 0)


@pytest.mark.parametrize("name", PICTURES)
def test_a_changed_scan_is_judged_alike(name: str) -> None:
    """Whatever happens to the coded bytes, at any place, both readings say the same of it."""
    scan, random_ = scan_of(PICTURES[name]), random.Random(name)
    verdicts = set()
    for _ in range(6):
        data = bytearray(PICTURES[name])
        at = random_.randrange(scan.start, scan.stop - 400)
        kind = random_.randrange(4)
        if kind == 0:
            data[at] ^= 1 << random_.randrange(8)
        elif kind == 1:
            data[at:at] = b"Jane Doe"
        elif kind == 2:
            del data[at : at + random_.randrange(1, 300)]
        else:
            data[at : at + 40] = bytes(40)
        lanes, plain = told(data)
        assert lanes == plain
        verdicts.add(lanes)
    assert verdicts != {(0, scan.stop, 0)}


def test_what_is_behind_the_last_block_is_remarked() -> None:
    """Bytes behind the picture are seen although the lanes leapt over nearly all of it."""
    for name, picture in PICTURES.items():
        data, stop = bytearray(picture), scan_of(picture).stop
        data[stop:stop] = b"Jane Doe"
        lanes, plain = told(data)
        assert lanes == plain, name
        assert lanes[0] == 0
        assert lanes[2] & 1, name
