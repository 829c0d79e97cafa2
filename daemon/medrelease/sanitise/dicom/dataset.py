"""Cleans the elements of one object, recursively: what an item holds is judged by itself.

The order of the questions: does Table E.1-1 name the attribute, does the IOD of the object
define it, does its value prove by its form that it says nothing about anybody.
"""

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache

from medrelease.identifiers import keyed
from medrelease.sanitise.dicom import codes, dates, graphics, private, values
from medrelease.sanitise.dicom.binary import binary
from medrelease.sanitise.dicom.charset import utf8
from medrelease.sanitise.dicom.decision import Decision, decide
from medrelease.sanitise.dicom.dictionary import standard_uid
from medrelease.sanitise.dicom.elements import DEEPEST, LONG, Element, items_of
from medrelease.sanitise.dicom.iod import Place, kind
from medrelease.sanitise.dicom.meta import leaf, sequence
from medrelease.sanitise.dicom.options import KEEP_UIDS, SAFE_PRIVATE
from medrelease.sanitise.dicom.profile import Action
from medrelease.sanitise.dicom.vocabulary import only_terms
from medrelease.sanitise.options import Options
from medrelease.sanitise.refusal import malformed, too_large

Encoded = dict[int, bytes]
"""Elements in explicit VR little endian, by tag."""

_VALUES = (0x00080100, 0x00080119, 0x00080120)
_SCHEME = 0x00080102
_US_OR_SS = frozenset({0x00280106, 0x00280107, 0x00280108, 0x00280109, 0x00280110, 0x00280111}) | {
    0x00280120,
    0x00280121,
    0x00281101,
    0x00281102,
    0x00281103,
    0x00283002,
}
_DATES = frozenset({b"DA", b"TM", b"DT"})
_BINARY = frozenset({b"OB", b"OW", b"OF", b"OD", b"OL", b"OV"})
_OWN_WAY = _BINARY | {b"UI"}
_SHORT = 64
"""What was made of values of so many bytes is remembered."""


@dataclass(slots=True)
class Cleaning:
    """The cleaning of one object: what is in force for it, and what has been done so far.

    `signed` says that `US or SS` numbers are signed; `charset` is the object's own.
    """

    options: Options
    force: frozenset[str]
    charset: str = ""
    signed: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    uids: dict[str, str] = field(default_factory=dict)
    beyond_ascii: bool = False
    depth: int = 0

    def level(self, elements: list[Element], place: Place) -> Encoded:
        """The root, or an item, cleaned: what stays of it, encoded. Raises Refusal."""
        clean: Encoded = {}
        if len({element.tag for element in elements}) != len(elements):
            raise malformed("An attribute stands twice in one item.")
        known, removed, dropped = place.decided(self.force), Action.REMOVE, 0
        reserved = private.blocks(elements) if SAFE_PRIVATE in self.force else {}
        for element in elements:
            tag = element.tag
            decision = known.get((tag, element.vr)) or decide(place, tag, element.vr, self.force)
            if reserved and tag >> 8 in reserved:
                safe = private.decision(reserved, tag, keep_uids=KEEP_UIDS in self.force)
                decision = safe or decision
            if decision.action is removed:
                if tag >> 16 & 1:
                    self.counts["private"] += 1
                dropped += not tag >> 16 & 1
                continue
            if decision.vr == b"SQ":
                encoded = self._sequence(element, decision, place)
            else:
                encoded = self._leaf(element, decision, elements)
            if encoded is not None:
                clean[tag] = encoded
        self.counts["removed"] += dropped
        return clean | private.creators(reserved, clean) if reserved else clean

    def uid(self, original: str) -> str:
        """The UID that stands for another on this route; those of the standard stay."""
        found = self.uids.get(original)
        if found is None:
            found = original
            if not standard_uid(original) and kind(original) is None:
                keyed_uid = _uid if len(original) <= _SHORT else keyed.uid
                found = keyed_uid(self.options.route_key, original)
                self.counts["uid"] += 1
            self.uids[original] = found
        return found

    def _leaf(self, element: Element, decision: Decision, around: list[Element]) -> bytes | None:
        if element.items is not None or element.vr == b"SQ":
            self.counts["removed"] += 1
            return None
        raw, tag, vr = bytes(element.value), element.tag, decision.vr
        if element.big:
            raw = values.little(vr, raw)
        if vr == b"US" and self.signed and tag in _US_OR_SS:
            vr = b"SS"
        if decision.action is Action.UNLISTED and vr not in _OWN_WAY and len(raw) <= _SHORT:
            encoded = _written(tag, vr, raw, decision.most)
            if encoded is not None:
                return encoded
        value = self._value(tag, decision, raw, around)
        if value is None:
            action = decision.instead
            if action is Action.REMOVE:
                self.counts["removed"] += 1
                return None
            value = self._replaced(tag, decision.vr, raw, action)
        if len(value) > 0xFFFE and vr not in LONG:
            raise too_large("A value is longer than its representation permits.")
        return leaf(tag, vr, value)

    def _value(
        self, tag: int, decision: Decision, raw: bytes, around: list[Element]
    ) -> bytes | None:
        """The value as it may stand, or None where the decision's second choice is due."""
        action, vr = decision.action, decision.vr
        if action in (Action.EMPTY, Action.DUMMY):
            return self._replaced(tag, vr, raw, action)
        if vr == b"UI":
            return self._uids(raw, keep=action is Action.KEEP)
        if action is Action.CLEAN:
            return self._cleaned(vr, raw)
        if action is Action.KEEP:
            return self._kept(tag, decision, raw)
        if vr in _BINARY:
            return binary(tag, raw, around, self.counts)
        return values.provable(tag, vr, raw, decision.most)

    def _replaced(self, tag: int, vr: bytes, raw: bytes, action: Action) -> bytes:
        if action is Action.EMPTY:
            self.counts["emptied"] += bool(raw)
            return b""
        self.counts["replaced"] += 1
        if vr == b"UI":
            return self._uids(raw, keep=False) or keyed.uid(self.options.route_key, "").encode()
        dummy = _dummy if len(raw) <= _SHORT else values.dummy
        return dummy(tag, vr, raw, self.options.route_key)

    def _uids(self, raw: bytes, *, keep: bool) -> bytes:
        parts = values.up_to_nul(raw).decode("latin-1").split("\\")
        if keep and all(part.replace(".", "").isdigit() and len(part) <= 64 for part in parts):
            return "\\".join(parts).encode("ascii")
        return "\\".join(self.uid(part.strip()) if part.strip() else "" for part in parts).encode()

    def _cleaned(self, vr: bytes, raw: bytes) -> bytes | None:
        """Action C: a date is moved, of a text the words of a controlled vocabulary stay."""
        plain = values.up_to_nul(raw)
        if vr in _DATES:
            days = keyed.date_offset_days(self.options.route_key, self.options.subject)
            self.counts["date"] += 1
            return dates.moved(vr, plain, days) if plain else b""
        if vr not in values.TEXT or vr in (b"PN", b"UR", b"AE"):
            return None
        text = utf8(plain, self.charset)
        found = only_terms(text.decode("utf-8")).encode() if text is not None else b""
        self.counts["text"] += 1
        return found or None

    def _kept(self, tag: int, decision: Decision, raw: bytes) -> bytes | None:
        """Action K: the value as it is, without what hides behind a NUL."""
        plain = values.up_to_nul(raw)
        if decision.vr in values.TEXT:
            text = utf8(plain, self.charset)
            self.beyond_ascii |= text is not None and not text.isascii()
            return text
        if decision.vr in _DATES:
            return dates.moved(decision.vr, plain, 0) if plain else b""
        if decision.vr == b"AS":
            return plain if not plain or values.is_age(raw) else None
        if decision.vr in _BINARY:
            return None
        if decision.vr == b"CS" and tag >> 16 & 1:
            return plain if values.is_code_string(plain) else None
        return values.provable(tag, decision.vr, raw, decision.most)

    def _sequence(self, element: Element, decision: Decision, place: Place) -> bytes | None:
        items = items_of(element)
        if items and element.tag == graphics.GRAPHIC_OBJECTS:
            items = graphics.shapes(items) or None
        if items is None:
            self.counts["removed"] += 1
            return None
        if decision.action is Action.EMPTY or not items:
            return sequence(element.tag, [])
        below = place.below(element.tag)
        self.depth += 1
        if self.depth > DEEPEST:
            raise too_large("Sequences are nested deeper than is read here.")
        clean = [item for item in (self._item(each, below) for each in items) if item is not None]
        self.depth -= 1
        if clean:
            return sequence(element.tag, clean)
        if decision.instead is Action.REMOVE:
            return None
        if decision.instead is Action.EMPTY:
            return sequence(element.tag, [])
        return sequence(element.tag, [codes.item_of(codes.UNKNOWN)])

    def _item(self, elements: list[Element], place: Place) -> bytes | None:
        """One item, encoded; None for a coded entry that may not stand."""
        clean = self.level(elements, place)
        by_tag = {element.tag: element for element in elements}
        coded = [by_tag[tag] for tag in _VALUES if tag in by_tag]
        if not coded and _SCHEME in by_tag:  # the description of a coding scheme
            scheme = _plain(by_tag[_SCHEME])
            if scheme not in codes.public_schemes():
                self.counts["code"] += 1
                return None
            clean[_SCHEME] = leaf(_SCHEME, b"SH", scheme.encode("ascii"))
        if coded:
            code = codes.recognised(_plain(coded[0]), _plain(by_tag.get(_SCHEME)))
            if code is None:
                self.counts["code"] += 1
                return None
            clean.update(codes.elements_of(code))
        return b"".join(clean[tag] for tag in sorted(clean))


@lru_cache(maxsize=1 << 13)
def _written(tag: int, vr: bytes, raw: bytes, most: int | None) -> bytes | None:
    """The element of a provable value, encoded: the files of a session share most of them."""
    value = values.provable(tag, vr, raw, most)
    return leaf(tag, vr, value) if value is not None else None


_uid = lru_cache(maxsize=1 << 12)(keyed.uid)
_dummy = lru_cache(maxsize=1 << 12)(values.dummy)


def _plain(element: Element | None) -> str:
    raw = bytes(element.value) if element is not None else b""
    return values.up_to_nul(raw).decode("latin-1").strip()
