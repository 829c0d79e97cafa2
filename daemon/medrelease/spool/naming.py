"""Names for files that are put down where a name may be taken or become too long."""

from collections.abc import Iterator

NOTE_SUFFIX = b".WHY.txt"
_LONGEST_NAME = 255
_LONGEST_SUFFIX = 32
_LONGEST_CHARACTER = 4


def candidates(name: bytes, release_id: str, room: int = 0) -> Iterator[bytes]:
    """The name itself, then with `~` and the release id's last six characters, then all of it.

    `room` is the number of bytes kept free for what is put after the name; where 255 bytes
    would be passed, the stem is cut.
    """
    whole = release_id.encode()
    for tag in (b"", b"~" + whole[-6:], b"~" + whole):
        yield _fitted(name, tag, room)


def _fitted(name: bytes, tag: bytes, room: int) -> bytes:
    stem, suffix = _split_suffix(name)
    space = _LONGEST_NAME - len(tag) - len(suffix) - room
    return _cut(stem, space) + tag + suffix


def _split_suffix(name: bytes) -> tuple[bytes, bytes]:
    """Stem and suffix with its dot; a leading dot or an overlong ending is no suffix."""
    stem, dot, ending = name.rpartition(b".")
    if not stem or len(ending) > _LONGEST_SUFFIX:
        return name, b""
    return stem, dot + ending


def _cut(stem: bytes, length: int) -> bytes:
    """At most `length` bytes of a stem, never ending inside a UTF-8 character."""
    if len(stem) <= length:
        return stem
    end = length
    while end > length - _LONGEST_CHARACTER and stem[end] & 0xC0 == 0x80:
        end -= 1
    return stem[: end if stem[end] & 0xC0 != 0x80 else length]
