"""A dropped DICOM object: what it says of anybody, and its picture.

Every element counts, also those of items that a sender hid in VR UN (PS3.5 section 6.2.2).
"""

from collections.abc import Iterable
from functools import lru_cache, partial

from medrelease.verify import dicom_picture, dicom_rules, dicom_values
from medrelease.verify.dicom_blanked import blanked
from medrelease.verify.dicom_private import Blocks
from medrelease.verify.dicom_retained import retained
from medrelease.verify.dicom_root import (
    CLASS,
    PIXELS,
    no_picture,
    note_attribute,
    note_pixels,
    remember,
    uid,
)
from medrelease.verify.dicom_texts import Code, Gathered
from medrelease.verify.dicom_values import CODE_TAGS, Said
from medrelease.verify.dicom_walk import ITEM_HEAD, Leaf, Path, Walk, first, open_file
from medrelease.verify.reading import Reading
from medrelease.verify.refusal import Refusal

_CHARSET = 0x00080005
_OF_ROOT = PIXELS | {CLASS}
_HOLDERS = frozenset(("SQ", "item"))
_VALUE, _LONG_VALUE, _SCHEME = 0x00080100, 0x00080119, 0x00080102
_DEEPEST = 8
"""How many times items may be hidden in items that were hidden."""


def read_source(view: memoryview, options: frozenset[str] = frozenset()) -> Reading:
    """Read a dropped object; `options` are the DICOM options of its route.

    Raises Refusal(incomplete | malformed | format-not-supported).
    """
    file = open_file(view)
    source = _Source(options, dicom_values.charset(first(file, _CHARSET)))
    source.take(Walk.over(file))
    picture = source.picture
    pixels = dicom_picture.pixels(picture, file.syntax, strict=False)
    without = partial(blanked, picture, file.syntax, strict=False)
    return Reading(
        *(source.gathered.telling(), pixels),
        shown=tuple(source.shown),
        pixels=partial(without, masks=(), decoded=True),
        blanked=without,
    )


@lru_cache(maxsize=16)
def _said_memo(_options: frozenset[str], _codec: str) -> dict[bytes, Said | None]:
    """What was said by elements of sources that were read under these options and in this codec."""
    return {}


class _Source:
    """What was met in an object so far."""

    __slots__ = ("_kept", "_memo", "_options", "gathered", "picture", "shown")

    def __init__(self, options: frozenset[str], codec: str) -> None:
        self.picture, self.gathered = no_picture(), Gathered(codec=codec)
        self.shown: list[tuple[str, str]] = []
        self._options, self._kept = options, retained(options)
        self._memo = _said_memo(options, codec)

    def take(self, walk: Walk, depth: int = 0) -> None:
        """Take in a data set or, where `depth` is not 0, items that were hidden in a value."""
        gathered, kept, memo = self.gathered, self._kept, self._memo
        kinds = gathered.kinds
        private = Blocks(self._options)
        coded: list[Leaf] = []
        for leaf in walk.told(memo):
            if not isinstance(leaf, Leaf):
                kinds[leaf[0]].update(leaf[1])
                continue
            tag = leaf.tag
            telling = not leaf.path and (tag in _OF_ROOT or tag >> 16 == 0x0028)
            if telling and self._at_root(leaf):
                continue
            if tag in CODE_TAGS:
                coded.append(leaf)
            elif tag in kept:
                gathered.keep(leaf)
            elif tag >> 16 & 1 and (safe := private.safe(leaf)) is not None:
                gathered.keep(safe)
            elif leaf.vr not in _HOLDERS and not (leaf.vr == "UN" and self._hidden(leaf, depth)):
                said = gathered.add(leaf)
                if said is not None and leaf.key and tag not in _OF_ROOT and tag >> 16 != 0x0028:
                    remember(memo, leaf.key, said if said[1] else None)
        codes = _codes(coded)
        for leaf in coded:
            gathered.add_code(leaf, codes.get(leaf.path))

    def _at_root(self, leaf: Leaf) -> bool:
        """Take in what a leaf of the root says of the whole object; whether it is but pixels."""
        tag = leaf.tag
        if tag in PIXELS:
            note_pixels(self.picture, leaf)
            return True
        if tag == CLASS:
            self.picture.wanted = dicom_rules.has_picture(uid(leaf), self._options)
        else:
            note_attribute(self.picture, leaf, self.shown)
        return False

    def _hidden(self, leaf: Leaf, depth: int) -> bool:
        """Take in the items of a sequence that came as UN; whether they are all that it is.

        What does not parse to its end, and what is no attribute of the standard, is looked at as
        a value of unknown make besides.
        """
        if depth >= _DEEPEST or bytes(leaf.value[:4]) != ITEM_HEAD:
            return False
        try:
            self.take(Walk.inside(leaf), depth + 1)
        except Refusal:
            return False
        return dicom_values.is_sequence(leaf)


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
