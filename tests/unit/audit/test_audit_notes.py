"""Signed notes, the key they are signed with, and the check with plain tools."""

import shutil
import subprocess
from pathlib import Path

import pytest

from corpora.trails import Site, work
from medrelease.audit.checkpoint import Checkpoint, note_sizes, parse_note, read_note
from medrelease.audit.notes import load_or_create_signer, load_public_key
from medrelease.terms.faults import ConfigError


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site with two days of trail."""
    site = Site(tmp_path / "site")
    trail = site.open()
    work(trail, 1, 3)
    site.clock.move(days=1)
    work(trail, 4, 5)
    trail.close()
    return site


def test_a_note_reads_back_and_is_accepted_by_its_key_only(tmp_path: Path) -> None:
    """What was signed parses to itself; another key does not accept it."""
    signer = load_or_create_signer(tmp_path / "a.pem")
    other = load_or_create_signer(tmp_path / "b.pem")
    note = signer.sign(Checkpoint("medrelease", 7, "ab" * 32))
    assert parse_note(note.text()) == note
    assert signer.public.accepts(note)
    assert not other.public.accepts(note)


@pytest.mark.parametrize("cut", [0, 1, 20, -1, -2])
def test_a_shortened_note_is_none(tmp_path: Path, cut: int) -> None:
    """Anything but the whole text is refused."""
    text = load_or_create_signer(tmp_path / "a.pem").sign(Checkpoint("m", 7, "ab" * 32)).text()
    assert parse_note(text[:cut]) is None


def test_the_key_is_made_once_with_mode_0600(tmp_path: Path) -> None:
    """The second start reads what the first one made."""
    place = tmp_path / "keys" / "trail.pem"
    first = load_or_create_signer(place)
    assert place.stat().st_mode & 0o777 == 0o600
    assert load_or_create_signer(place).public.pem() == first.public.pem()
    assert load_public_key(place).pem() == first.public.pem()


def test_a_key_open_to_others_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    """Who can read the key can rewrite the trail."""
    place = tmp_path / "trail.pem"
    load_or_create_signer(place)
    place.chmod(0o640)
    with pytest.raises(ConfigError):
        load_or_create_signer(place)
    place.chmod(0o600)
    place.write_bytes(b"no key")
    with pytest.raises(ConfigError):
        load_or_create_signer(place)
    with pytest.raises(ConfigError):
        load_public_key(place)


def test_the_public_key_lies_beside_the_notes(site: Site) -> None:
    """Whoever reads the trail can check it."""
    key = load_public_key(site.audit / "notes" / "public-key.pem")
    sizes = note_sizes(site.audit / "notes")
    notes = [read_note(site.audit / "notes", size) for size in sizes]
    assert notes
    assert all(note is not None and key.accepts(note) for note in notes)


CHAIN = r"""
set -eu
cd "$1"
expected=$(printf '0%.0s' $(seq 64))
count=0
for file in $(ls audit-*.jsonl) audit.jsonl; do
  while IFS= read -r line; do
    prev=$(printf '%s' "$line" | jq -r .prev)
    [ "$prev" = "$expected" ] || { echo "broken after line $count"; exit 1; }
    expected=$(printf '%s' "$line" | sha256sum | cut -d ' ' -f 1)
    count=$((count + 1))
  done < "$file"
done
echo "$count $expected"
"""

NOTE = r"""
set -eu
cd "$1/notes"
note=$(ls *.note | tail -n 1)
head -n 3 "$note" > "$2/body"
tail -n 1 "$note" | base64 -d > "$2/signature"
openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in "$2/body" -sigfile "$2/signature"
head -n 2 "$note" | tail -n 1
"""


def shell(script: str, *arguments: Path) -> subprocess.CompletedProcess[str]:
    """Run a script as an officer would."""
    return subprocess.run(
        ["sh", "-c", script, "sh", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.skipif(not shutil.which("jq"), reason="jq is not installed")
def test_jq_and_sha256sum_follow_the_chain(site: Site) -> None:
    """The chain is checked across midnight with plain tools, and an edit is seen."""
    good = shell(CHAIN, site.audit)
    assert good.returncode == 0, good.stderr
    assert int(good.stdout.split()[0]) == sum(
        len(p.read_bytes().splitlines()) for p in site.audit.glob("*.jsonl")
    )
    site.rewrite([site.lines()[0].replace(b"log.opened", b"log.closed"), *site.lines()[1:]])
    assert shell(CHAIN, site.audit).returncode == 1


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_openssl_verifies_a_note(site: Site, tmp_path: Path) -> None:
    """A note is taken apart with head, tail and base64 and checked with openssl."""
    good = shell(NOTE, site.audit, tmp_path)
    assert good.returncode == 0, good.stderr
    newest = sorted((site.audit / "notes").glob("*.note"))[-1]
    newest.write_bytes(newest.read_bytes().replace(b"medrelease\n", b"medreleasf\n"))
    assert shell(NOTE, site.audit, tmp_path).returncode != 0
