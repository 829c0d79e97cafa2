"""Three steps: look at the bytes in a worker, ask the register, settle whose image it is."""

import pwd
from dataclasses import replace

from medrelease.identifiers import keyed
from medrelease.identify import PathWords, read_path, reconcile
from medrelease.policy.row import Row
from medrelease.register import RowInvalid, row_bytes
from medrelease.release import answers, labour
from medrelease.release.case import Case
from medrelease.release.desk import Counsel, Desk
from medrelease.terms.flow import Claim, Hold
from medrelease.terms.route import Route
from medrelease.terms.words import Reason


def open_case(desk: Counsel, claim: Claim) -> Case:
    """A case for a claim: its route, and who dropped it by the owner of the file."""
    return Case(claim, desk.rules.routes[claim.route], user=login_of(claim.stamp.uid))


def login_of(uid: int) -> str:
    """The login name of a uid, or `uid:N` where the system knows none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid:{uid}"


def look(desk: Desk, case: Case) -> Case | Hold:
    """Let a worker say what the bytes are (`empty` needs no worker)."""
    if case.claim.stamp.size == 0:
        return Hold(Reason.EMPTY)
    answer = labour.run(desk, case.claim, "probe", check=answers.read_probe)
    if isinstance(answer, Hold):
        return answer
    probe = answers.read_probe(answer)
    return probe if isinstance(probe, Hold) else replace(case, probe=probe)


def consult(desk: Counsel, case: Case) -> Case:
    """Ask the register about the job that the path names.

    Raises Transient while the register cannot be read.
    """
    words = read_path(case.claim.path, desk.rules.job_format)
    found = look_up(desk, words)
    absent = "absent" if len(words.jobs) == 1 else None
    return replace(
        case,
        row=found if isinstance(found, Row) else None,
        row_invalid=found if isinstance(found, RowInvalid) else None,
        registered="present" if found is not None else absent,
        said=_said(desk, case.route, found),
    )


def identify(desk: Counsel, case: Case) -> Case | Hold:
    """Hear everyone who may speak for job, image and H&C number (DESIGN.md 5.3)."""
    if case.row_invalid is not None:
        return Hold(Reason.REGISTER_ROW_INVALID, case.row_invalid.problem)
    read = case.examined.hc if case.examined else ()
    if len(read) > 1:
        return Hold(Reason.IDENTITY_CONFLICT, "the picture itself has two different H&C numbers")
    identity = reconcile(
        read_path(case.claim.path, desk.rules.job_format),
        row=case.row,
        dicom_hc=case.probe.dicom_hc if case.probe else None,
        pixels_hc=read[0] if read else None,
        needs=desk.rules.templates[case.route.name].fields,
        check=desk.rules.check,
    )
    if isinstance(identity, Hold):
        return identity
    return replace(case, identity=identity)


def look_up(desk: Counsel, words: PathWords) -> Row | RowInvalid | None:
    """The register's row for the one job that a path names, where it names one."""
    if len(words.jobs) != 1:
        return None
    return desk.register.look_up(next(iter(words.jobs)))


def said_now(desk: Counsel, route: Route, path: bytes) -> str:
    """What the register says today of the job that a path names. Raises Transient."""
    return _said(desk, route, look_up(desk, read_path(path, desk.rules.job_format)))


def mark(desk: Desk, said: str | None) -> str:
    """A keyed hash of what the register said, to be kept with a held file; empty for nothing."""
    if said is None:
        return ""
    return keyed.hmac_hex(keyed.route_key(desk.site_key, "held"), said)


def _said(desk: Counsel, route: Route, found: Row | RowInvalid | None) -> str:
    """One text of all in the register's answer that a decision can hang on.

    It also changes on the day on which a future consent begins, and with the end of a study.
    """
    ends = route.study.ends if route.study else None
    if found is None:
        return f"absent {ends}"
    if isinstance(found, RowInvalid):
        return f"invalid {found.problems} {ends}"
    begun = found.consent_date is None or found.consent_date <= desk.today()
    return f"{row_bytes(found).hex()} {begun} {ends}"
