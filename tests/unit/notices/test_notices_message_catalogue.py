"""The journal's message catalogue: made from the table of reasons, and understood by systemd."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from medrelease.audit.journal import journal_fields
from medrelease.notices import message_catalogue
from medrelease.notices.reasons import EXPLANATIONS
from medrelease.terms.message_ids import message_id
from medrelease.terms.words import Event, Reason

CATALOGUE = Path(__file__).parents[3] / "systemd" / "medrelease.catalog"


def test_the_file_is_the_table() -> None:
    """systemd/medrelease.catalog is what the table of reasons gives, with every reason in it."""
    text = CATALOGUE.read_text(encoding="utf-8")
    assert text == message_catalogue.render()
    assert len(re.findall(r"(?m)^-- [0-9a-f]{32}$", text)) == len(Reason)
    plain = re.sub(r"\s+", " ", text)
    for told in EXPLANATIONS.values():
        assert all(words in plain for words in (told.title, told.cause, *told.remedy))


def test_ids_are_uuids_and_never_change() -> None:
    """Each word has an id of its own, in the form that systemd asks for, for ever."""
    words = [word.value for word in (*Reason, *Event)]
    ids = [message_id(word) for word in words]
    assert len({*ids}) == len(words)
    assert all(re.fullmatch(r"[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}", one) for one in ids)
    assert message_id("identity-missing") == "1f0c1ce57fea4654a6093c4dd4c17307"


@pytest.mark.parametrize("reason", Reason)
def test_a_held_files_entry_has_the_reasons_id(reason: Reason) -> None:
    """What goes to the journal for a hold is what the catalogue explains."""
    record = {"event": "release.held", "seq": 7, "reason": reason.value}
    assert journal_fields(record)["MESSAGE_ID"] == message_id(reason.value)
    assert f"-- {message_id(reason.value)}\n" in CATALOGUE.read_text(encoding="utf-8")
    other = {"event": "hold.resolved", "seq": 8, "reason": reason.value}
    assert journal_fields(other)["MESSAGE_ID"] == message_id("hold.resolved")


@pytest.mark.skipif(shutil.which("journalctl") is None, reason="journalctl is not installed")
def test_systemd_reads_it(tmp_path: Path) -> None:
    """journalctl compiles the file and gives each explanation back by its id."""
    for folder in ("usr/lib/systemd/catalog", "var/lib/systemd/catalog"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(CATALOGUE, tmp_path / "usr/lib/systemd/catalog")
    root = f"--root={tmp_path}"
    done = subprocess.run(
        ["journalctl", root, "--update-catalog"], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    dumped = subprocess.run(
        ["journalctl", root, "--dump-catalog"], capture_output=True, text=True, check=True
    ).stdout
    for reason, told in EXPLANATIONS.items():
        assert f"-- {message_id(reason.value)}\nSubject: Not sent: {told.title}." in dumped
