"""systemd's own judgement on the unit, and that sysusers.d and tmpfiles.d agree with it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from medrelease.config.init import make_site

SYSTEMD = Path(__file__).parents[2] / "systemd"
UNIT = SYSTEMD / "medrelease.service"
PROGRAM = "/usr/lib/medrelease/bin/medrelease"
WORST_EXPOSURE = 0.5

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def setting(key: str) -> list[str]:
    """The values that the unit gives a key, one an assignment."""
    return re.findall(rf"(?m)^{key}=(.*)$", UNIT.read_text(encoding="utf-8"))


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a program that is there, since verify looks for it."""
    copy = tmp_path / "medrelease.service"
    text = UNIT.read_text(encoding="utf-8")
    assert text.count(PROGRAM) == 1
    copy.write_text(text.replace(PROGRAM, "/bin/true"), encoding="utf-8")
    return copy


@needs_systemd
def test_systemd_understands_every_line(unit: Path) -> None:
    """`systemd-analyze verify` says nothing: it exits 0 on unknown keys, so silence counts."""
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(unit)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr.strip(), run.stdout.strip()) == (0, "", "")


@needs_systemd
def test_the_sandbox_is_full(unit: Path) -> None:
    """`systemd-analyze security` finds next to nothing exposed."""
    command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", str(unit)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    exposure = re.search(r"exposure level.*?: ([0-9.]+)", run.stdout)
    assert exposure
    assert float(exposure[1]) <= WORST_EXPOSURE


def test_the_share_is_one_mount() -> None:
    """One entry holds the whole share: no rename crosses two entries of ReadWritePaths=."""
    (paths,) = setting("ReadWritePaths")
    assert paths.split() == ["/srv/medrelease", "/var/lib/medrelease", "/var/log/medrelease"]
    share = (SYSTEMD / "medrelease-share.conf").read_text(encoding="utf-8")
    folders = re.findall(r"(?m)^[df] (\S+)", share)
    assert folders
    assert all(folder.startswith("/srv/medrelease/share") for folder in folders)


def test_what_no_restart_mends_is_left_to_a_person() -> None:
    """Usage, a broken trail and the configuration stop the service; all else is tried for ever."""
    assert setting("RestartPreventExitStatus") == ["2 12 78"]
    assert setting("StartLimitIntervalSec") == ["0"]
    assert setting("RestartSec") == ["5"]


def test_leases_and_worker_sandboxes_are_allowed() -> None:
    """CAP_LEASE is all it may do, and what old systemd leaves out is named."""
    assert setting("AmbientCapabilities") == setting("CapabilityBoundingSet") == ["CAP_LEASE"]
    allowed = " ".join(setting("SystemCallFilter")).split()
    landlock = {f"landlock_{call}" for call in ("create_ruleset", "add_rule", "restrict_self")}
    assert {"seccomp", "prlimit64", *landlock} <= set(allowed)
    assert not setting("PrivateUsers"), "it hides who dropped a file"


def test_users_and_folders_are_those_of_the_unit() -> None:
    """Every owner and group in tmpfiles.d is made by sysusers.d, and the unit belongs to them."""
    users = (SYSTEMD / "sysusers.d" / "medrelease.conf").read_text(encoding="utf-8")
    made = {"root", *re.findall(r"(?m)^[ug] (\S+)", users)}
    folders = [SYSTEMD / "tmpfiles.d" / "medrelease.conf", SYSTEMD / "medrelease-share.conf"]
    for path in folders:
        owners = re.findall(r"(?m)^[df] \S+\s+\d+ (\S+)\s+(\S+)", path.read_text(encoding="utf-8"))
        assert {name for pair in owners for name in pair} <= made
    assert {*setting("User"), *setting("Group"), *setting("SupplementaryGroups")[0].split()} <= made


def test_a_packaged_share_is_the_share_of_init(tmp_path: Path) -> None:
    """What medrelease-share.conf makes is what `init` makes, but for the page of the service."""
    make_site(tmp_path)
    made = {str(path.relative_to(tmp_path)) for path in (tmp_path / "share").rglob("*")}
    text = (SYSTEMD / "medrelease-share.conf").read_text(encoding="utf-8")
    packaged = set(re.findall(r"(?m)^[df] /srv/medrelease/(share/\S+)", text))
    assert packaged == made - {"share/STATUS.html"}
