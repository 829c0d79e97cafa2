"""DICOM objects: the finished one proved to its last byte.

A finished object has a new container, attributes of the standard's dictionary only, values that
have the form of their representation, no overlay, no private attribute, and a picture that is the
source's. Sources: PS3.3, PS3.5, PS3.6, PS3.10, PS3.15 Annex E.
"""

from dataclasses import dataclass, field
from functools import partial

from medrelease.verify import dicom_picture, dicom_rules, dicom_values
from medrelease.verify.dicom_blanked import blanked
from medrelease.verify.dicom_private import Blocks
from medrelease.verify.dicom_root import (
    CLASS,
    PIXELS,
    no_picture,
    note_attribute,
    note_pixels,
    remember,
    uid,
)
from medrelease.verify.dicom_samples import Picture
from medrelease.verify.dicom_source import read_source
from medrelease.verify.dicom_walk import File, Leaf, Walk, open_file
from medrelease.verify.reading import Reading
from medrelease.verify.refusal import malformed

__all__ = ["read_finished", "read_source"]

_IDENTITY_REMOVED, _INSTANCE = 0x00120062, 0x00080018
_MARKS = frozenset((_IDENTITY_REMOVED, _INSTANCE, CLASS))

_proved_memo: dict[bytes, tuple[str, ...] | None] = {}
"""The texts of elements that were proved: what the rules ask of them does not hang on others."""


@dataclass(slots=True)
class _Root:
    """What the root of a finished object says: its marks, and of its picture."""

    picture: Picture
    options: frozenset[str]
    shown: list[tuple[str, str]] = field(default_factory=list)
    removed: bytes = b""
    instance: bytes = b""
    end: int = 0

    def note(self, leaf: Leaf) -> None:
        """Take in one leaf of the root. Raises Refusal(malformed) for what is out of place."""
        tag = leaf.tag
        if tag in PIXELS:
            note_pixels(self.picture, leaf)
            self.end = tag
        elif tag >> 16 == 0x7FE0:
            _offsets(self.picture, leaf)
        elif self.end:
            malformed("an element follows the pixel data")
        elif tag >> 16 == 0x0028:
            note_attribute(self.picture, leaf, self.shown)
        elif tag == _IDENTITY_REMOVED:
            self.removed = bytes(leaf.value).strip()
        elif tag == _INSTANCE:
            self.instance = bytes(leaf.value).rstrip(b"\0")
        elif tag == CLASS:
            self.picture.wanted = dicom_rules.has_picture(uid(leaf), self.options)


def read_finished(view: memoryview, options: frozenset[str] = frozenset()) -> Reading:
    """Read a cleaned object, to its last byte, against the list of what may be there.

    `options` are the DICOM options of its route. Raises Refusal(malformed | incomplete) for
    anything else.
    """
    file = open_file(view)
    dicom_rules.prove_container(file)
    root, private, walk = _Root(no_picture(), options), Blocks(options), Walk.over(file)
    texts: list[str | bytes] = []
    for leaf in walk.told(_proved_memo):
        if not isinstance(leaf, Leaf):
            texts += leaf
            continue
        tag = leaf.tag
        if tag >> 16 & 1:
            private.prove(leaf)
        else:
            dicom_rules.prove_leaf(leaf)
        said = dicom_values.shown(leaf)
        texts += said
        if not leaf.path:
            root.note(leaf)
        elif tag in PIXELS:
            malformed("an item holds a picture of its own")
        if leaf.key and not _minds_its_place(tag):
            remember(_proved_memo, leaf.key, tuple(said) or None)
    if not walk.ascending:
        malformed("elements do not ascend")
    if root.removed != b"YES":
        malformed("the object does not say that identity was removed")
    if root.instance != {number: value for number, _, value in file.meta}[0x03].rstrip(b"\0"):
        malformed("file meta information and data set name different instances")
    picture = root.picture
    if picture.native is not None and picture.extended:
        malformed("pixels that are not coded have an offset table")
    coded = tuple(_ranges(file, picture))
    pixels = dicom_picture.pixels(picture, file.syntax, strict=True)
    without = partial(blanked, picture, file.syntax, strict=True)
    return Reading(
        *(tuple(texts), pixels, {"elements": walk.elements}, tuple(root.shown)),
        coded=coded,
        pixels=partial(without, masks=(), decoded=True),
        blanked=without,
    )


def _minds_its_place(tag: int) -> bool:
    """Whether an element is a private one, or says something of the whole object at its root."""
    return tag >> 16 in (0x0028, 0x7FE0) or bool(tag >> 16 & 1) or tag in _MARKS


def _offsets(picture: Picture, leaf: Leaf) -> None:
    """Note the Extended Offset Table of a finished object, and nothing else of its group."""
    if leaf.tag & 0xFFFF not in (1, 2):
        malformed("an attribute beside the pixel data is in the object")
    picture.extended[leaf.tag & 0xFFFF] = bytes(leaf.value)


def _ranges(file: File, picture: Picture) -> list[tuple[int, int]]:
    """Where in the file the pixel data stands: it is the last element."""
    if picture.native is not None:
        size = file.body_start + len(file.body)
        return [(size - len(picture.native.value), size)]
    ranges, at = [], file.body_start + len(file.body) - 8
    for fragment in reversed(picture.fragments):
        ranges.append((at - len(fragment), at))
        at -= len(fragment) + 8
    return ranges[::-1]
