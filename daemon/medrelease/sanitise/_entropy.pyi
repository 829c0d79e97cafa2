from typing import Any

def walk(
    data: memoryview,
    start: int,
    scan: bytes,
    tables: list[bytes],
    nonzero: list[bytearray] | None,
    masked: bytes | None,
    tight: int,
    /,
) -> tuple[tuple[int, int, int, int], list[bytes]]: ...
def spread(
    data: memoryview | bytes,
    start: int,
    scan: bytes,
    tables: list[bytes],
    nonzero: None,
    masked: None,
    tight: int,
    /,
) -> tuple[int, tuple[int, int, int, int], list[bytes]]: ...
def recode(
    data: memoryview,
    start: int,
    scan: bytes,
    tables: list[bytes],
    nonzero: list[bytearray] | None,
    masked: bytes | None,
    tight: int,
    /,
) -> tuple[tuple[int, int, int, int], bytes | None, list[bytes]]: ...
def unfilter(coded: object, above: object, step: int, /) -> bytes | None: ...
def lossless(
    data: memoryview, start: int, samples: int, interval: int, tables: list[bytes], /
) -> tuple[int, int, bytes | None]: ...
def __getattr__(name: str) -> Any: ...
