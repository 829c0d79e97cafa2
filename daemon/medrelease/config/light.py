"""The light way in: which file holds, and where the site lives, read with tomllib alone.

The verbs that only read (`status`, `audit tail`, ...) come in here and pay for no schema. What
they need of the file is checked; the rest of it is left to `config.load`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medrelease.terms.faults import ConfigError, Transient, passes, wait_of

SYSTEM_FILE = Path("/etc/medrelease/medrelease.toml")
VARIABLE = "MEDRELEASE_CONFIG"
DEFAULT_PATHS = {"share": "share", "state": "state", "audit": "audit"}
"""Where a site keeps things unless `[site]` says otherwise, relative to the file."""


@dataclass(frozen=True, slots=True)
class Paths:
    """The three folders of a site, absolute."""

    share: Path
    state: Path
    audit: Path


def find_file(option: str | None, environ: Mapping[str, str]) -> Path:
    """The configuration file: the option, else $MEDRELEASE_CONFIG, else the one under /etc."""
    chosen = option or environ.get(VARIABLE) or SYSTEM_FILE
    return Path(chosen).absolute()


def read_table(path: Path) -> dict[str, Any]:
    """The file's content as TOML gives it; raises ConfigError, with the line of a syntax error.

    Raises Transient where the machine could not read it at this moment.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as fault:
        raise ConfigError((("", f"{path} is not UTF-8 (byte {fault.start})"),)) from fault
    except OSError as fault:
        if passes(fault):  # no word on the file: to be tried again, which 78 would forbid
            raise Transient(wait_of(fault), f"{path} cannot be read: {fault.strerror}") from fault
        raise ConfigError((("", f"{path} cannot be read: {fault.strerror}"),)) from fault
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError((("", f"{path} is not TOML: {fault}"),)) from fault


def site_paths(path: Path) -> Paths:
    """Where the site of this file lives; raises ConfigError when the file does not say it well."""
    site = read_table(path).get("site", {})
    if not isinstance(site, dict):
        raise ConfigError((("site", "must be a table"),))
    said = {**DEFAULT_PATHS, **{key: site[key] for key in DEFAULT_PATHS if key in site}}
    wrong = tuple(
        (f"site.{key}", "must be the path of a folder")
        for key, value in said.items()
        if not isinstance(value, str) or not value
    )
    if wrong:
        raise ConfigError(wrong)
    return Paths(**{key: beside(path, value) for key, value in said.items()})


def beside(file: Path, path: str) -> Path:
    """A path of the file made absolute: relative ones are relative to the file's folder."""
    return file.absolute().parent / path
