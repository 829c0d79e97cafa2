"""Claims: files that only the service can still reach by name, each in a folder of its own.

    claims/<release id>/origin.json     where it came from, durable before the move
    claims/<release id>/file            the file itself

The descriptor that holds a claim's read lease stays open from the move until `close`.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from medrelease.spool import files, lease, leftovers, origin, reach, taking
from medrelease.spool.faults import transient
from medrelease.spool.layout import Layout
from medrelease.spool.naming import candidates
from medrelease.spool.taking import Candidate
from medrelease.terms.faults import wait_of
from medrelease.terms.flow import Arrival, Claim, Hold, Stamp
from medrelease.terms.words import Reason, Wait

_SHARED_SYNC_FROM = 5


@dataclass(frozen=True, slots=True)
class Blocked:
    """A file that was claimed unread and can only be held: hard-linked, or unreadable."""

    claim: Claim
    hold: Hold


Taken = Claim | Blocked | Wait
"""What comes of one attempt to claim."""


class Claims:
    """The claims of one share. Methods may be called from several threads, a claim from one."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._open: dict[str, int] = {}

    def take(self, arrival: Arrival, release_id: str) -> Taken:
        """Claim one file. See `take_many`."""
        return self.take_many([(arrival, release_id)])[0]

    def take_many(self, arrivals: Sequence[tuple[Arrival, str]]) -> list[Taken]:
        """Claim files under release ids that were never used; one result each, in order.

        Five or more share their fsyncs. Each claim keeps a descriptor open until `close`, so
        the caller bounds how many it takes. A fault of one file is that file's `Wait`; raises
        `Transient` where the claims folder itself is out of reach.
        """
        taken: dict[str, Taken] = {}
        ready: list[Candidate] = []
        with transient("claiming"), self._layout.open_private("claims") as claims:
            for arrival, release_id in arrivals:
                found = self._prepared(claims, arrival, release_id)
                if isinstance(found, Candidate):
                    ready.append(found)
                else:
                    taken[release_id] = found
            self._sync_origins(claims, ready)
            for candidate in ready:
                taken[candidate.release_id] = self._moved(claims, candidate)
            moved = [c for c in ready if not isinstance(taken[c.release_id], Wait)]
            taken |= self._sync_moves(claims, moved, taken)
        return [taken[release_id] for _, release_id in arrivals]

    def recheck(self, claim: Claim) -> bool:
        """Whether nobody can have touched the bytes since the claim; ask after the last read.

        True while the lease is unbroken and size, mtime, ctime and link count are the claim's.
        """
        with transient("looking at a claim again"):
            descriptor = self._open.get(claim.release_id)
            if descriptor is None:
                return not claim.leased and self._stamp_by_name(claim) == claim.stamp
            if claim.leased and not lease.stands(descriptor):
                return False
            now = origin.stamp_of(os.fstat(descriptor))
            return now == claim.stamp and now.nlink == 1

    def resume(self, claim: Claim) -> Taken:
        """Take the lease on a claim that `pending` found, as `take` would have, or take it anew.

        A file that somebody still has open for writing goes back to where it was dropped.
        """
        self.close(claim)
        candidate = Candidate(_arrival(claim), claim.release_id)
        if claim.stamp.nlink > 1:
            return Blocked(claim, Hold(Reason.HARD_LINK))
        with transient("resuming a claim"), self._open_claim(claim.release_id) as folder:
            found = taking.open_leased(folder, origin.FILE, candidate, claim.stamp)
        if isinstance(found, Wait):
            self.send_back(claim)
            return found
        return self._kept(found, replace(claim, leased=found.leased))

    def pending(self) -> list[Claim]:
        """The claims that an earlier run left, oldest first; what was never moved is cleared.

        They hold no lease yet (see `resume`): there may be more of them than descriptors.
        """
        with transient("reading the claims"), self._layout.open_private("claims") as claims:
            names = sorted(os.listdir(claims))
            found = (leftovers.settle(self._layout, claims, name) for name in names)
            return [claim for claim in found if claim is not None]

    def send_back(self, claim: Claim) -> bytes:
        """Put a file back to where it was dropped; returns its path below the route folder.

        Folders that went are made again; where the name is taken meanwhile, the file gets `~`
        and six characters of the release id. Raises `Transient`.
        """
        self.close(claim)
        folder, name = reach.split(claim.path)
        with (
            transient("sending a file back"),
            self._open_claim(claim.release_id) as claimed,
            self._layout.open_route(claim.source, claim.route) as route,
            files.place_below(route, folder) as (parent, where),
        ):
            new_name = files.put_down(
                claimed, origin.FILE, parent, candidates(name, claim.release_id)
            )
            files.sync(parent)
            files.sync(claimed)
        self.clear(claim)
        return where + b"/" + new_name if where else new_name

    def clear(self, claim: Claim) -> None:
        """Remove the folder of a claim whose file has been moved on."""
        self.close(claim)
        with transient("clearing a claim"), self._layout.open_private("claims") as claims:
            leftovers.remove(claims, claim.release_id.encode())

    def close(self, claim: Claim) -> None:
        """Let go of a claim's lease and descriptor; the file stays where it is."""
        descriptor = self._open.pop(claim.release_id, None)
        if descriptor is not None:
            os.close(descriptor)

    def close_all(self) -> None:
        """Let go of every claim."""
        for release_id in list(self._open):
            os.close(self._open.pop(release_id))

    def relative_path(self, claim: Claim) -> str:
        """The claimed file's path below the private folder, for a worker's job."""
        return f"claims/{claim.release_id}/{origin.FILE.decode()}"

    def _prepared(self, claims: int, arrival: Arrival, release_id: str) -> Candidate | Wait:
        """Inspect one file and write its origin down."""
        candidate: Candidate | Wait = Wait.UNSTABLE
        try:
            candidate = taking.inspect(self._layout, arrival, release_id)
            if isinstance(candidate, Candidate):
                taking.write_origin(claims, candidate)
        except OSError as error:
            return self._given_up(claims, candidate, error)
        return candidate

    def _moved(self, claims: int, candidate: Candidate) -> Taken:
        try:
            claim = taking.move(self._layout, claims, candidate)
        except OSError as error:
            return self._given_up(claims, candidate, error)
        if isinstance(claim, Wait):
            candidate.let_go()
            leftovers.remove(claims, candidate.folder)
            return claim
        return self._kept(candidate, claim)

    def _kept(self, candidate: Candidate, claim: Claim) -> Claim | Blocked:
        if candidate.descriptor is not None:
            self._open[claim.release_id] = candidate.descriptor
        return Blocked(claim, candidate.hold) if candidate.hold else claim

    def _given_up(self, claims: int, candidate: Candidate | Wait, error: OSError) -> Wait:
        """Undo what was done for a file that cannot be claimed now; why it must wait."""
        if isinstance(candidate, Candidate):
            candidate.let_go()
            leftovers.remove(claims, candidate.folder)
        return taking.wait_for(error) or wait_of(error)

    def _sync_origins(self, claims: int, ready: Sequence[Candidate]) -> None:
        try:
            if len(ready) >= _SHARED_SYNC_FROM:
                files.sync_filesystem(claims)
            elif ready:
                for candidate in ready:
                    with reach.opened(candidate.folder, claims) as folder:
                        files.sync_file(folder, origin.NAME)
                        files.sync(folder)
                files.sync(claims)
        except OSError:
            for candidate in ready:
                candidate.let_go()
                leftovers.remove(claims, candidate.folder)
            raise

    def _sync_moves(
        self, claims: int, moved: Sequence[Candidate], taken: Mapping[str, Taken]
    ) -> dict[str, Wait]:
        """Make the moves durable; where that fails the files go back and wait."""
        try:
            if len(moved) >= _SHARED_SYNC_FROM:
                files.sync_filesystem(claims)
            else:
                for candidate in moved:
                    taking.sync_move(self._layout, claims, candidate)
        except OSError as error:
            for candidate in moved:
                self._send_back_taken(taken[candidate.release_id])
            return {candidate.release_id: wait_of(error) for candidate in moved}
        return {}

    def _send_back_taken(self, taken: Taken) -> None:
        claim = taken.claim if isinstance(taken, Blocked) else taken
        if isinstance(claim, Claim):
            self.send_back(claim)

    @contextmanager
    def _open_claim(self, release_id: str) -> Iterator[int]:
        with (
            self._layout.open_private("claims") as claims,
            reach.opened(release_id.encode(), claims) as folder,
        ):
            yield folder

    def _stamp_by_name(self, claim: Claim) -> Stamp | None:
        with self._open_claim(claim.release_id) as folder:
            status = reach.look(folder, origin.FILE)
        return None if status is None or status.st_nlink > 1 else origin.stamp_of(status)


def _arrival(claim: Claim) -> Arrival:
    return Arrival(claim.route, claim.path, claim.stamp, claim.source)
