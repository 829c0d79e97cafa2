"""An attacker with write access to the outbox, looping while files are claimed and held."""

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from corpora import shares
from medrelease.intake.scan import look
from medrelease.intake.share import Share
from medrelease.spool import holding
from medrelease.spool.claims import Blocked, Claims
from medrelease.spool.layout import Layout
from medrelease.terms.flow import Claim

ROUNDS = 150


def _swap_folder(route: Path, outside: Path) -> None:
    """Turn the folder that is being read into a link to a folder outside, and back."""
    with contextlib.suppress(OSError):
        (route / "sub").rename(route / "away")
        (route / "sub").symlink_to(outside)
        (route / "sub").unlink()
        (route / "away").rename(route / "sub")


def _swap_file(route: Path, outside: Path) -> None:
    """Put a link in the place of a file."""
    with contextlib.suppress(OSError):
        (route / "sub" / "a.jpg").unlink()
        (route / "sub" / "a.jpg").symlink_to(outside / "a.jpg")


def _link_file(route: Path, outside: Path) -> None:
    """Put a hard link to a file outside in the place of a file."""
    with contextlib.suppress(OSError):
        (route / "sub" / "a.jpg").unlink()
        os.link(outside / "a.jpg", route / "sub" / "a.jpg")


@pytest.mark.parametrize("attack", [_swap_folder, _swap_file, _link_file])
def test_nothing_outside_is_moved_or_claimed(
    tmp_path: Path, attack: Callable[[Path, Path], None]
) -> None:
    """However the attacker swaps, no claim ever holds the bytes outside, and they stay there."""
    layout = shares.make(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.jpg").write_bytes(b"another patient")
    route = layout.outbox("clinician")
    (route / "sub").mkdir()
    sub = os.open(route / "sub", os.O_RDONLY)
    stop = threading.Event()
    attacker = threading.Thread(target=_loop, args=(stop, attack, route, outside))
    attacker.start()
    try:
        _work(layout, sub)
    finally:
        stop.set()
        attacker.join()
        os.close(sub)
    assert (outside / "a.jpg").read_bytes() == b"another patient"


def _loop(
    stop: threading.Event, attack: Callable[[Path, Path], None], route: Path, outside: Path
) -> None:
    while not stop.is_set():
        attack(route, outside)


def _work(layout: Layout, sub: int) -> None:
    """Drop into the folder `sub`, look, claim and hold, over and over."""
    share, claims = Share.pin(layout.share), Claims(layout)
    dropped = layout.share / "dropped"
    for _ in range(ROUNDS):
        dropped.write_bytes(b"an image")
        os.rename(dropped, "a.jpg", dst_dir_fd=sub)
        for seen in look(share, frozenset(shares.ROUTES)).arrivals:
            arrival = shares.Arrival(seen.route, seen.path, seen.stamp)
            taken = claims.take(arrival, shares.release_id())
            claim = taken.claim if isinstance(taken, Blocked) else taken
            if isinstance(claim, Claim):
                claimed = layout.private / claims.relative_path(claim)
                assert isinstance(taken, Blocked) or claimed.read_bytes() in (b"an image", b"")
                holding.hold(layout, claims, claim, claim.release_id)
    claims.close_all()
