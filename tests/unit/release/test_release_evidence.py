"""Attacks on the evidence of a whole site, and the verdict that each must give."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from corpora import shares, trails
from medrelease.audit.checkpoint import Checkpoint, parse_note
from medrelease.audit.findings import Verdict
from medrelease.audit.line import digest
from medrelease.audit.trail import Trail
from medrelease.ledger.store import Ledger
from medrelease.release.reconciling import PRIVATE_KEY, Elsewhere, verify_site
from medrelease.spool import originals
from medrelease.spool.claims import Claims
from medrelease.spool.layout import Layout
from medrelease.terms.faults import TrailBroken
from medrelease.terms.flow import Claim
from medrelease.terms.words import Event

RELEASES = 6
HELD = trails.ulid(90)


@dataclass
class Scene:
    """A site with a day's work behind it, and a note of its trail that left the host."""

    root: Path

    @property
    def trail(self) -> trails.Site:
        """The trail's folder, key and clock."""
        return trails.Site(self.root)

    @property
    def layout(self) -> Layout:
        """The share."""
        return Layout(self.root / "share")

    @property
    def released(self) -> Path:
        """Where the coded files stand."""
        return self.layout.released("clinician")

    @property
    def notes(self) -> list[Path]:
        """The notes on the host, oldest first."""
        return sorted((self.root / "audit/notes").glob("*.note"))

    def original(self) -> Path:
        """The first original's bytes in the store."""
        (place,) = (self.layout.private / "originals").glob("*/" + "?" * 64)
        return place

    def verify(self, *notes: Path, key: Path | None = None) -> Verdict | None:
        """What `audit verify` finds."""
        chosen = Elsewhere(notes, key)
        folders = (self.root / "share", self.root, self.root / "audit")
        return verify_site(*folders, chosen, lambda _: None)

    def rewrite(self, change: Callable[[list[bytes]], list[bytes]]) -> None:
        """Put other lines into today's segment."""
        self.trail.rewrite(change(self.trail.lines()))

    def roll_back(self) -> None:
        """Take trail and notes back to an earlier note, as if nothing had come since."""
        lines = self.trail.lines()
        end = max(n for n, line in enumerate(lines[:-4]) if b"log.note" in line) + 1
        self.trail.rewrite(lines[:end])
        for note in self.notes:
            if int(note.stem) >= end:
                note.unlink()
        for place in self.released.iterdir():
            if place.name.encode() not in b"".join(lines[:end]):
                place.unlink()


def make(root: Path) -> Scene:
    """Six releases of which one was sent away, one original kept, one file held."""
    scene = Scene(root)
    layout = shares.make(root)
    site = trails.Site(root)
    (root / "state").mkdir(exist_ok=True)
    key = site.root / PRIVATE_KEY
    ledger = Ledger(root / "ledger.sqlite", lambda _route, _name: None)
    trail = site.open(sinks=[ledger.apply], checkpoint_lines=5)
    assert key.exists()
    for number in range(1, RELEASES + 1):
        data = f"picture {number}".encode()
        result = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "kind": "jpeg"}
        fields = trails.release(number, result=result)
        trail.append(Event.RELEASE_INTENDED, fields)
        (scene.released / fields["coded_name"]).write_bytes(data)
        trail.append(Event.RELEASE_PUBLISHED, fields)
    _keep_original(layout, trail)
    _hold(layout, trail)
    trail.close()
    ledger.close()
    shutil.copy(scene.notes[-1], root / "elsewhere.note")
    shutil.copy(root / "audit/notes/public-key.pem", root / "elsewhere.pem")
    (scene.released / str(trails.release(RELEASES)["coded_name"])).unlink()
    return scene


def _keep_original(layout: Layout, trail: Trail) -> None:
    claims = Claims(layout)
    claim = claims.take(shares.drop(layout, b"sub/a.jpg"), trails.ulid(1))
    assert isinstance(claim, Claim)
    original = originals.dispose(layout, claims, claim, trails.Clock()())
    assert original is not None
    source = {"sha256": original.sha256, "bytes": 8, "kind": None, "name_hmac": "0" * 64}
    fields = {"release_id": trails.ulid(1), "source": source, "actions": {"stored": 1}}
    trail.append(Event.ORIGINAL_DISPOSED, fields)


def _hold(layout: Layout, trail: Trail) -> None:
    place = layout.held("clinician") / "sub" / "b.jpg"
    place.parent.mkdir()
    place.write_bytes(b"held")
    place.with_name("b.jpg.WHY.txt").write_text(f"Release: {HELD}\n")
    source = {"sha256": hashlib.sha256(b"held").hexdigest(), "bytes": 4, "kind": "jpeg"}
    fields = {"release_id": HELD, "route": "clinician", "source": source}
    trail.append(Event.RELEASE_HELD, fields)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """One site for all attacks."""
    return make(tmp_path_factory.mktemp("made") / "site")


@pytest.fixture
def scene(made: Scene, tmp_path: Path) -> Scene:
    """A copy that a test may attack."""
    shutil.copytree(made.root, tmp_path / "site", symlinks=True)
    return Scene(tmp_path / "site")


def forged(lines: list[bytes], start: int, **fields: object) -> list[bytes]:
    """Change a line and make the chain good again behind it, as one who knows the format."""
    made = lines[:start]
    for place, line in enumerate(lines[start:]):
        record = json.loads(line) | (fields if not place else {})
        record["seq"] = len(made) + 1
        record["prev"] = digest(made[-1].rstrip(b"\n")) if made else "0" * 64
        made.append(json.dumps(record, separators=(",", ":")).encode() + b"\n")
    return made


def swap_key(scene: Scene) -> None:
    """Rewrite the trail and sign it with a key of one's own, put in the place of the site's."""
    key = scene.root / PRIVATE_KEY
    key.unlink()
    signer = scene.trail.signer
    scene.rewrite(lambda lines: forged(lines, 7, user="somebody"))
    lines = scene.trail.lines()
    for note in scene.notes:
        size = int(note.stem)
        text = f"medrelease\n{size}\n{digest(lines[size - 1].rstrip())}\n\n{'A' * 86}==\n".encode()
        unsigned = parse_note(text)
        assert unsigned is not None
        note.write_bytes(signer.sign(unsigned.checkpoint).text())
    (scene.root / "audit/notes/public-key.pem").write_bytes(signer.public.pem())
    (scene.root / "ledger.sqlite").unlink()


def only_the_public_key_swapped(scene: Scene) -> None:
    """Put another public key beside the notes."""
    other = trails.Site(scene.root / "other").signer.public.pem()
    (scene.root / "audit/notes/public-key.pem").write_bytes(other)


def no_keys(scene: Scene) -> None:
    """Take away every key that the notes could be checked with."""
    (scene.root / PRIVATE_KEY).unlink()
    (scene.root / "audit/notes/public-key.pem").unlink()


def wiped(scene: Scene) -> None:
    """Take away trail, notes, keys, ledger and what stood in released, all of it."""
    shutil.rmtree(scene.root / "audit")
    (scene.root / "audit").mkdir()
    (scene.root / PRIVATE_KEY).unlink()
    (scene.root / "ledger.sqlite").unlink()
    for place in scene.released.iterdir():
        place.unlink()


def trail_gone(scene: Scene) -> None:
    """Take away the segments and leave the rest."""
    scene.trail.today.unlink()


def another_sites_note(scene: Scene) -> None:
    """Give a note that this site's key signed for a trail of another name."""
    note = parse_note((scene.root / "elsewhere.note").read_bytes())
    assert note is not None
    theirs = Checkpoint("another site", note.checkpoint.size, note.checkpoint.head)
    (scene.root / "elsewhere.note").write_bytes(scene.trail.signer.sign(theirs).text())


def forged_note(scene: Scene) -> None:
    """Give a note that another key signed, ahead of the trail."""
    signer = trails.Site(scene.root / "other").signer
    note = signer.sign(Checkpoint("medrelease", 10**6, "0" * 64))
    (scene.root / "elsewhere.note").write_bytes(note.text())


def rolled_back(scene: Scene) -> None:
    """Roll trail and notes back together."""
    scene.roll_back()


def rolled_back_with_ledger(scene: Scene) -> None:
    """Roll trail, notes and the ledger back together."""
    scene.roll_back()
    (scene.root / "ledger.sqlite").unlink()


def put(name: str, route: str = "clinician") -> Callable[[Scene], None]:
    """Put a file into released that was never released."""

    def attack(scene: Scene) -> None:
        (scene.layout.released(route) / name).write_bytes(b"x")

    return attack


def released_altered(scene: Scene) -> None:
    """Change a byte of a released file."""
    next(iter(sorted(scene.released.iterdir()))).write_bytes(b"another")


def released_swapped(scene: Scene) -> None:
    """Exchange the bytes of two released files."""
    first, second = sorted(scene.released.iterdir())[:2]
    a, b = first.read_bytes(), second.read_bytes()
    first.write_bytes(b)
    second.write_bytes(a)


def released_linked(scene: Scene) -> None:
    """Put a link in the place of a released file, to bytes that are the same."""
    first = next(iter(sorted(scene.released.iterdir())))
    first.rename(scene.root / "aside")
    first.symlink_to(scene.root / "aside")


def released_unknown_link(scene: Scene) -> None:
    """Put a link to a secret into released."""
    (scene.released / "x.jpg").symlink_to("/etc/hostname")


def released_pipe(scene: Scene) -> None:
    """Put a pipe in the place of a released file."""
    first = next(iter(sorted(scene.released.iterdir())))
    first.unlink()
    os.mkfifo(first)


def beside_the_routes(scene: Scene) -> None:
    """Put a file straight into released."""
    (scene.root / "share/released/x.jpg").write_bytes(b"x")


def route_linked(scene: Scene) -> None:
    """Make a folder of released a link to somewhere else."""
    (scene.root / "share/released/away").symlink_to("/etc")


def original_altered(scene: Scene) -> None:
    """Change the bytes of an original."""
    scene.original().write_bytes(b"another")


def original_altered_with_its_store(scene: Scene) -> None:
    """Change the bytes of an original and everything that the store says of them."""
    place = scene.original()
    sha256 = hashlib.sha256(b"another").hexdigest()
    place.rename(place.with_name(sha256)).write_bytes(b"another")
    described = place.with_name("disposed.json")
    described.write_text(json.dumps(json.loads(described.read_text()) | {"sha256": sha256}))


BROKEN: dict[str, tuple[Callable[[Scene], None], set[str]]] = {
    "the public key alone exchanged": (only_the_public_key_swapped, {"key-replaced"}),
    "no key left": (no_keys, {"key-missing"}),
    "the trail gone": (trail_gone, {"note-ahead", "ledger-ahead", "released-unknown"}),
    "rolled back, the ledger left": (rolled_back, {"ledger-ahead"}),
    "unknown file in released": (put("x.jpg"), {"released-unknown"}),
    "hidden file in released": (put(".x"), {"released-unknown"}),
    "known name in another route": (
        put(str(trails.release(1)["coded_name"]), "teaching"),
        {"released-unknown"},
    ),
    "file beside the routes": (beside_the_routes, {"released-unknown"}),
    "route that is a link": (route_linked, {"released-unknown"}),
    "link in released": (released_unknown_link, {"released-unknown"}),
    "released file altered": (released_altered, {"released-altered"}),
    "two released files exchanged": (released_swapped, {"released-altered"}),
    "released file made a link": (released_linked, {"released-altered"}),
    "released file made a pipe": (released_pipe, {"released-altered"}),
    "original altered": (original_altered, {"original-altered"}),
    "original and its store altered": (original_altered_with_its_store, {"original-altered"}),
}


@pytest.mark.parametrize(("attack", "expected"), BROKEN.values(), ids=BROKEN.keys())
def test_an_attack_on_the_site_is_seen_on_the_host(
    scene: Scene, attack: Callable[[Scene], None], expected: set[str]
) -> None:
    """Each attack is found with nothing but what stands on the host, under its own code."""
    attack(scene)
    found = scene.verify()
    assert found is not None
    assert found.verdict == "broken"
    assert {finding.code for finding in found.findings} == expected


def test_a_rewrite_with_a_key_of_ones_own_is_seen(scene: Scene) -> None:
    """Whoever replaces trail, notes, ledger and both keys is told by the key kept elsewhere."""
    swap_key(scene)
    unaware = scene.verify()
    assert unaware is not None
    assert unaware.verdict == "intact"
    found = scene.verify(key=scene.root / "elsewhere.pem")
    assert found is not None
    assert {"key-replaced", "note-forged"} <= {finding.code for finding in found.findings}


FROM_ELSEWHERE: dict[str, tuple[Callable[[Scene], None], set[str]]] = {
    "trail, notes and ledger rolled back": (rolled_back_with_ledger, {"note-ahead"}),
    "everything on the host wiped": (wiped, {"note-ahead", "key-missing"}),
    "note of another origin": (another_sites_note, {"note-origin"}),
    "note of another key": (forged_note, {"note-forged"}),
}


@pytest.mark.parametrize(("attack", "expected"), FROM_ELSEWHERE.values(), ids=FROM_ELSEWHERE.keys())
def test_a_note_from_elsewhere_sees_what_the_host_cannot(
    scene: Scene, attack: Callable[[Scene], None], expected: set[str]
) -> None:
    """With the note that left the host a rollback of everything shows, and no other note does."""
    attack(scene)
    found = scene.verify(scene.root / "elsewhere.note")
    assert found is not None
    assert found.verdict == "broken"
    assert {finding.code for finding in found.findings} == expected


def test_what_only_a_note_from_elsewhere_can_see(scene: Scene) -> None:
    """Said plainly: without one, a rollback of trail, notes and ledger together passes."""
    rolled_back_with_ledger(scene)
    found = scene.verify()
    assert found is not None
    assert found.verdict == "intact"


def test_an_untouched_site_is_intact(scene: Scene) -> None:
    """What was sent away is a remark, a note and a key from elsewhere change nothing."""
    found = scene.verify(scene.root / "elsewhere.note", key=scene.root / "elsewhere.pem")
    assert found is not None
    assert (found.verdict, found.findings) == ("intact", ())
    assert {remark.code for remark in found.remarks} == {"absent"}


def _gone(scene: Scene) -> None:
    shutil.rmtree(scene.original().parent)
    (scene.layout.held("clinician") / "sub/b.jpg").unlink()


def _replaced(scene: Scene) -> None:
    (scene.layout.held("clinician") / "sub/b.jpg").write_bytes(b"other")


def _stranger(scene: Scene) -> None:
    other = trails.ulid(91)
    (scene.layout.held("clinician") / "c.jpg").write_bytes(b"c")
    (scene.layout.held("clinician") / "c.jpg.WHY.txt").write_text(f"Release: {other}\n")
    shutil.copytree(scene.original().parent, scene.original().parents[1] / other)


REMARKS: dict[str, tuple[Callable[[Scene], None], set[str]]] = {
    "gone": (_gone, {"original-absent", "held-absent"}),
    "held file replaced": (_replaced, {"held-altered"}),
    "of no release": (_stranger, {"held-unknown", "original-unknown"}),
}


@pytest.mark.parametrize(("change", "expected"), REMARKS.values(), ids=REMARKS.keys())
def test_what_people_may_do_is_a_remark(
    scene: Scene, change: Callable[[Scene], None], expected: set[str]
) -> None:
    """A recorded file that is absent, and a held one that its owner replaced, break nothing."""
    change(scene)
    found = scene.verify()
    assert found is not None
    assert found.verdict == "intact"
    assert {remark.code for remark in found.remarks} == expected | {"absent"}


def test_who_may_not_enter_the_store_is_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """An auditor's verdict says that originals and held were not looked at."""
    shutil.rmtree(scene.layout.private / "originals")
    found = scene.verify()
    assert found is not None
    assert found.verdict == "intact"
    assert "unread" in {remark.code for remark in found.remarks}


def test_a_file_that_is_no_note_is_refused(scene: Scene) -> None:
    """What is given as a note must be one."""
    with pytest.raises(TrailBroken):
        scene.verify(scene.root / "elsewhere.pem")


def test_a_site_without_anything_is_empty(tmp_path: Path) -> None:
    """Before the first run there is nothing to verify, and nothing to complain of."""
    shares.make(tmp_path)
    (tmp_path / "audit").mkdir()
    folders = (tmp_path / "share", tmp_path, tmp_path / "audit")
    assert verify_site(*folders, Elsewhere(), lambda _: None) is None
