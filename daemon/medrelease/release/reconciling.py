"""Hold the trail against what stands in the folders: the whole of `audit verify`."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from medrelease.audit import checkpoint
from medrelease.audit.checkpoint import SignedNote
from medrelease.audit.findings import Finding
from medrelease.audit.notes import PublicKey, load_public_key
from medrelease.audit.verification import KeptFile, ReleasedFile, Verdict, verify_trail
from medrelease.ledger import reader
from medrelease.spool import held_folder, originals, publishing
from medrelease.spool.layout import Layout
from medrelease.terms.faults import TrailBroken, Transient

PRIVATE_KEY = Path("keys", "trail.pem")
"""Where the key that signs the trail's notes lies in the state folder."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What a person kept apart from the site: notes, and the key that they are checked with."""

    notes: tuple[Path, ...] = ()
    key: Path | None = None


def verify_site(
    share: Path,
    state: Path,
    audit: Path,
    elsewhere: Elsewhere,
    progress: Callable[[int], None],
) -> Verdict | None:
    """Verify chain, notes and folders of a site (DESIGN.md 5.5); None before its first run.

    The ledger's head counts as one more witness of how long the trail was. Whoever may read the
    state folder checks the notes with the key kept there, others with the one beside the notes.
    """
    notes = tuple(_kept_elsewhere(place) for place in elsewhere.notes)
    released = list(_standing(share / "released"))
    if not (notes or released or _was_begun(state, audit)):
        return None
    key, replaced = _key(state, audit, elsewhere.key)
    layout = Layout(share)
    stored = _originals(layout)
    held = None if stored is None else _held(layout)
    verdict = verify_trail(
        audit,
        key,
        notes=notes,
        ledger_head=reader.head(state / "ledger.sqlite"),
        released=released,
        originals=stored,
        held=held,
        progress=progress,
    )
    if stored is None:
        text = "originals and held were not looked at: run this as the service's user"
        verdict = replace(verdict, remarks=(*verdict.remarks, Finding("unread", text)))
    return _broken(verdict) if replaced else verdict


def _kept_elsewhere(place: Path) -> SignedNote:
    note = checkpoint.parse_note(place.read_bytes())
    if note is None:
        raise TrailBroken("the file given is no signed note")
    return note


def _was_begun(state: Path, audit: Path) -> bool:
    """Whether anything says that this site ever had a trail."""
    keys = (state / PRIVATE_KEY, audit / checkpoint.FOLDER / checkpoint.PUBLIC_KEY)
    return any(key.exists() for key in keys) or any(audit.glob("audit*.jsonl"))


def _key(state: Path, audit: Path, given: Path | None) -> tuple[PublicKey | None, bool]:
    """The key to check with, and whether the one beside the notes is another."""
    beside = audit / checkpoint.FOLDER / checkpoint.PUBLIC_KEY
    sure = next((k for k in (given, state / PRIVATE_KEY) if k and os.access(k, os.R_OK)), None)
    shown = load_public_key(beside) if beside.exists() else None
    if sure is None:
        return shown, False
    key = load_public_key(sure)
    return key, shown is not None and shown.pem() != key.pem()


def _broken(verdict: Verdict) -> Verdict:
    """The same verdict with one more finding."""
    found = Finding("key-replaced", "the public key beside the notes is not this site's")
    return replace(
        verdict,
        verdict="broken",
        findings=(found, *verdict.findings),
        findings_count=verdict.findings_count + 1,
    )


def _standing(released: Path) -> Iterator[ReleasedFile]:
    """Everything that stands in released, with a way to its digest.

    What lies beside the routes' folders has no route, and is known to no trail.
    """
    for route in sorted(released.iterdir()) if released.is_dir() else ():
        if not route.is_dir() or route.is_symlink():
            yield ReleasedFile("", route.name, partial(_digest, route))
            continue
        for place in sorted(route.iterdir()):
            yield ReleasedFile(route.name, place.name, partial(_digest, place))


def _digest(place: Path) -> str:
    if place.is_symlink():
        return ""
    found = publishing.digest(place)
    if found is None and not place.exists():
        raise FileNotFoundError
    return found or ""


def _originals(layout: Layout) -> list[KeptFile] | None:
    """The store of originals; None for whoever may not enter it, or where there is none."""
    try:
        return [
            KeptFile(each.release_id, partial(originals.digest, layout, each), each.sha256)
            for each in originals.list_originals(layout)
        ]
    except Transient:
        return None


def _held(layout: Layout) -> list[KeptFile]:
    return [
        KeptFile(each.release_id, partial(held_folder.digest, layout, each))
        for each in held_folder.noted(layout)
        if each.release_id is not None
    ]
