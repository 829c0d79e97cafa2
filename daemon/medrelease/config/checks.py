"""What several keys of the file say together: names, templates, studies and DICOM options.

These look at the tables as TOML gives them and step over what the schema refuses anyway, so
that every finding is reported at once, whatever else is wrong.
"""

import difflib
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from medrelease.config.light import DEFAULT_PATHS, beside
from medrelease.config.schema import COLUMNS, default_filename
from medrelease.config.settings import Finding
from medrelease.identifiers import coded_name, file_name
from medrelease.terms.words import Purpose

IDENTIFYING_OPTIONS = (
    "retain-uids",
    "retain-longitudinal-full-dates",
    "retain-device-identity",
    "retain-institution-identity",
)
"""The options of PS3.15 that leave a way back to the patient: inside health care only."""

_DATE_OPTIONS = {"retain-longitudinal-full-dates", "retain-longitudinal-modified-dates"}
_DATABASE = re.compile(r"[a-z][a-z0-9_]*(\+[a-z0-9_]+)?://")

Table = dict[str, Any]


def findings(document: Table, file: Path) -> list[Finding]:
    """Everything that is wrong in combination, as (key path, message), in the file's order."""
    routes = [route for route in _listed(document.get("route")) if isinstance(route, dict)]
    found = [*_of_folders(_table(document, "site"), file)]
    found += _of_register(_table(document, "register"))
    found += _of_names(routes)
    for index, route in enumerate(_listed(document.get("route"))):
        if isinstance(route, dict):
            where = route_key(route, index)
            found += [(f"{where}.{key}", text) for key, text in _of_route(route)]
    return found


def route_key(route: object, index: int) -> str:
    """How findings call a route: by its name where it has one, else by its place from 0."""
    name = route.get("name") if isinstance(route, dict) else None
    return f"route.{name}" if isinstance(name, str) and name else f"route[{index}]"


def _of_folders(site: Table, file: Path) -> Iterator[Finding]:
    """The share is open to staff: keys and trail may not lie in it, nor the share in them."""
    said = {key: site.get(key, default) for key, default in DEFAULT_PATHS.items()}
    if not all(isinstance(path, str) and path for path in said.values()):
        return
    share, state, audit = (Path(os.path.normpath(beside(file, said[key]))) for key in said)
    for key, folder in (("site.state", state), ("site.audit", audit)):
        if folder.is_relative_to(share) or share.is_relative_to(folder):
            yield key, "must lie apart from site.share, which staff can open"


def _of_register(register: Table) -> Iterator[Finding]:
    url = register.get("url", "csv:register.csv")
    given = [key for key in ("table", "query") if key in register]
    if isinstance(url, str) and url.startswith("csv:"):
        if url == "csv:":
            yield "register.url", "must name a file after csv:"
        yield from ((f"register.{key}", "is for a database, not for csv:") for key in given)
    elif isinstance(url, str) and not _DATABASE.match(url):
        yield "register.url", "must be csv: and a file, or a database URL such as postgresql://..."
    elif isinstance(url, str) and len(given) != 1:
        yield "register", "must have one of table and query for a database"
    yield from _of_columns(register.get("columns"))


def _of_columns(columns: object) -> Iterator[Finding]:
    if not isinstance(columns, dict):
        return
    for name in columns:
        if name not in COLUMNS:
            near = difflib.get_close_matches(name, COLUMNS, n=1, cutoff=0)[0]
            yield f"register.columns.{name}", f"is no column of the register; the nearest is {near}"
    theirs = [columns.get(name, name) for name in COLUMNS]
    if any(isinstance(column, str) and theirs.count(column) > 1 for column in theirs):
        yield "register.columns", "must not use one column twice"


def _of_names(routes: Iterable[Table]) -> Iterator[Finding]:
    """Two routes need two folders also where small and capital letters are one."""
    seen: set[str] = set()
    for name in (route.get("name") for route in routes):
        if not isinstance(name, str):
            continue
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in seen:
            yield f"route.{name}.name", "is the name of another route, perhaps in other letters"
        seen.add(folded)


def _of_route(route: Table) -> Iterator[Finding]:
    name, purpose, hsc = route.get("name"), route.get("purpose"), route.get("hsc") is True
    if isinstance(name, str):
        yield from (("name", f"cannot name a folder: {why}") for why in file_name.problems(name))
    if isinstance(purpose, str) and purpose in [*Purpose]:
        yield from _of_study(route, Purpose(purpose))
        yield from _of_filename(route, Purpose(purpose), hsc)
    dicom = route.get("dicom")
    if isinstance(dicom, dict):
        yield from _of_options(_listed(dicom.get("options")), hsc)


def _of_study(route: Table, purpose: Purpose) -> Iterator[Finding]:
    if purpose is Purpose.RESEARCH and "study" not in route:
        yield "study", 'is required where purpose = "research"'
    if purpose is not Purpose.RESEARCH and "study" in route:
        yield "study", 'is only for purpose = "research"'


def _of_filename(route: Table, purpose: Purpose, hsc: bool) -> Iterator[Finding]:
    template = route.get("filename", default_filename(purpose))
    if not isinstance(template, str):
        return
    study = None
    if purpose is Purpose.RESEARCH:
        reference = _table(route, "study").get("reference")
        study = reference if isinstance(reference, str) else "study"
    for why in coded_name.validate(template, hsc=hsc, study=study):
        yield "filename", why


def _of_options(options: list[Any], hsc: bool) -> Iterator[Finding]:
    chosen = [option for option in options if isinstance(option, str)]
    if not hsc:
        for option in IDENTIFYING_OPTIONS:
            if option in chosen:
                yield "dicom.options", f"{option} may only stand where hsc = true"
    if _DATE_OPTIONS.issubset(chosen):
        yield "dicom.options", "must choose one of full and modified dates, not both"


def _table(parent: Table, key: str) -> Table:
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
