"""DICOM objects: the source as it came, and the finished one proved to its last byte.

A finished object has a new container, attributes of the standard's dictionary only, values that
have the form of their representation, no overlay, no private attribute, and a picture that is the
source's. Sources: PS3.3, PS3.5, PS3.6, PS3.10, PS3.15 Annex E.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import TypeVar

from medrelease.verify import dicom_picture, dicom_rules, dicom_texts
from medrelease.verify.dicom_blanked import blanked
from medrelease.verify.dicom_picture import Picture
from medrelease.verify.dicom_private import Blocks
from medrelease.verify.dicom_retained import retained
from medrelease.verify.dicom_texts import CODE_TAGS, Code, Gathered, Said
from medrelease.verify.dicom_walk import File, Leaf, Path, Walk, first, open_file
from medrelease.verify.reading import Reading
from medrelease.verify.refusal import malformed

_PIXELS = frozenset((0x7FE00008, 0x7FE00009, 0x7FE00010))
_CHARSET, _IDENTITY_REMOVED, _INSTANCE = 0x00080005, 0x00120062, 0x00080018
_CLASS = 0x00080016
_OF_ROOT = _PIXELS | {_CLASS}
_MARKS = frozenset((_IDENTITY_REMOVED, _INSTANCE, _CLASS))
_PHOTOMETRIC, _FRAMES = 0x00280004, 0x00280008
_HOLDERS = frozenset(("SQ", "item"))
_MOST_REMEMBERED = 1 << 13
_VALUE, _LONG_VALUE, _SCHEME = 0x00080100, 0x00080119, 0x00080102
_SHOWN = {0x00281052: "rescale intercept", 0x00281053: "rescale slope", 0x00280030: "spacing"}

_Made = TypeVar("_Made")


def read_source(view: memoryview, options: frozenset[str] = frozenset()) -> Reading:
    """Read a dropped object; `options` are the DICOM options of its route.

    Raises Refusal(incomplete | malformed | format-not-supported).
    """
    file = open_file(view)
    charset = first(file, _CHARSET)
    picture, gathered = _no_picture(), Gathered(codec=dicom_texts.charset(charset))
    shown: list[tuple[str, str]] = []
    kept = retained(options)
    coded: list[Leaf] = []
    private = Blocks(options)
    memo = _said_memo(options, gathered.codec)
    for leaf in Walk(file).told(memo):
        if not isinstance(leaf, Leaf):
            gathered.take(leaf)
            continue
        tag = leaf.tag
        telling = not leaf.path and (tag in _OF_ROOT or tag >> 16 == 0x0028)
        if telling and _root_of_source(leaf, picture, shown, options):
            continue
        if tag in CODE_TAGS:
            coded.append(leaf)
        elif tag in kept:
            gathered.keep(leaf)
        elif tag >> 16 & 1 and (safe := private.safe(leaf)) is not None:
            gathered.keep(safe)
        elif leaf.vr not in _HOLDERS:
            said = gathered.add(leaf)
            if said is not None and leaf.key and tag not in _OF_ROOT and tag >> 16 != 0x0028:
                _remember(memo, leaf.key, said or None)
    codes = _codes(coded)
    for leaf in coded:
        gathered.add_code(leaf, codes.get(leaf.path))
    pixels = dicom_picture.pixels(picture, file.syntax, strict=False)
    without = partial(blanked, picture, file.syntax, strict=False)
    return Reading(
        *(gathered.telling(), pixels),
        shown=tuple(shown),
        pixels=partial(without, masks=(), decoded=True),
        blanked=without,
    )


@lru_cache(maxsize=16)
def _said_memo(_options: frozenset[str], _codec: str) -> dict[bytes, Said | None]:
    """What was said by elements of sources that were read under these options and in this codec."""
    return {}


_proved_memo: dict[bytes, tuple[str, ...] | None] = {}
"""The texts of elements that were proved: what the rules ask of them does not hang on others."""


def _remember(memo: dict[bytes, _Made | None], key: bytes, made: _Made | None) -> None:
    if len(memo) >= _MOST_REMEMBERED:
        memo.clear()
    memo[key] = made


def _root_of_source(
    leaf: Leaf, picture: Picture, shown: list[tuple[str, str]], options: frozenset[str]
) -> bool:
    """Take in what a leaf of the root says of the whole object; whether it is but pixels."""
    tag = leaf.tag
    if tag in _PIXELS:
        _pixels(picture, leaf)
        return True
    if tag == _CLASS:
        picture.wanted = dicom_rules.has_picture(_uid(leaf), options)
    else:
        _attribute(picture, leaf, shown)
    return False


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
        if tag in _PIXELS:
            _pixels(self.picture, leaf)
            self.end = tag
        elif tag >> 16 == 0x7FE0:
            _offsets(self.picture, leaf)
        elif self.end:
            malformed("an element follows the pixel data")
        elif tag >> 16 == 0x0028:
            _attribute(self.picture, leaf, self.shown)
        elif tag == _IDENTITY_REMOVED:
            self.removed = bytes(leaf.value).strip()
        elif tag == _INSTANCE:
            self.instance = bytes(leaf.value).rstrip(b"\0")
        elif tag == _CLASS:
            self.picture.wanted = dicom_rules.has_picture(_uid(leaf), self.options)


def read_finished(view: memoryview, options: frozenset[str] = frozenset()) -> Reading:
    """Read a cleaned object, to its last byte, against the list of what may be there.

    `options` are the DICOM options of its route. Raises Refusal(malformed | incomplete) for
    anything else.
    """
    file = open_file(view)
    dicom_rules.prove_container(file)
    root, private, walk = _Root(_no_picture(), options), Blocks(options), Walk(file)
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
        said = dicom_texts.shown(leaf)
        texts += said
        if not leaf.path:
            root.note(leaf)
        elif tag in _PIXELS:
            malformed("an item holds a picture of its own")
        if leaf.key and not _minds_its_place(tag):
            _remember(_proved_memo, leaf.key, tuple(said) or None)
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


def _uid(leaf: Leaf) -> str:
    return bytes(leaf.value).rstrip(b"\0 ").decode("latin-1")


def _no_picture() -> Picture:
    return Picture({}, "", 1, None, [])


def _pixels(picture: Picture, leaf: Leaf) -> None:
    if leaf.vr == "fragment":
        picture.fragments.append(memoryview(leaf.value))
    elif picture.native is not None:
        malformed("the object has more than one kind of pixel data")
    else:
        picture.native = leaf


def _offsets(picture: Picture, leaf: Leaf) -> None:
    """Note the Extended Offset Table of a finished object, and nothing else of its group."""
    if leaf.tag & 0xFFFF not in (1, 2):
        malformed("an attribute beside the pixel data is in the object")
    picture.extended[leaf.tag & 0xFFFF] = bytes(leaf.value)


def _attribute(picture: Picture, leaf: Leaf, shown: list[tuple[str, str]]) -> None:
    """Note an attribute of the root's group 0028, which decides how pixels are read or shown."""
    if leaf.tag in (_PHOTOMETRIC, _FRAMES, *_SHOWN):
        text = bytes(leaf.value).partition(b"\0")[0].strip().decode("latin-1")
        if leaf.tag == _PHOTOMETRIC:
            picture.photometric = text
        elif leaf.tag in _SHOWN:
            shown.append((_SHOWN[leaf.tag], text))
        elif text.isdigit():
            picture.frames = int(text)
    elif leaf.vr in ("US", "SS") or (leaf.vr == "UN" and len(leaf.value) == 2):
        picture.numbers[leaf.tag] = int.from_bytes(leaf.value[:2], leaf.order)


def _codes(found: Iterable[Leaf]) -> dict[Path, Code]:
    """(scheme, value) of the coded entries, by the path of their items."""
    parts: dict[Path, dict[int, str]] = {}
    for leaf in found:
        if leaf.tag in (_VALUE, _LONG_VALUE, _SCHEME):
            text = bytes(leaf.value).rstrip(b"\0 ").decode("latin-1").strip()
            parts.setdefault(leaf.path, {})[leaf.tag] = text
    return {
        path: (part[_SCHEME], part.get(_VALUE) or part.get(_LONG_VALUE, ""))
        for path, part in parts.items()
        if _SCHEME in part
    }


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
