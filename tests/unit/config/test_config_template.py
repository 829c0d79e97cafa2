"""The commented medrelease.toml says what the schema says, key by key."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from medrelease.config import schema
from medrelease.config.init import template
from medrelease.config.load import load

ROUTES = {"clinician": "care", "teaching": "teaching", "print": "print", "internet": "internet"}
WITHOUT_DEFAULT = {("register", "table"), ("register", "query")}


@pytest.fixture(scope="module")
def parsed() -> dict[str, Any]:
    """The template as TOML gives it."""
    return tomllib.loads(template())


def commented() -> list[tuple[str, str]]:
    """Each key that stands as a comment, with the table it stands in."""
    found, table = [], ""
    for line in template().splitlines():
        if header := re.match(r"(?:# )?\[\[?([a-z]+)\]\]?$", line):
            table = header[1]
        elif key := re.match(r"# ([a-z_0-9]+) = ", line):
            found.append((table, key[1]))
    return found


@pytest.mark.parametrize("table", ["site", "register", "numbers", "pixels", "workers", "audit"])
def test_each_default_stands_written_out(parsed: dict[str, Any], table: str) -> None:
    """A table of the template holds exactly the keys that have a default, with that default."""
    defaults = schema.TABLES[(table,)]().model_dump()
    expected = {key: value for key, value in defaults.items() if value is not None}
    assert parsed[table] == expected


def test_the_four_routes_stand_with_their_defaults(parsed: dict[str, Any]) -> None:
    """Every route of the template repeats what the schema would fill in; `text` stands once."""
    assert {route["name"]: route["purpose"] for route in parsed["route"]} == ROUTES
    for route in parsed["route"]:
        bare = schema.RouteTable(name=route["name"], purpose=route["purpose"])
        assert (route["gmc10"], route["approval"]) == (bare.gmc10, bare.approval)
        assert route["filename"] == schema.default_filename(bare.purpose)
        assert route["dicom"] == bare.dicom.model_dump()
        assert route["hsc"] is (route["purpose"] == "care")
        assert not {"pixels", "study"} & set(route)
    assert template().count('\ntext = "redact"') == 1


def test_keys_without_a_default_stand_as_comments() -> None:
    """Each commented key is one the schema knows, and those without default are all there."""
    found = set(commented())
    assert found >= WITHOUT_DEFAULT
    assert ("route", "study") in found
    for table, key in found:
        assert key in schema.known_names((table,))


def test_the_commented_lines_hold_when_uncommented(tmp_path: Path) -> None:
    """The research route and every other commented key load as they stand."""
    kept = re.sub(r"(?m)^# (table|query) = .*\n", "", template())
    uncommented = re.sub(r"(?m)^# (?=\[\[route\]\]$|[a-z_0-9]+ = )", "", kept)
    path = tmp_path / "medrelease.toml"
    path.write_text(uncommented, encoding="utf-8")
    settings = load(path)
    assert settings.routes[-1].purpose == "research"
    assert {route.text for route in settings.routes} == {"hold"}


def test_every_dicom_option_is_named() -> None:
    """The comment on routes lists every option that the schema knows."""
    assert all(option in template() for option in schema.DICOM_OPTIONS)


def test_the_example_is_the_very_same_file() -> None:
    """config/medrelease.toml in the checkout is a link to the text that `init` writes."""
    example = Path(__file__).parents[3] / "config" / "medrelease.toml"
    assert example.is_symlink()
    assert example.read_text(encoding="utf-8") == template()
