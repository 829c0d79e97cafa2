"""Sites made in this process, small and quick to copy: where lives are cut and promises checked.

Every image that is dropped carries MARK in its Exif, as a patient's name would stand there.
"""

import hashlib
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from PIL import Image

from corpora import lives, sites
from corpora.disk_calls import put_by_somebody_else
from medrelease.config.init import make_site
from medrelease.release.requests import Request, leave

MARK = b"Prosenjit Markham"
FAST = Path("/dev/shm")
ROWS = (
    sites.ROW,
    "23 02211,943 476 5919,record,photograph,Dr X,2020-01-01,,,\n",
)
OTHER_FOLDER = "23 02211 943 476 5919"
PRIVATE = "share/.medrelease"


def image(seed: int) -> bytes:
    """A small JPEG with the mark in its Exif."""
    exif = Image.Exif()
    exif[0x010E] = MARK.decode()
    return sites.jpeg(seed, exif=exif.tobytes())


def sha256(data: bytes) -> str:
    """The SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def place_for_worlds(otherwise: Path) -> Path:
    """A folder in memory where there is one: these tests do not wait for a disk."""
    return FAST if FAST.is_dir() and os.access(FAST, os.W_OK) else otherwise


def may_mount() -> bool:
    """Whether this process may mount a tmpfs (a container's root may not)."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    probe = subprocess.run(
        ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
    )
    return probe.returncode == 0


class World(sites.Site):
    """A site without a process. `dropped` counts every file ever dropped, by SHA-256.

    `bystanders` are files that nothing may touch, with their bytes; `gone` are sources whose
    original may have been removed after its time.
    """

    def __init__(self, root: Path) -> None:
        self.root, self.config = root, root / "medrelease.toml"
        self.dropped: Counter[str] = Counter()
        self.bystanders: dict[str, bytes] = {}
        self.gone: set[str] = set()
        self.clock = lives.Clock()

    @classmethod
    def make(cls, root: Path) -> "World":
        """A fresh site, whose settings keep the pixels and wait for nothing."""
        world = cls(root)
        assert make_site(root) is None
        for key, value in (
            ("settle", "0.000001"),
            ("patience", "0.000001"),
            ("journal", "false"),
            ("text", '"keep"'),
            ("released_days", "5"),
            ("originals_days", "20"),
            ("checkpoint_seconds", "3600"),
        ):
            world.edit(rf"^{key} = .*$", f"{key} = {value}")
        world.register(*ROWS)
        return world

    def only_care(self) -> None:
        """Leave the one route for care: no model is then loaded by a real process."""
        text = self.config.read_text()
        second = text.index("[[route]]", text.index("[[route]]") + 1)
        self.config.write_text(text[:second])

    def copy(self, root: Path) -> "World":
        """The same site in another folder, as it is now."""
        shutil.copytree(self.root, root, symlinks=True)
        return self.twin(root)

    def twin(self, root: Path) -> "World":
        """What is known of this site, for another folder."""
        other = World(root)
        other.dropped = Counter(self.dropped)
        other.bystanders = dict(self.bystanders)
        other.gone = set(self.gone)
        other.clock = lives.Clock(self.clock.off)
        return other

    def drop(self, where: str | bytes, data: bytes, route: str = "clinician") -> Path:
        """Drop a file, and remember it."""
        self.dropped[sha256(data)] += 1
        return super().drop(where, data, route)

    def stand_by(self, where: str, data: bytes) -> None:
        """Put a file there that is none of the service's business."""
        place = self.root / where
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        self.bystanders[where] = data

    def pass_days(self, days: float) -> None:
        """Move the clock on."""
        self.clock.off += timedelta(days=days)

    def live(self) -> lives.Life:
        """A life that nothing troubles."""
        with lives.prepared(self.clock):
            return lives.live(self.config)


Act = Callable[[World], None]


@dataclass(frozen=True)
class Scene:
    """Something for a life to do: what was there before, and what people did.

    `between` happens after a crash and before the next start, `during` before each look of the
    life that is cut: then a crash may change what becomes of the files.
    """

    name: str
    people: Act
    before: Act = field(default=lambda _: None)
    between: Act | None = None
    during: Callable[[World, int], None] | None = None


def background(root: Path) -> World:
    """A site that has worked before: one image released, one held, and things beside it."""
    world = World.make(root)
    world.drop(f"{sites.FOLDER}/old.jpg", image(1))
    world.drop("nobody/old.jpg", image(2))
    world.live()
    world.stand_by("share/outbox/clinician/Thumbs.db", b"a thumbnail cache")
    world.stand_by("share/outbox/elsewhere/notes.txt", b"an unknown route")
    world.stand_by("share/report.txt", b"somebody's file beside the folders")
    for place in (*sorted((root / "share/released").rglob("*.jpg")),):
        world.bystanders[str(place.relative_to(root))] = place.read_bytes()
    return world


def release(world: World) -> None:
    """One image for the care of a patient of whom nothing was released yet."""
    world.drop(f"{OTHER_FOLDER}/new.jpg", image(10))


def hold(world: World) -> None:
    """One image of nobody, under the name of one that is held already."""
    world.drop("nobody/old.jpg", image(11))


def repeat(world: World) -> None:
    """The image that was released before, under another name."""
    world.drop(f"{sites.FOLDER}/again.jpg", image(1))


def flood(world: World) -> None:
    """More files than share their fsyncs, of two patients, one of nobody."""
    for number in range(3):
        world.drop(f"{sites.FOLDER}/deep/IMG_{number}.jpg", image(20 + number))
    world.drop(f"{OTHER_FOLDER}/a.jpg", image(30))
    world.drop(f"{sites.FOLDER}/t.jpg", image(31))
    world.drop("x.jpg", image(32))


def consent(world: World) -> None:
    """The register says at last that a held image may go."""
    world.register(*ROWS)


def without_consent(world: World) -> None:
    """An image that waits in held for the patient's consent to a record."""
    world.register(ROWS[0], ROWS[1].replace(",record,", ",teaching,"))
    world.drop(f"{OTHER_FOLDER}/p.jpg", image(40))
    world.live()
    assert world.held()[f"{OTHER_FOLDER}/p.jpg"] == "consent-missing"


def stray(world: World) -> None:
    """Somebody puts a file of their own among the released ones."""
    data = image(50)
    place = world.root / "share/released/clinician/stray.jpg"
    place.write_bytes(data)
    world.dropped[sha256(data)] += 1


def squat(world: World, look: int) -> None:
    """A file is put where the next release will want to go, just before it does."""
    data = image(51)
    place = world.root / f"share/released/clinician/{sites.JOB} -2-{sites.HC}.jpg"
    if look == 2 and not world.dropped[sha256(data)]:
        put_by_somebody_else(place, data)
        world.dropped[sha256(data)] += 1


def release_more(world: World) -> None:
    """One more image of the patient of whom one was released."""
    world.drop(f"{sites.FOLDER}/new.jpg", image(10))


def old_age(world: World) -> None:
    """So many days pass that what was sent and what is kept are due for removal."""
    world.pass_days(30)
    world.gone.add(sha256(image(1)))
    for where in [w for w in world.bystanders if w.startswith("share/released/")]:
        del world.bystanders[where]


def midnight(world: World) -> None:
    """A new day of the trail begins with an image."""
    world.pass_days(1.5)
    release(world)


def returned(world: World) -> None:
    """A held image comes back into the outbox with its note and a better name."""
    held = world.root / "share/held/clinician/nobody"
    back = world.outbox() / sites.FOLDER
    back.mkdir()
    (held / "old.jpg").rename(back / "old2.jpg")
    (held / "old.jpg.WHY.txt").rename(back / "old2.jpg.WHY.txt")


def discard(world: World) -> None:
    """A person has the held image discarded."""
    (held,) = world.events("release.held")
    request = Request("discard", held["release_id"], 4242, "somebody", "a test shot")
    leave(world.root / "state", request)


def correct(world: World) -> None:
    """Before the next start the register is corrected, and an image comes under the right number.

    What was under way under the wrong number will be held; its image number stays used.
    """
    world.register(ROWS[0], ROWS[1].replace("943 476 5919", sites.HC))
    world.drop(f"23 02211 {sites.HC}/right.jpg", image(60))


SCENES = (
    Scene("release", release),
    Scene("hold", hold),
    Scene("repeat", repeat),
    Scene("flood", flood),
    Scene("consent", consent, before=without_consent),
    Scene("returned", returned),
    Scene("stray", stray),
    Scene("squat", release_more, during=squat),
    Scene("old-age", old_age),
    Scene("midnight", midnight),
    Scene("discard", discard),
)
CORRECTED = Scene("corrected", release, between=correct)
"""A crash, then another world: what an untroubled life gives is nothing to compare with."""
