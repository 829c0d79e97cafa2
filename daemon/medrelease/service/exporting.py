"""Carry the trail out for other programs, names hidden unless they are asked for."""

import os
from pathlib import Path
from typing import Literal, TextIO

from medrelease.audit import export
from medrelease.config.keys import site_keys
from medrelease.config.light import site_paths
from medrelease.identifiers import keyed

Form = Literal["csv", "fhir"]
_FORMS = {"csv": export.as_csv, "fhir": export.as_fhir}


def export_trail(file: Path, form: Form, out: TextIO, *, with_names: bool) -> int:
    """Write the trail of a site to `out`; returns how many records that were.

    Raises ConfigError where names must be hidden and the site keys cannot be read.
    """
    site = site_paths(file)
    if with_names:
        return _FORMS[form](site.audit, out, None)
    key = keyed.route_key(site_keys(site.state, os.environ)[-1], "trail")
    return _FORMS[form](site.audit, out, lambda text: f"hmac-sha256:{keyed.hmac_hex(key, text)}")
