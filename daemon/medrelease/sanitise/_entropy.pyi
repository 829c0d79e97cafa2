from typing import Any

def walk(
    data: memoryview,
    start: int,
    scan: bytes,
    tables: list[bytes],
    nonzero: list[bytearray] | None,
    masked: bytes | None,
    /,
) -> tuple[int, int, int, int]: ...
def recode(
    data: memoryview,
    start: int,
    scan: bytes,
    tables: list[bytes],
    nonzero: list[bytearray] | None,
    masked: bytes | None,
    /,
) -> tuple[tuple[int, int, int, int], bytes | None, list[bytes]]: ...
def unfilter(coded: object, above: object, step: int, /) -> bytes | None: ...
def __getattr__(name: str) -> Any: ...
