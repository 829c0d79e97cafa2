"""A site for a test: made by the real command, run as the real process, looked at from outside."""

import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy
from PIL import Image

HEADER = "job_no,hc_no,consent,kind,clinician,consent_date,expires,withdrawn,study\n"
JOB, HC = "23 02210", "012 345 6789"
FOLDER = f"{JOB} {HC}"
ROW = "23 02210,012 345 6789,record;teaching,photograph,Dr Prosenjit Applewhite,2020-01-01,,,\n"


def jpeg(seed: int = 0, **options: Any) -> bytes:
    """A small JPEG whose picture depends on the seed only."""
    pixels = numpy.random.default_rng(seed).integers(0, 256, (4, 6, 3), dtype=numpy.uint8)
    picture = Image.fromarray(pixels).resize((48, 32), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88, **options)
    return buffer.getvalue()


def plain(seed: int = 0) -> bytes:
    """A small JPEG of one colour that fades, by the seed: nothing in it reads as text or a face."""
    colour = numpy.random.default_rng(seed).integers(90, 150, 3)
    fading = numpy.linspace(0, 24, 48)[numpy.newaxis, :, numpy.newaxis]
    pixels = numpy.broadcast_to(colour + fading, (32, 48, 3)).astype(numpy.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=88, comment=b"%d" % seed)
    return buffer.getvalue()


def png(seed: int = 0) -> bytes:
    """A small PNG whose picture depends on the seed only."""
    pixels = numpy.random.default_rng(seed).integers(0, 256, (16, 24, 3), dtype=numpy.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


class Site:
    """One site in a folder. `settle` and `patience` are short so that tests are.

    `text` is what becomes of writing in the pictures of the route for care: to `keep` it costs no
    look at them.
    """

    def __init__(
        self, root: Path, settle: float = 0.1, patience: float = 2.0, text: str = "keep"
    ) -> None:
        self.root = root
        self.config = root / "medrelease.toml"
        assert self.call("init", str(root), with_config=False).returncode == 0
        written = self.config.read_text()
        written = re.sub(r"(?m)^settle = .*$", f"settle = {settle}", written)
        written = re.sub(r"(?m)^patience = .*$", f"patience = {patience}", written)
        written = re.sub(r"(?m)^journal = .*$", "journal = false", written)
        if text != "redact":
            written = re.sub("(?m)^# (pixels = ).*$", rf'\1{{ text = "{text}" }}', written, count=1)
        self.config.write_text(written)
        self.register(ROW)

    def copied(self, root: Path) -> "Site":
        """The same site in another folder: it names itself by relative paths only."""
        shutil.copytree(self.root, root, symlinks=True)
        copy = object.__new__(Site)
        copy.root, copy.config = root, root / "medrelease.toml"
        return copy

    def call(
        self, *words: str, with_config: bool = True, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run one verb to its end."""
        config = ["--config", str(self.config)] if with_config else []
        return subprocess.run(
            [sys.executable, "-m", "medrelease", *config, *words],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            **options,
        )

    def once(self) -> subprocess.CompletedProcess[str]:
        """`run --once`."""
        return self.call("run", "--once")

    def register(self, *rows: str) -> None:
        """Write the register anew, whole."""
        fresh = self.root / "register.new"
        fresh.write_text(HEADER + "".join(rows))
        fresh.rename(self.root / "register.csv")

    def edit(self, pattern: str, replacement: str) -> None:
        """Change the configuration by a regular expression that must match."""
        text, count = re.subn(pattern, replacement, self.config.read_text(), flags=re.MULTILINE)
        assert count
        self.config.write_text(text)

    def drop(self, where: str | bytes, data: bytes, route: str = "clinician") -> Path:
        """Drop a file into an outbox, with the folders on its way."""
        place = self.outbox(route) / os.fsdecode(where)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        return place

    def outbox(self, route: str = "clinician") -> Path:
        """A route's outbox."""
        return self.root / "share" / "outbox" / route

    def released(self, route: str = "clinician") -> list[str]:
        """The names that stand in a route's released folder."""
        return sorted(os.listdir(self.root / "share" / "released" / route))

    def release(self, name: str, route: str = "clinician") -> bytes:
        """The bytes of one released file."""
        return (self.root / "share" / "released" / route / name).read_bytes()

    def held(self, route: str = "clinician") -> dict[str, str]:
        """Every held file by its path below the route, with the reason in its note."""
        folder = self.root / "share" / "held" / route
        found = {}
        for place in sorted(folder.rglob("*")):
            if place.is_file() and not place.name.endswith(".WHY.txt"):
                note = place.with_name(place.name + ".WHY.txt")
                text = note.read_text() if note.exists() else ""
                reason = re.search(r"(?m)^Reason(?: code)?: *([a-z-]+)", text)
                found[str(place.relative_to(folder))] = reason[1] if reason else "no note"
        return found

    def waiting(self) -> list[str]:
        """The files that still lie in an outbox."""
        outbox = self.root / "share" / "outbox"
        found = [os.path.join(above, name) for above, _, names in os.walk(outbox) for name in names]
        return sorted(os.path.relpath(path, outbox) for path in found)

    def trail(self) -> list[dict[str, Any]]:
        """Every record of the trail, its chain checked by this function's own reading."""
        lines = []
        for segment in sorted((self.root / "audit").glob("audit-*.jsonl")):
            lines += segment.read_bytes().splitlines()
        today = self.root / "audit" / "audit.jsonl"
        lines += today.read_bytes().splitlines() if today.exists() else []
        previous, records = "0" * 64, []
        for number, raw in enumerate(lines, 1):
            record = json.loads(raw)
            assert (record["prev"], record["seq"]) == (previous, number)
            previous = hashlib.sha256(raw).hexdigest()
            records.append(record)
        return records

    def events(self, event: str) -> list[dict[str, Any]]:
        """The records of one event."""
        return [record for record in self.trail() if record["event"] == event]

    @contextmanager
    def running(self) -> Iterator["Service"]:
        """The service as a process; ended by SIGTERM, and its exit status must be 0."""
        started = len(self.events_so_far("service.started"))
        log = (self.root / "service.log").open("ab")
        with (
            log,
            subprocess.Popen(
                [sys.executable, "-m", "medrelease", "--config", str(self.config), "run"],
                stdout=log,
                stderr=log,
            ) as process,
        ):
            service = Service(self, process)
            try:
                service.until(lambda: len(self.events_so_far("service.started")) > started)
                yield service
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
                code = process.wait(60)
        assert code == 0, (self.root / "service.log").read_text()[-4000:]

    def events_so_far(self, event: str) -> list[dict[str, Any]]:
        """The records of one event while the trail may be being written to."""
        today = self.root / "audit" / "audit.jsonl"
        if not today.exists():
            return []
        whole = [line for line in today.read_bytes().split(b"\n")[:-1] if line]
        return [record for record in map(json.loads, whole) if record["event"] == event]


class Service:
    """A running service of a test."""

    def __init__(self, site: Site, process: "subprocess.Popen[bytes]") -> None:
        self.site = site
        self.process = process

    def until(self, done: Callable[[], bool], seconds: float = 60.0) -> None:
        """Wait until something is so; fail with the service's log if it does not come."""
        deadline = time.monotonic() + seconds
        while not done():
            assert self.process.poll() is None, self._log()
            assert time.monotonic() < deadline, self._log()
            time.sleep(0.05)

    def until_idle(self, seconds: float = 60.0) -> None:
        """Wait until nothing lies in the outbox or in a claim."""
        claims = self.site.root / "share" / ".medrelease" / "claims"
        self.until(lambda: not self.site.waiting() and not os.listdir(claims), seconds)

    def _log(self) -> str:
        return (self.site.root / "service.log").read_text()[-4000:]
