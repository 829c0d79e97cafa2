#!/usr/bin/env python3
"""Derive the DICOM sanitiser's data tables from facts of the standard: a build tool, run by hand.

    scripts/derive_dicom_tables.py E1_1.CSV TERMS.TXT SAFE_PRIVATE.CSV

E1_1.CSV holds the facts of Table E.1-1 of PS3.15, SAFE_PRIVATE.CSV those of Table E.3.10-1;
TERMS.TXT holds one defined term or enumerated
value of a CS attribute of PS3.3 a line (the terms.txt that is there may be given again). The Types
of the attributes of the IODs of PS3.3 come from the tables that highdicom carries. The
results are written beside the sanitiser: attributes.csv, terms.txt, iods.txt and safe_private.csv.
The prover has tables of its own: dicom_retained.csv, the attributes that an option retains,
dicom_safe_private.csv, and dicom_words.txt, the words that may be left of a description. The
package must be importable.
"""

import csv
import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from pydicom.datadict import tag_for_keyword

from medrelease.sanitise.dicom import vocabulary

EDITION = "2026d"
PACKAGE = Path(__file__).parent.parent / "daemon" / "medrelease"
TABLES, PROVERS = PACKAGE / "sanitise" / "dicom", PACKAGE / "verify"
OPTIONS = {
    "rtnSafePrivOpt": "retain-safe-private",
    "rtnUIDsOpt": "retain-uids",
    "rtnDevIdOpt": "retain-device-identity",
    "rtnInstIdOpt": "retain-institution-identity",
    "rtnPatCharsOpt": "retain-patient-characteristics",
    "rtnLongFullDatesOpt": "retain-longitudinal-full-dates",
    "rtnLongModifDatesOpt": "retain-longitudinal-modified-dates",
    "cleanDescOpt": "clean-descriptors",
    "cleanStructContOpt": "clean-structured-content",
    "cleanGraphOpt": "clean-graphics",
}
PIXEL_MODULES = {
    "image-pixel",
    "floating-point-image-pixel",
    "double-floating-point-image-pixel",
}
DOCUMENT_MODULES = {"sr-document-content", "key-object-document"}
RETIRED = {
    "1.2.840.10008.5.1.4.1.1.3": "ultrasound-multi-frame-image",
    "1.2.840.10008.5.1.4.1.1.5": "nuclear-medicine-image",
    "1.2.840.10008.5.1.4.1.1.6": "ultrasound-image",
    "1.2.840.10008.5.1.4.1.1.12.3": "x-ray-angiographic-image",
    "1.2.840.10008.5.1.4.1.1.77.1": "vl-photographic-image",
    "1.2.840.10008.5.1.4.1.1.77.2": "vl-photographic-image",
}
"""Retired SOP classes that old archives hold, and the IOD that took their place."""

Node = tuple[tuple[str, str, int], ...]


class Tree:
    """Attribute types as a tree whose equal branches are stored once."""

    def __init__(self) -> None:
        self.numbers: dict[Node, int] = {}

    def add(self, branch: dict[str, list[object]]) -> int:
        """Number of the node for `{tag: [type, sub-branch]}`; 0 is no node."""
        rows = tuple(
            (tag, str(kind), self.add(below) if below else 0)  # type: ignore[arg-type]
            for tag, (kind, below) in sorted(branch.items())
        )
        return self.numbers.setdefault(rows, len(self.numbers) + 1)


def module_branch(attributes: list[dict[str, object]]) -> dict[str, list[object]]:
    """The nested form of a module's flat list of attribute paths."""
    root: dict[str, list[object]] = {}
    for attribute in attributes:
        branch, known = root, True
        for keyword in attribute["path"]:  # type: ignore[attr-defined]
            tag = tag_for_keyword(keyword)
            if tag is None or f"{tag:08X}" not in branch:
                known = False
                break
            branch = branch[f"{tag:08X}"][1]  # type: ignore[assignment]
        tag = tag_for_keyword(str(attribute["keyword"]))
        if known and tag is not None:
            kind = attribute["type"] if attribute["type"] != "None" else "3"
            branch.setdefault(f"{tag:08X}", [kind, {}])
    return root


def iod_lines(standard: Path) -> Iterator[str]:
    """The lines of iods.txt: nodes in order, then modules, IODs and SOP classes."""
    modules = json.loads((standard / "module_attribute_map.json").read_text())
    iods = json.loads((standard / "iod_module_map.json").read_text())
    classes = {**json.loads((standard / "sop_class_iod_map.json").read_text()), **RETIRED}
    images = {iod for iod in set(classes.values()) if PIXEL_MODULES & {m["key"] for m in iods[iod]}}
    documents = {
        iod for iod in set(classes.values()) if DOCUMENT_MODULES & {m["key"] for m in iods[iod]}
    }
    states = {iod for iod in set(classes.values()) if iod.endswith("softcopy-presentation-state")}
    wanted = images | documents | states
    tree = Tree()
    roots: dict[str, int] = {}
    for key in sorted({m["key"] for iod in wanted for m in iods[iod]}):
        roots[key] = tree.add(module_branch(modules.get(key, [])))
    for rows in tree.numbers:
        cells = (f"{tag}:{kind}:{below}" if below else f"{tag}:{kind}" for tag, kind, below in rows)
        yield "node " + " ".join(cells)
    for iod in sorted(wanted):
        yield f"iod {iod} " + " ".join(str(roots[m["key"]]) for m in iods[iod])
    for uid, iod in sorted(classes.items()):
        if iod in wanted:
            kind = "image" if iod in images else "document" if iod in documents else "state"
            yield f"{kind} {uid} {iod}"


def attribute_rows(path: Path) -> Iterator[list[str]]:
    """Table E.1-1 in one line an attribute: tag, name, basic action, option=action pairs."""
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            tag = row["tag"].strip("()").replace(",", "")
            tag = tag if len(tag) == 8 else "private"
            cells = [f"{OPTIONS[c]}={row[c]}" for c in OPTIONS if row[c]]
            yield [tag, row["keyword-or-name"], row["basic"], " ".join(cells)]


def retained_rows(path: Path) -> Iterator[list[str]]:
    """The attributes that an option keeps, or whose dates it moves, and these options."""
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            options = [
                OPTIONS[column]
                for column in OPTIONS
                if column.startswith("rtn")
                and row[column] == ("C" if column == "rtnLongModifDatesOpt" else "K")
            ]
            tag = row["tag"].strip("()").replace(",", "")
            if options and len(tag) == 8:
                yield [tag, " ".join(options)]


def safe_rows(path: Path) -> Iterator[tuple[str, str, str, str]]:
    """Table E.3.10-1: creator, tag, VR, most values (empty for any number)."""
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            tag = row["tag"].strip("()").replace(",", "")
            most = row["vm"].split("-")[-1]
            yield row["private_creator"], tag, row["vr"][:2], most if most.isdigit() else ""


def write_safe(path: Path) -> None:
    """Write the cleaner's table of safe private attributes, and the prover's."""
    head = f"VR of PS3.15 {EDITION} Table E.3.10-1"
    rows = sorted(set(safe_rows(path)))
    with (TABLES / "safe_private.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["creator", "tag", head, "most"])
        writer.writerows(rows)
    with (PROVERS / "dicom_safe_private.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["creator", "tag", head])
        writer.writerows(row[:3] for row in rows)


def main() -> None:
    """Write the tables."""
    e1_1, terms, safe = (Path(name) for name in sys.argv[1:4])
    write_safe(safe)
    spec = importlib.util.find_spec("highdicom")
    if spec is None or spec.origin is None:
        raise SystemExit("highdicom is not installed")
    standard = Path(spec.origin).parent / "_standard"
    with (TABLES / "attributes.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["tag", "keyword", "basic", f"options of PS3.15 {EDITION} Table E.1-1"])
        writer.writerows(attribute_rows(e1_1))
    with (PROVERS / "dicom_retained.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["tag", f"options of PS3.15 {EDITION} Table E.1-1 that retain it"])
        writer.writerows(retained_rows(e1_1))
    regions = json.loads((standard / "anatomic_regions.json").read_text())
    known = {line.strip() for line in terms.read_text().splitlines()} | set(regions)
    (TABLES / "terms.txt").write_text("\n".join(sorted(known - {""})) + "\n")
    # The prover's list is its own, so that it need not import the cleaner; the words are the same.
    (PROVERS / "dicom_words.txt").write_text("\n".join(sorted(vocabulary.words())).lower() + "\n")
    (TABLES / "iods.txt").write_text("\n".join(iod_lines(standard)) + "\n")


if __name__ == "__main__":
    main()
