"""The README's own commands, run as they stand there, see what `audit verify` sees."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from corpora import sites
from corpora.sites import FOLDER, Site

README = (Path(__file__).parents[2] / "README.md").read_text()
(BLOCK,) = (b for b in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if "openssl pkeyutl" in b)
ABSENT = [each for each in ("jq", "sha256sum", "openssl") if shutil.which(each) is None]


def checked(root: Path) -> bool:
    """Whether the README's block runs through, each command succeeding."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", BLOCK], cwd=root, capture_output=True, check=False
    )
    return done.returncode == 0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site that released two images on two runs, the trail of the first being a day old."""
    site = Site(tmp_path_factory.mktemp("made") / "site")
    site.edit(r"^text = .*$", 'text = "keep"')
    site.edit(r"^processes = .*$", "processes = 1")
    for number in range(2):
        site.drop(f"{FOLDER}/{number}.jpg", sites.jpeg(number))
        assert site.once().returncode == 0
    return site


def _line(number: int, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def attack(root: Path) -> None:
        trail = root / "audit/audit.jsonl"
        lines = trail.read_bytes().splitlines(keepends=True)
        lines[number] = change(lines[number])
        trail.write_bytes(b"".join(lines))

    return attack


def _swap(root: Path) -> None:
    trail = root / "audit/audit.jsonl"
    lines = trail.read_bytes().splitlines(keepends=True)
    lines[4], lines[5] = lines[5], lines[4]
    trail.write_bytes(b"".join(lines))


def _cut(root: Path) -> None:
    trail = root / "audit/audit.jsonl"
    trail.write_bytes(b"".join(trail.read_bytes().splitlines(keepends=True)[:-4]))


def _forge_note(root: Path) -> None:
    note = sorted((root / "audit/notes").glob("*.note"))[-1]
    note.write_bytes(note.read_bytes().replace(b"\n", b" \n", 1))


def _alter_released(root: Path) -> None:
    next((root / "share/released/clinician").iterdir()).write_bytes(b"another")


ATTACKS: dict[str, Callable[[Path], None]] = {
    "edit": _line(4, lambda line: line.replace(b'"care"', b'"print"')),
    "edit of the last signed line": _line(-2, lambda line: line.replace(b"host", b"hast")),
    "delete": _line(4, lambda _: b""),
    "duplicate": _line(4, lambda line: line * 2),
    "reorder": _swap,
    "cut tail": _cut,
    "forged note": _forge_note,
    "released file altered": _alter_released,
}


@pytest.mark.skipif(bool(ABSENT), reason=f"needs {' and '.join(ABSENT)}")
def test_the_readmes_commands_accept_what_is_intact(made: Site) -> None:
    """On an untouched site every command of the block succeeds, and changes nothing."""
    before = sorted((made.root / "audit").rglob("*"))
    assert checked(made.root)
    assert sorted((made.root / "audit").rglob("*")) == before


@pytest.mark.skipif(bool(ABSENT), reason=f"needs {' and '.join(ABSENT)}")
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_the_readmes_commands_see_an_attack(
    made: Site, tmp_path: Path, attack: Callable[[Path], None]
) -> None:
    """Each attack that `audit verify` answers with exit 12 makes one of the commands fail."""
    site = made.copied(tmp_path / "site")
    attack(site.root)
    assert not checked(site.root)
