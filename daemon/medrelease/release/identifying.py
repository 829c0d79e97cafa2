"""Two steps: look at the bytes in a worker, then settle whose image it is."""

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


def identify(desk: Counsel, case: Case) -> Case | Hold:
    """Hear everyone who may speak for job, image and H&C number (DESIGN.md 5.3).

    Raises Transient while the register cannot be read.
    """
    words = read_path(case.claim.path, desk.rules.job_format)
    found = look_up(desk, words)
    if isinstance(found, RowInvalid):
        return Hold(Reason.REGISTER_ROW_INVALID)
    identity = reconcile(
        words,
        row=found,
        dicom_hc=case.probe.dicom_hc if case.probe else None,
        pixels_hc=None,
        needs=desk.rules.templates[case.route.name].fields,
        check=desk.rules.check,
    )
    if isinstance(identity, Hold):
        return identity
    registered = "present" if found is not None else "absent"
    return replace(case, identity=identity, row=found, registered=registered)


def look_up(desk: Counsel, words: PathWords) -> Row | RowInvalid | None:
    """The register's row for the one job that a path names, where it names one."""
    if len(words.jobs) != 1:
        return None
    return desk.register.look_up(next(iter(words.jobs)))


def register_mark(desk: Desk, path: bytes) -> str:
    """A keyed hash of what the register says today of the job that a path names.

    It also changes on the day on which a future consent begins. Raises Transient.
    """
    row = look_up(desk, read_path(path, desk.rules.job_format))
    if row is None:
        said = "absent"
    elif isinstance(row, RowInvalid):
        said = f"invalid {row.problem}"
    else:
        begun = row.consent_date is None or row.consent_date <= desk.today()
        said = f"{row_bytes(row).hex()} {begun}"
    return keyed.hmac_hex(keyed.route_key(desk.site_key, "held"), said)
