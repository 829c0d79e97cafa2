"""From the file to `Settings`: all findings at once, or every default filled in.

`check` shows the findings of the ConfigError one by one; `run` ends on them with exit 78.
"""

import difflib
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from medrelease.config import checks, schema
from medrelease.config.light import beside, read_table
from medrelease.config.settings import (
    Finding,
    Numbers,
    Pixels,
    Register,
    Settings,
    Site,
    Trail,
    Workers,
    with_digest,
)
from medrelease.terms.faults import ConfigError
from medrelease.terms.route import Route, Study
from medrelease.terms.words import Purpose


def load(path: Path) -> Settings:
    """The settings of one file; raises ConfigError with every finding in it."""
    path = path.absolute()
    table = read_table(path)
    found: list[Finding] = []
    document = None
    try:
        document = schema.Document.model_validate(table)
    except ValidationError as fault:
        found += [_finding(error, table) for error in fault.errors(include_url=False)]
    found += checks.findings(table, path)
    if document is None or found:
        raise ConfigError(tuple(dict.fromkeys(found)))
    return with_digest(_settings(document, path))


def _finding(error: ErrorDetails, table: dict[str, Any]) -> Finding:
    keys = tuple(str(part) for part in error["loc"] if isinstance(part, str))
    where = _key_path(error["loc"], table)
    match error["type"]:
        case "extra_forbidden":
            return where, f"is an unknown key; the nearest known one is {_nearest(keys)}"
        case "missing":
            return where, "is required and has no default"
        case "value_error":
            return where, str(error["ctx"]["error"])
        case "literal_error" | "enum":
            return where, f"must be {error['ctx']['expected']}"
    return where, error["msg"][0].lower() + error["msg"][1:]


def _key_path(loc: tuple[int | str, ...], table: dict[str, Any]) -> str:
    """`site.settle`, `route.teaching.purpose`, `pixels.keep[2]`."""
    text = ""
    for place, part in enumerate(loc):
        if isinstance(part, str):
            text += f".{part}" if text else part
        elif place == 1 and loc[0] == "route":
            text = checks.route_key(table["route"][part], part)
        else:
            text += f"[{part}]"
    return text


def _nearest(keys: tuple[str, ...]) -> str:
    """The known name nearest to an unknown one: of its own table, else of any, else of its own."""
    own = schema.known_names(keys[:-1])
    if near := difflib.get_close_matches(keys[-1], own, n=1):
        return near[0]
    everywhere = {
        name: ".".join((*table, name))
        for table in schema.TABLES
        for name in schema.known_names(table)
    }
    if near := difflib.get_close_matches(keys[-1], everywhere, n=1, cutoff=0.75):
        return everywhere[near[0]]
    return difflib.get_close_matches(keys[-1], own, n=1, cutoff=0)[0]


def _settings(document: schema.Document, file: Path) -> Settings:
    site, audit = document.site, document.audit
    pixels = {route.name: _route_pixels(route, document.pixels) for route in document.route}
    return Settings(
        file=file,
        site=Site(
            **site.model_dump(exclude={"share", "state", "audit"}),
            share=beside(file, site.share),
            state=beside(file, site.state),
            audit=beside(file, site.audit),
        ),
        register=_register(document.register_),
        numbers=Numbers(**document.numbers.model_dump()),
        pixels=_pixels(document.pixels),
        workers=Workers(
            **document.workers.model_dump(exclude={"memory"}),
            memory=schema.memory_bytes(document.workers.memory),
        ),
        audit=Trail(
            **audit.model_dump(exclude={"notes_dir"}),
            notes_dir=beside(file, audit.notes_dir) if audit.notes_dir else None,
        ),
        routes=tuple(_route(route, pixels[route.name]) for route in document.route),
        route_pixels=pixels,
        remarks=tuple(_remarks(document)),
    )


def _register(table: schema.RegisterTable) -> Register:
    columns = {name: table.columns.get(name, name) for name in schema.COLUMNS}
    return Register(table.url, table.table, table.query, columns)


def _pixels(table: schema.PixelsTable) -> Pixels:
    return Pixels(table.text, tuple(table.keep), table.max_masked)


def _route_pixels(route: schema.RouteTable, site: schema.PixelsTable) -> Pixels:
    """A route's own words over the site's; `keep` outside care acts as `hold` (DESIGN.md 5.2)."""
    merged = _pixels(site.model_copy(update=route.pixels.model_dump(exclude_none=True)))
    if merged.text == "keep" and route.purpose is not Purpose.CARE:
        return Pixels("hold", merged.keep, merged.max_masked)
    return merged


def _remarks(document: schema.Document) -> list[Finding]:
    return [
        (f"route.{route.name}.pixels.text", "keep is honoured on care only; here it acts as hold")
        for route in document.route
        if (route.pixels.text or document.pixels.text) == "keep"
        and route.purpose is not Purpose.CARE
    ]


def _route(table: schema.RouteTable, pixels: Pixels) -> Route:
    return Route(
        name=table.name,
        purpose=table.purpose,
        destination=table.destination or table.name,
        hsc=table.hsc,
        filename=table.filename or schema.default_filename(table.purpose),
        gmc10=table.gmc10,
        approval=table.approval,
        text=pixels.text,
        dicom_options=frozenset(table.dicom.options),
        study=Study(**table.study.model_dump()) if table.study else None,
        keep=pixels.keep,
        max_masked=pixels.max_masked,
    )
