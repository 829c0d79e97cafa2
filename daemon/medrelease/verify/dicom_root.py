"""What attributes at the root of an object say of its picture, in a source or a finished one."""

from typing import TypeVar

from medrelease.verify.dicom_samples import Picture
from medrelease.verify.dicom_walk import Leaf
from medrelease.verify.refusal import malformed

PIXELS = frozenset((0x7FE00008, 0x7FE00009, 0x7FE00010))
CLASS = 0x00080016
_PHOTOMETRIC, _FRAMES = 0x00280004, 0x00280008
_SHOWN = {0x00281052: "rescale intercept", 0x00281053: "rescale slope", 0x00280030: "spacing"}
_MOST_REMEMBERED = 1 << 13
_TOLD = frozenset((_PHOTOMETRIC, _FRAMES, *_SHOWN))

_Made = TypeVar("_Made")


def remember(memo: dict[bytes, _Made | None], key: bytes, made: _Made | None) -> None:
    """Keep what was made of an element; a memo that is full begins anew."""
    if len(memo) >= _MOST_REMEMBERED:
        memo.clear()
    memo[key] = made


def uid(leaf: Leaf) -> str:
    """The UID in a value, without its padding."""
    return bytes(leaf.value).rstrip(b"\0 ").decode("latin-1")


def no_picture() -> Picture:
    """A picture of which nothing is known yet."""
    return Picture({}, "", 1, None, [])


def note_pixels(picture: Picture, leaf: Leaf) -> None:
    """Note pixel data, or one fragment of it. Raises Refusal(malformed)."""
    if leaf.vr == "fragment":
        picture.fragments.append(memoryview(leaf.value))
    elif picture.native is not None:
        malformed("the object has more than one kind of pixel data")
    else:
        picture.native = leaf


def note_attribute(picture: Picture, leaf: Leaf, shown: list[tuple[str, str]]) -> None:
    """Note an attribute of the root's group 0028, which decides how pixels are read or shown."""
    if leaf.tag in _TOLD:
        text = bytes(leaf.value).partition(b"\0")[0].strip().decode("latin-1")
        if leaf.tag == _PHOTOMETRIC:
            picture.photometric = text
        elif leaf.tag in _SHOWN:
            shown.append((_SHOWN[leaf.tag], text))
        elif text.isdigit():
            picture.frames = int(text)
    elif leaf.vr in ("US", "SS") or (leaf.vr == "UN" and len(leaf.value) == 2):
        picture.numbers[leaf.tag] = int.from_bytes(leaf.value[:2], leaf.order)
