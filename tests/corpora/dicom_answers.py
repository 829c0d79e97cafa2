"""Whole objects made from the IODs of PS3.3, and what PS3.15 says must become of each attribute.

The answer key knows the facts of Table E.1-1, the Types that highdicom's tables give for each IOD,
and PS3.6; it knows nothing of the project's own tables. `answers` gives one `Answer` for each
attribute at each level that is looked at.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydicom.datadict import dictionary_has_tag, dictionary_VM, dictionary_VR, tag_for_keyword

from corpora import dicoms
from corpora.dicom_values import KEPT, made

DEEPEST = 2
_RANK = {"1": 0, "1C": 1, "2": 2, "2C": 3, "3": 4, "None": 4}
_COLUMNS = {
    "retain-safe-private": "rtnSafePrivOpt",
    "retain-uids": "rtnUIDsOpt",
    "retain-device-identity": "rtnDevIdOpt",
    "retain-institution-identity": "rtnInstIdOpt",
    "retain-patient-characteristics": "rtnPatCharsOpt",
    "retain-longitudinal-full-dates": "rtnLongFullDatesOpt",
    "retain-longitudinal-modified-dates": "rtnLongModifDatesOpt",
    "clean-descriptors": "cleanDescOpt",
    "clean-structured-content": "cleanStructContOpt",
    "clean-graphics": "cleanGraphOpt",
}
TEXT = frozenset(("LO", "SH", "ST", "LT", "UT", "UC", "PN", "AE", "UR"))
DATED = frozenset(("DA", "DT", "TM"))
_SKIPPED_GROUPS = frozenset((0x0002, 0x0004, 0x5400, 0x0042, 0x0400, 0x7FE0, 0x5000, 0x6000))


_CODE = ((0x00080100, "SH", b"T-D3000"), (0x00080102, "SH", b"SRT"), (0x00080104, "LO", b"Chest"))
_SCHEME = ((0x00080102, "SH", b"DCM"), (0x0008010C, "UI", b"1.2.840.10008.2.16.4"))
"""A coded entry of a public scheme, and the description of one."""

MARKED = frozenset((0x00100010, 0x00100020, 0x00120062, 0x00120063, 0x00120064, 0x00280303))
"""What a cleaned object says of its own cleaning, in place of what the source said."""


@dataclass(frozen=True)
class Attribute:
    """One attribute of an IOD at its place: its Type there, and the attributes of its items."""

    tag: int
    vr: str
    kind: str
    items: tuple["Attribute", ...] = ()


@dataclass(frozen=True)
class Answer:
    """What must be true of one attribute afterwards.

    `value` is what the source says, as bytes. `stays`: the tag is there; `told`: with a value;
    `same`: with the source's value; `gone`: the source's value is nowhere in the attribute;
    `moved`: a date that lies earlier; `other`: a UID that is another one.
    """

    path: tuple[int, ...]
    vr: str
    value: bytes
    stays: bool | None = None
    told: bool = False
    same: bool = False
    gone: bool = False
    moved: bool = False
    other: bool = False


@cache
def _standard() -> tuple[Any, Any, Any]:
    spec = find_spec("highdicom")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent / "_standard"
    names = ("iod_module_map.json", "module_attribute_map.json", "sop_class_iod_map.json")
    return tuple(json.loads((folder / name).read_text()) for name in names)  # type: ignore[return-value]


@cache
def _facts() -> dict[int, dict[str, str]]:
    rows = {row["tag"].strip("()").replace(",", ""): row for row in dicoms.rows()}
    return {int(tag, 16): row for tag, row in rows.items() if len(tag) == 8 and "x" not in tag}


def _modules(sop_class: str) -> list[dict[str, str]]:
    iods, _, classes = _standard()
    found: list[dict[str, str]] = iods[classes[sop_class]]
    return found


@cache
def attributes(sop_class: str) -> tuple[Attribute, ...]:
    """The attributes of the IOD of a SOP Class, two sequences deep, each with its Type."""
    found: dict[tuple[str, ...], str] = {}
    for module in _modules(sop_class):
        for row in _standard()[1].get(module["key"], []):
            path = (*row["path"], row["keyword"])
            if len(path) <= DEEPEST:
                kinds = (str(row["type"]), found.get(path, "3"))
                found[path] = min(kinds, key=lambda kind: _RANK.get(kind, 4))
    return _level((), found)


def _level(above: tuple[str, ...], found: dict[tuple[str, ...], str]) -> tuple[Attribute, ...]:
    level = []
    for path, kind in found.items():
        if path[:-1] != above:
            continue
        tag = tag_for_keyword(path[-1])
        if tag is None or not dictionary_has_tag(tag) or tag >> 16 in _SKIPPED_GROUPS:
            continue
        vr = dictionary_VR(tag).split(" or ")[0]
        items = _level(path, found) if vr == "SQ" else ()
        if vr == "SQ" and not items:
            continue
        level.append(Attribute(tag, vr, kind, items))
    return tuple(sorted(level, key=lambda attribute: attribute.tag))


def source(sop_class: str, seed: int) -> tuple[bytes, list[Answer]]:
    """An object of a SOP Class with every attribute that its IOD names, and the values in it.

    The answers say nothing yet but where each value stands.
    """
    found: dict[int, bytes] = {}
    values: list[Answer] = []
    for attribute in attributes(sop_class):
        encoded = _encoded(attribute, (), seed, values)
        if encoded is not None:
            found[attribute.tag] = encoded
    plain = dicoms.image_of(sop_class, seed)
    if not any(module["key"].endswith("image-pixel") for module in _modules(sop_class)):
        plain = {tag: raw for tag, raw in plain.items() if tag >> 16 not in (0x0028, 0x7FE0)}
    kept = plain.keys() | MARKED
    return dicoms.file(found | plain), [a for a in values if a.path[0] not in kept]


def _encoded(
    attribute: Attribute, above: tuple[int, ...], seed: int, values: list[Answer]
) -> bytes | None:
    path = (*above, attribute.tag)
    if attribute.vr != "SQ":
        vm = dictionary_VM(attribute.tag)
        value = made(attribute.tag, attribute.vr, vm, seed)
        if value is None:
            return None
        values.append(Answer(path, attribute.vr, value))
        return dicoms.element(attribute.tag, attribute.vr, value)
    values.append(Answer(path, "SQ", b""))
    coded = any(each.tag == 0x00080100 for each in attribute.items)
    if coded or attribute.tag == 0x00080110:
        entry = _CODE if coded else _SCHEME
        values += [Answer((*path, tag), vr, value) for tag, vr, value in entry]
        return dicoms.sequence(attribute.tag, b"".join(dicoms.element(*each) for each in entry))
    inner = [_encoded(each, path, seed, values) for each in attribute.items]
    return dicoms.sequence(attribute.tag, b"".join(each for each in inner if each is not None))


def answers(sop_class: str, values: list[Answer], options: frozenset[str]) -> Iterator[Answer]:
    """The answer key of an object under the options of a route."""
    kinds = dict(_paths(attributes(sop_class), ()))
    gone: set[tuple[int, ...]] = set()
    for each in values:
        if each.path[:-1] in gone:
            gone.add(each.path)
            continue
        if each.path[-1] in (0x00080100, 0x00080102):
            yield replace(each, stays=True, told=True, same=True)
            continue
        answer = _answer(each, kinds[each.path], options)
        if each.vr == "SQ" and (answer.stays is not True or not answer.told):
            gone.add(each.path)
        yield answer


def _paths(
    level: tuple[Attribute, ...], above: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], str]]:
    for attribute in level:
        path = (*above, attribute.tag)
        yield path, attribute.kind
        yield from _paths(attribute.items, path)


def _answer(each: Answer, kind: str, options: frozenset[str]) -> Answer:
    row = _facts().get(each.path[-1])
    if row is None:
        return _unlisted(each, kind)
    cells = {row[_COLUMNS[option]] for option in options if option in _COLUMNS} - {""}
    code = "C" if "C" in cells else "K" if "K" in cells else row["basic"]
    must = 2 if kind in ("1", "1C") else 1 if kind in ("2", "2C") else 0
    if code == "K":
        return replace(each, stays=True, told=True, same=True)
    if code == "C" and each.vr in DATED:
        return replace(each, stays=True, told=True, moved=each.vr != "TM")
    if code == "C":
        return replace(each, stays=True if must else None, gone=each.vr in TEXT)
    if code == "U":
        return replace(each, stays=True, told=True, other=True)
    wanted = code.split("/")
    if wanted == ["X"] or (must == 0 and "X" in wanted):
        return replace(each, stays=False, gone=True)
    if must == 2:
        return replace(each, stays=True, told=True, gone=each.vr != "SQ")
    return replace(each, stays=True, gone=True)


def _unlisted(each: Answer, kind: str) -> Answer:
    """Nothing is said of it: what says nothing of anybody stays, what was typed goes."""
    if each.vr == "SQ":
        return replace(each, stays=True, told=True)
    if each.vr == "UI" and not each.value.startswith(b"1.2.840.10008."):
        return replace(each, stays=True, told=True, other=True)
    if each.vr in KEPT:
        return replace(each, stays=True, told=True, same=True)
    must = kind in ("1", "1C", "2", "2C")
    return replace(each, stays=True if must else None, told=kind in ("1", "1C"), gone=True)
