"""What `medrelease init DIR` makes: a complete site that runs as it stands (DESIGN.md 5.1).

The share is laid out by the spool, which lives in it; what lies beside the share is made here.
"""

import os
from importlib import resources
from pathlib import Path

from medrelease.config.keys import KEY_FILE, write_key
from medrelease.config.load import load
from medrelease.config.schema import COLUMNS
from medrelease.notices.status_page import StatusPage, render
from medrelease.spool import pages
from medrelease.spool.layout import STATUS_MODE, STATUS_PAGE, Layout

TEMPLATE = "medrelease.toml"
REGISTER = "register.csv"


def make_site(directory: Path) -> str | None:
    """Makes the site; or says why the folder cannot take one, and then nothing was changed.

    Raises OSError or, for the share, Transient where the file system refuses a part of it.
    """
    if directory.exists() and not directory.is_dir():
        return "there is a file of that name"
    if directory.is_dir() and any(directory.iterdir()):
        return "the folder is not empty"
    directory.mkdir(parents=True, exist_ok=True)
    _write(directory / TEMPLATE, template())
    _write(directory / REGISTER, ",".join(COLUMNS) + "\n")
    settings = load(directory / TEMPLATE)
    site = settings.site
    for folder in (site.state, site.state / KEY_FILE.parent):
        folder.mkdir(mode=0o700)
    for folder in (site.audit, site.audit / "notes"):
        folder.mkdir(mode=0o750)
    write_key(site.state / KEY_FILE)
    Layout(site.share).establish([route.name for route in settings.routes])
    page = StatusPage(site.name, site.contact, None, waiting={}, held=(), released=())
    pages.write(site.share / STATUS_PAGE, render(page), STATUS_MODE)
    return None


def template() -> str:
    """The text of the commented medrelease.toml: each default stands in it."""
    return resources.files(__package__).joinpath(TEMPLATE).read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    """A new file of mode 0640, on disk before the site is called made."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
