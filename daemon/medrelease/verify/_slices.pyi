def walk(
    coding: tuple[int, ...],
    columns: tuple[int, ...],
    rows: tuple[int, ...],
    slices: list[tuple[int, int, int, int, int, int, bytes, tuple[int, ...]]],
    /,
) -> int: ...
