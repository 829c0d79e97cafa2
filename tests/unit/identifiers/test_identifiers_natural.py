"""The natural order of paths: as people expect it, total, and safe with any bytes."""

from medrelease.identifiers.natural import sort_key


def test_digits_by_value_and_case_folded() -> None:
    """IMG_2 comes before img_10, whatever the case, and folders are compared part by part."""
    paths = [b"b/IMG_10.jpg", b"b/img_2.jpg", b"B/IMG_1.jpg", b"a 10/x", b"a 9/x", b"a/z"]
    assert sorted(paths, key=sort_key) == [
        b"a/z",
        b"a 9/x",
        b"a 10/x",
        b"B/IMG_1.jpg",
        b"b/img_2.jpg",
        b"b/IMG_10.jpg",
    ]


def test_total_order() -> None:
    """Names that read alike keep a fixed order, by their bytes."""
    alike = [b"img_01", b"img_1", b"IMG_1", b"img_001"]
    backwards = list(reversed(alike))
    assert sorted(alike, key=sort_key) == sorted(backwards, key=sort_key)
    assert len({sort_key(path) for path in alike}) == 4


def test_any_bytes() -> None:
    """Names that are no UTF-8, or thousands of digits, do not disturb the order."""
    paths = [b"\xff\xfe2", b"\xff\xfe10", b"9" * 5000, b"8" * 5000, b"", b"\xd9\xa1"]
    assert sorted(paths, key=sort_key)[0] == b""
    assert sort_key(b"8" * 5000) < sort_key(b"9" * 5000)
    assert sort_key(b"\xff\xfe2") < sort_key(b"\xff\xfe10")
