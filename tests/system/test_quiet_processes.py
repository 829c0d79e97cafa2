"""Under strace: the service and every worker speak to nobody and write nowhere but in the site."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from corpora import photos, sites
from corpora.sites import FOLDER, Site
from medrelease.release import operations

CALLS = (
    "connect,bind,sendto,sendmsg,openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,"
    "unlink,unlinkat,link,linkat,symlink,symlinkat,truncate,mknod,mknodat,execve"
)
_CALL = re.compile(r"^\d+\s+(\w+)\((.*)$")
_PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')
IPV6_TRIED = re.compile(r'sa_family=AF_INET6, sin6_port=htons\(0\).*"::1"')
"""urllib3, which pydicom imports through requests, tries at import whether IPv6 can be bound."""
NOWHERE = ("/dev/null", "/proc/self/")

pytestmark = [
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
    pytest.mark.timeout(280),
]


@dataclass
class Seen:
    """What a traced program did: whom it spoke to, other programs, and places it changed.

    `spoken` has the families of connect, sendto and sendmsg; `bound` the addresses of bind.
    """

    spoken: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    programs: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)


def traced(words: list[str], where: Path, home: Path) -> tuple[int, str, Seen]:
    """Run a program and all its children under strace; exit status, output, and what was seen."""
    log = where / "strace.log"
    command = [
        "strace",
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-y",
        "-s",
        "300",
        "-e",
        f"trace={CALLS}",
        "-o",
        str(log),
    ]
    path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [*command, *words],
        capture_output=True,
        text=True,
        timeout=270,
        check=False,
        cwd=where,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "PYTHONPATH": path,
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )
    return done.returncode, done.stdout + done.stderr, _read(log)


def _read(log: Path) -> Seen:
    seen = Seen()
    for line in log.read_text(errors="replace").splitlines():
        call = _CALL.match(line)
        if call is None or re.search(r"= -1 E[A-Z]+ ", line):
            continue
        name, arguments = call.groups()
        if name in ("connect", "sendto", "sendmsg"):
            seen.spoken |= set(re.findall(r"sa_family=(AF_\w+)", arguments))
        elif name == "bind":
            seen.bound |= set(re.findall(r"\{(sa_family=.*?)\}", arguments))
        elif name == "execve":
            seen.programs.add(_PATH.findall(arguments)[0][1])
        elif not name.startswith("open") or re.search(r"O_WRONLY|O_RDWR|O_CREAT", arguments):
            seen.places |= {os.path.join(above, path) for above, path in _PATH.findall(arguments)}
    return seen


def _strangers(seen: Seen) -> set[str]:
    """Everybody that was spoken to or listened for, but for what stays within the machine."""
    return (seen.spoken - {"AF_UNIX"}) | {b for b in seen.bound if not IPV6_TRIED.match(b)}


def _outside(seen: Seen, *roots: Path) -> list[str]:
    allowed = tuple(f"{root}/" for root in roots) + NOWHERE
    return sorted(place for place in seen.places if not place.startswith(allowed))


def test_a_release_is_a_private_matter(site: Site, tmp_path: Path) -> None:
    """One run over files of several kinds: no socket but local ones, no file outside the site.

    Neither the home directory nor the working directory gets a byte: the libraries' telemetry
    and downloads are off.
    """
    home, where = tmp_path / "home", tmp_path / "where"
    home.mkdir()
    where.mkdir()
    site.drop(f"{FOLDER}/a.jpg", sites.jpeg(1))
    site.drop(f"{FOLDER}/b.dcm", b"no picture at all, only words")
    webp = next(data for name, data, _ in photos.planted() if name == "webp exif")
    site.drop(f"{FOLDER}/c.webp", webp)
    command = [sys.executable, "-m", "medrelease", "--config", str(site.config), "run", "--once"]
    code, said, seen = traced(command, where, home)
    assert code == 3, said
    assert len(site.released()) + len(site.held()) == 3
    assert _strangers(seen) == set()
    assert any(place.startswith(f"{site.root}/share/released/") for place in seen.places)
    assert _outside(seen, site.root) == []
    assert seen.programs == {sys.executable}
    assert list(home.iterdir()) == []
    assert [each.name for each in where.iterdir()] == ["strace.log"]


def test_no_worker_of_any_role_speaks_to_anybody(tmp_path: Path) -> None:
    """Each role's worker, with all that it loads, and each operation on a file that is none."""
    home, where = tmp_path / "home", tmp_path / "where"
    for folder in (home, where, tmp_path / "root"):
        folder.mkdir()
    (tmp_path / "root/source").write_bytes(b"this is no picture")
    command = [sys.executable, "-m", "corpora.every_role", str(tmp_path / "root")]
    code, said, seen = traced(command, where, home)
    assert code == 0, said
    assert {line.split(":")[0] for line in said.splitlines()} == set(operations.ROLES)
    assert _strangers(seen) == set()
    assert _outside(seen, tmp_path / "root") == []
    assert seen.programs == {sys.executable}
    assert list(home.iterdir()) == []
