from collections.abc import Callable

def prove(
    data: memoryview,
    start: int,
    scan: bytes,
    tables: tuple[bytes, ...],
    seen: tuple[bytearray, ...],
    masked: bytes | None,
    sink: Callable[[bytes], object] | None,
    /,
) -> tuple[int, int, int]: ...
def spread(
    data: memoryview,
    start: int,
    scan: bytes,
    tables: tuple[bytes, ...],
    seen: tuple[bytearray, ...],
    masked: bytes | None,
    wanted: int,
    /,
) -> tuple[int, tuple[int, int, int, int], tuple[bytes, ...]]: ...
def lossless(
    data: memoryview, start: int, samples: int, step: int, tables: tuple[bytes, ...], /
) -> tuple[int, int, bytes]: ...
def scan_end(data: memoryview, start: int, /) -> int: ...
def unfiltered(coded: object, above: object, back: int, /) -> bytes | None: ...
