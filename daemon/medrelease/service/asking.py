"""Carry a person's request about a held file to the service, or do it where none runs."""

import grp
import os
import pwd
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextlib import closing as closing_of
from dataclasses import dataclass
from pathlib import Path

from medrelease.config.load import load
from medrelease.intake.stillness import Stillness
from medrelease.ledger.linkage import Linkage, Linked
from medrelease.release import requests
from medrelease.release.lanes import Lanes
from medrelease.release.requests import Request, Verb
from medrelease.release.rounds import Rounds
from medrelease.service.assemble import LINKAGE, open_desk, open_ledger, open_trail
from medrelease.service.instance import AnotherInstance, only_one
from medrelease.service.logs import open_log
from medrelease.service.single import refuse_place
from medrelease.spool.layout import Layout
from medrelease.spool.originals import copy_to, digest, list_originals, restore_to_outbox
from medrelease.terms.faults import MedreleaseError, Transient
from medrelease.terms.words import Wait

_ANSWER_WITHIN = 30.0
"""Seconds that a running service has to carry out a request; it looks at least every five."""

LINKAGE_GROUP = "medrelease-linkage"
"""Who may ask whose a code is, beside root."""


class NotPermitted(MedreleaseError):
    """Who asks may not have what was asked for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request: `done` is False where it was refused."""

    text: str
    done: bool


def asker() -> tuple[int, str]:
    """Who asks: the login behind sudo, else the login of the session, else of the process.

    An audit login uid (/proc/self/loginuid) cannot be changed by the session itself.
    """
    sudo = os.environ.get("SUDO_UID", "")
    uid = int(sudo) if sudo.isdigit() and os.geteuid() == 0 else _login_uid()
    try:
        return uid, pwd.getpwuid(uid).pw_name
    except KeyError:
        return uid, f"uid:{uid}"


def _login_uid() -> int:
    try:
        uid = int(Path("/proc/self/loginuid").read_text())
    except (OSError, ValueError):
        return os.getuid()
    return os.getuid() if uid == 0xFFFFFFFF else uid


def ask(file: Path, verb: Verb, release_id: str, reason: str | None) -> Answer:
    """Leave the request to the running service, else take the site's lock and carry it out."""
    settings = load(file)
    request = Request(verb, release_id, *asker(), reason)
    try:
        with (
            only_one(settings.site.state),
            as_owner(settings.site.state),
            ExitStack() as closing,
        ):
            desk = open_desk(settings, open_log(), closing)
            lanes = Lanes(1, lambda: None)
            stillness = Stillness(settings.site.settle, settings.site.patience)
            text = requests.carry_out(desk, Rounds(lanes, stillness), request)
            lanes.close()
            return Answer(text, done=text == requests.DONE)
    except AnotherInstance:
        said = _answered(requests.leave(settings.site.state, request))
        return Answer(said or "the running service was asked", done=said in (requests.DONE, None))


def record_first(file: Path, verb: Verb, name: str, reason: str) -> bool:
    """Have a look at secrets recorded before it happens; False where it could not be.

    With a running service the record is the service's, which has the trail open.
    """
    settings = load(file)
    request = Request(verb, name, *asker(), reason)
    try:
        with (
            only_one(settings.site.state),
            as_owner(settings.site.state),
            ExitStack() as closing,
        ):
            ledger = open_ledger(settings, closing)
            open_trail(settings, ledger, closing).append(*requests.only_record(request))
            return True
    except AnotherInstance:
        return _answered(requests.leave(settings.site.state, request)) == requests.DONE


def _answered(left: Path) -> str | None:
    """What the running service says to a request, None where it has not in time."""
    deadline = time.monotonic() + _ANSWER_WITHIN
    while (text := requests.answer_to(left)) is None and time.monotonic() < deadline:
        time.sleep(0.1)
    return text


@contextmanager
def as_owner(state: Path) -> Iterator[None]:
    """Where root acts in the service's stead, do it as the site's owner.

    What root wrote into trail and ledger the service could not write on.
    """
    owner = state.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        yield
        return
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def may_read_linkage(state: Path) -> bool:
    """Whether who asks is root or of the linkage group.

    Where a machine has no such group the site's owner may, who could open the file anyhow.
    """
    if os.geteuid() == 0:
        return True
    owns = state.stat().st_uid == os.geteuid()
    sudo = os.environ.get("SUDO_UID", "") if owns else ""
    try:
        group = grp.getgrnam(LINKAGE_GROUP)
    except KeyError:
        return owns
    try:
        person = pwd.getpwuid(int(sudo) if sudo.isdigit() else os.getuid())
    except KeyError:
        return False
    return person.pw_name in group.gr_mem or person.pw_gid == group.gr_gid


def find_linkage(file: Path, code: str, reason: str) -> Linked | None:
    """The subject behind a code, after the look was recorded; None where no code is known.

    Raises Transient where the record could not be made, and NotPermitted for who may not know.
    """
    if not may_read_linkage(load(file).site.state):
        message = f"only root and members of {LINKAGE_GROUP} may ask whose a code is"
        raise NotPermitted(message)
    if not record_first(file, "linkage", code, reason):
        raise Transient(Wait.UNSTABLE, "the running service did not record the request in time")
    with closing_of(Linkage(load(file).site.state / LINKAGE)) as linkage:
        return linkage.find(code)


def restore_original(file: Path, release_id: str, to: Path | None, reason: str) -> str | None:
    """Give an original back after that was recorded; returns why not, if not.

    It is copied to the new file `to`, or without one moved to where it was dropped. Neither
    overwrites anything, and bytes that are not those that were stored are not given back.
    """
    if to is not None and (refusal := refuse_place(to)) is not None:
        return refusal
    layout = Layout(load(file).site.share)
    original = next((o for o in list_originals(layout) if o.release_id == release_id), None)
    if original is None or (found := digest(layout, original)) is None:
        return "no original is kept under that release id"
    if found != original.sha256:
        return "the original is not what was stored: look at the trail, and at who was there"
    if not record_first(file, "restore" if to is None else "copy", release_id, reason):
        return "the running service did not record the request in time"
    if to is None:
        restore_to_outbox(layout, original)
    else:
        copy_to(layout, original, to)
    return None
