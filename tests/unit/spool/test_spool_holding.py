"""Held: the file under its sub-path, its note beside it, nothing overwritten, nothing cut."""

import os
import stat
from collections.abc import Callable, Iterator

import pytest

from corpora import shares
from medrelease.spool import files, holding
from medrelease.spool.claims import Blocked, Claims
from medrelease.spool.layout import Layout
from medrelease.spool.naming import NOTE_SUFFIX
from medrelease.terms.faults import Transient
from medrelease.terms.flow import Claim


@pytest.fixture(name="claim")
def _claim(layout: Layout, claims: Claims) -> Callable[..., Claim]:
    def claim(path: bytes, data: bytes = b"an image", root: str = "outbox") -> Claim:
        taken = claims.take(shares.drop(layout, path, data, root), shares.release_id())
        assert isinstance(taken, Claim)
        return taken

    return claim


def note(claim: Claim) -> str:
    """A note as the notices room writes it, as far as it matters here."""
    return f"This file was not sent.\nRelease: {claim.release_id}\n"


def held(layout: Layout) -> dict[bytes, bytes | None]:
    """What lies in held of the route."""
    return shares.tree(layout.held("clinician"))


def hold(layout: Layout, claims: Claims, claim: Claim) -> holding.HeldPlace:
    """Hold a claim with its note."""
    return holding.hold(layout, claims, claim, note(claim))


def test_hold_keeps_the_sub_path(
    layout: Layout, claims: Claims, claim: Callable[..., Claim]
) -> None:
    """The file lies under the sub-path it was dropped in, its note beside it, its claim gone."""
    dropped = claim(b"23 02210/\xff/a.jpg")
    place = hold(layout, claims, dropped)
    assert place.path == b"23 02210/\xff/a.jpg"
    assert held(layout)[place.path] == b"an image"
    assert held(layout)[place.note] == note(dropped).encode()
    where = os.fsencode(layout.held("clinician")) + b"/" + place.note
    assert stat.S_IMODE(os.stat(where).st_mode) == 0o640
    assert not os.listdir(layout.private / "claims")
    assert not os.listdir(layout.private / "work")


def test_sub_folders_get_their_parents_mode(
    layout: Layout, claims: Claims, claim: Callable[..., Claim]
) -> None:
    """Staff can move a file out of a sub-folder of held just as out of the route's folder."""
    hold(layout, claims, claim(b"sub/a.jpg"))
    assert stat.S_IMODE((layout.held("clinician") / "sub").stat().st_mode) == 0o2770


def test_taken_names(layout: Layout, claims: Claims, claim: Callable[..., Claim]) -> None:
    """A second file of that name gets `~` and six characters, and so does one whose note's name
    is taken."""
    hold(layout, claims, claim(b"a.jpg"))
    second = claim(b"a.jpg", b"another")
    place = hold(layout, claims, second)
    assert place.path == b"a~" + second.release_id[-6:].encode() + b".jpg"
    third = claim(b"b.jpg")
    shares.drop(layout, b"b.jpg.WHY.txt", b"somebody's own text", "held")
    assert hold(layout, claims, third).path == b"b~" + third.release_id[-6:].encode() + b".jpg"
    assert held(layout)[b"b.jpg.WHY.txt"] == b"somebody's own text"


@pytest.mark.parametrize(
    "name",
    [b"n" * 251 + b".jpg", b"n" * 255, "ä".encode() * 125 + b".jpg", "日".encode() * 85],
    ids=["suffix", "no suffix", "umlauts", "three bytes"],
)
def test_long_names_are_cut(
    layout: Layout, claims: Claims, claim: Callable[..., Claim], name: bytes
) -> None:
    """Name and note stay within 255 bytes, the suffix stays, and no character is cut in two."""
    first, second = (hold(layout, claims, claim(name)) for _ in range(2))
    for place in (first, second):
        assert len(place.note) <= 255
        assert len(place.note) >= 252
        place.path.decode()
        assert place.path.endswith(b".jpg") == name.endswith(b".jpg")
    assert len(held(layout)) == 4


def test_hard_link_is_moved_unread(layout: Layout, claims: Claims) -> None:
    """Only the name of a hard-linked file moves; its bytes stay reachable elsewhere."""
    shares.drop(layout, b"a.jpg")
    os.link(layout.outbox("clinician") / "a.jpg", layout.share / "elsewhere")
    found = claims.take(shares.arrival(layout, b"a.jpg"), shares.release_id())
    assert isinstance(found, Blocked)
    hold(layout, claims, found.claim)
    assert (layout.held("clinician") / "a.jpg").stat().st_nlink == 2
    assert not (layout.outbox("clinician") / "a.jpg").exists()


def test_conflicting_folder(layout: Layout, claims: Claims, claim: Callable[..., Claim]) -> None:
    """Where a file or a link stands in the way of a sub-folder, the held file lies above it."""
    shares.drop(layout, b"sub", b"a file", "held")
    assert hold(layout, claims, claim(b"sub/a.jpg")).path == b"a.jpg"
    (layout.held("clinician") / "link").symlink_to(layout.share)
    assert hold(layout, claims, claim(b"link/b.jpg")).path == b"b.jpg"


def test_held_again_keeps_its_name(
    layout: Layout, claims: Claims, claim: Callable[..., Claim]
) -> None:
    """A file looked at again from held goes back under the same name with its new note."""
    hold(layout, claims, claim(b"sub/a.jpg"))
    taken = claims.take(shares.arrival(layout, b"sub/a.jpg", "held"), shares.release_id())
    assert isinstance(taken, Claim)
    place = hold(layout, claims, taken)
    assert place.path == b"sub/a.jpg"
    assert held(layout)[place.note] == note(taken).encode()
    assert len(held(layout)) == 3


@pytest.mark.parametrize("step", range(1, 12))
def test_cut_anywhere_and_done_again(
    layout: Layout,
    claims: Claims,
    claim: Callable[..., Claim],
    monkeypatch: pytest.MonkeyPatch,
    step: int,
) -> None:
    """A fault at any of its steps, then a restart, leaves one file and one note."""
    dropped = claim(b"sub/a.jpg")
    count = iter(range(1, 1000))
    names = ("write_durable", "rename_noreplace", "sync", "make_folder", "unlink", "remove_folder")
    with monkeypatch.context() as patch:
        for name in names:
            patch.setattr(files, name, _failing(getattr(files, name), count, step))
        try:
            hold(layout, claims, dropped)
        except Transient:
            pass
        else:
            assert step > 9
    for left in Claims(layout).pending():
        hold(layout, claims, left)
    assert held(layout) == {
        b"sub": None,
        b"sub/a.jpg": b"an image",
        b"sub/a.jpg.WHY.txt": note(dropped).encode(),
    }
    assert not os.listdir(layout.private / "claims")


def _failing(step: Callable[..., object], count: Iterator[int], at: int) -> Callable[..., object]:
    def failing(*arguments: object) -> object:
        if next(count) == at:
            raise OSError(5, "input/output error")
        return step(*arguments)

    return failing


def test_half_done_link_reads_as_done(
    layout: Layout, claims: Claims, claim: Callable[..., Claim]
) -> None:
    """Where a crash left the file in its claim and in held at once, the claim's name goes."""
    dropped = claim(b"a.jpg")
    place = layout.private / claims.relative_path(dropped)
    os.link(place, layout.held("clinician") / "a.jpg")
    shares.drop(layout, b"a.jpg" + NOTE_SUFFIX, note(dropped).encode(), "held")
    assert hold(layout, claims, dropped).path == b"a.jpg"
    assert (layout.held("clinician") / "a.jpg").stat().st_nlink == 1


def test_stranger_in_released(layout: Layout) -> None:
    """A file in released that the trail does not know moves to held with its note."""
    shares.drop(layout, b"planted.jpg", b"?", "released")
    release_id = shares.release_id()
    place = holding.hold_stranger(layout, "clinician", b"planted.jpg", release_id, release_id)
    assert held(layout)[place.path] == b"?"
    assert not os.listdir(layout.released("clinician"))
