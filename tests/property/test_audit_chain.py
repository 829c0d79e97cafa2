"""Whatever is done to a signed trail, the verdict is not intact."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.trails import Site, work
from medrelease.audit.journal import journal_fields
from medrelease.audit.record import DETAIL_KEYS
from medrelease.audit.verification import verify_trail

WORDS = ["edit", "delete", "swap", "double", "cut", "insert", "flip"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site whose last line is that of a note."""
    site = Site(tmp_path_factory.mktemp("chain") / "site")
    trail = site.open(checkpoint_lines=7)
    work(trail, 1, 12)
    trail.close()
    return site


def attacked(lines: list[bytes], word: str, seed: int) -> list[bytes]:
    """Do one thing to the lines that a note covers: all but the last."""
    chance = random.Random(seed)
    made = list(lines)
    place = chance.randrange(len(lines) - 2)
    if word == "edit":
        at = chance.randrange(len(made[place]) - 1)
        made[place] = made[place][:at] + b"~" + made[place][at + 1 :]
    elif word == "flip":
        at = chance.randrange(len(made[place]) - 1)
        flipped = made[place][at] ^ (1 << chance.randrange(8))
        made[place] = made[place][:at] + bytes([flipped]) + made[place][at + 1 :]
    elif word == "delete":
        del made[place]
    elif word == "swap":
        made[place], made[place + 1] = made[place + 1], made[place]
    elif word == "double":
        made.insert(place, made[place])
    elif word == "cut":
        del made[place:]
    else:
        made.insert(place, made[chance.randrange(len(made))])
    return made


@settings(max_examples=150, deadline=None)
@given(word=st.sampled_from(WORDS), seed=st.integers(0, 2**32))
def test_no_change_to_signed_lines_goes_unseen(site: Site, word: str, seed: int) -> None:
    """Edit, delete, swap, double, cut, insert or flip a bit anywhere: broken."""
    before = site.today.read_bytes()
    try:
        site.rewrite(attacked(site.lines(), word, seed))
        assert verify_trail(site.audit, site.signer.public).verdict == "broken"
    finally:
        site.today.write_bytes(before)


@settings(max_examples=100, deadline=None)
@given(key=st.sampled_from(DETAIL_KEYS), before=st.text(max_size=5), after=st.text(max_size=5))
def test_no_field_leads_a_number_into_the_journal(key: str, before: str, after: str) -> None:
    """An H&C number in any field of a record stays out of its journal fields."""
    record = {"seq": 1, "event": "release.held", key: f"{before}012 345 6789{after}"}
    assert "345" not in "".join(journal_fields(record).values())


def test_the_corpus_itself_is_intact(site: Site) -> None:
    """Without a change the verdict is intact, so that the properties above say something."""
    assert Path(site.today).exists()
    assert verify_trail(site.audit, site.signer.public).verdict == "intact"
