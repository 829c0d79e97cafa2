"""Small parts of the process's life."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from medrelease.audit.record import KEYS
from medrelease.service.instance import AnotherInstance, only_one
from medrelease.service.journal_sink import JournalSink
from medrelease.service.signals import Signals
from medrelease.service.systemd import ping_interval


def test_a_lock_is_for_one(tmp_path: Path) -> None:
    """A second holder is turned away, and the lock is free again afterwards."""
    with only_one(tmp_path), pytest.raises(AnotherInstance), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass


def test_signals_become_flags() -> None:
    """TERM asks to stop, HUP to reload once, and both wake the loop."""
    before = [signal.getsignal(s) for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]
    signals = Signals()
    signals.listen()
    try:
        os.kill(os.getpid(), signal.SIGHUP)
        assert signals.take_reload()
        assert not signals.take_reload()
        os.kill(os.getpid(), signal.SIGTERM)
        assert signals.stop
        assert signals.wake.is_set()
    finally:
        for number, was in zip((signal.SIGTERM, signal.SIGINT, signal.SIGHUP), before, strict=True):
            signal.signal(number, was)


def test_watchdog_interval_is_half(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pings come twice in the time that systemd allows; without a watchdog there are none."""
    monkeypatch.setenv("WATCHDOG_USEC", "60000000")
    assert ping_interval() == 30.0
    monkeypatch.delenv("WATCHDOG_USEC")
    assert ping_interval() is None


def test_journal_gets_records_and_never_a_coded_name() -> None:
    """A record reaches the journal by its release id; the number in its name does not."""
    sent: list[tuple[str, object]] = []
    sink = JournalSink(lambda message, fields: sent.append((message, dict(fields))))
    release_id = "01M853WDVZFANAT7N8BPFABDQ5"
    name = "23 02210 -1-012 345 6789.jpg"
    told = {"event": "release.published", "release_id": release_id, "coded_name": name}
    sink(dict.fromkeys(KEYS) | {"seq": 1} | told)
    sink.note("origin\n1\nhead\n")
    sink.close()
    assert [message for message, _ in sent] == ["release.published", "log.note"]
    assert release_id in str(sent)
    assert "6789" not in str(sent)


def test_what_python_says_by_itself_carries_no_value() -> None:
    """Warnings are not printed; of exceptions nobody caught, class and place are, and no text."""
    script = (
        "import threading, warnings\n"
        "from medrelease.service.logs import open_log, speak_for_python\n"
        "speak_for_python(open_log())\n"
        "warnings.warn('watching 012 345 6789')\n"
        "def fail(): raise KeyError('012 345 6789')\n"
        "class Odd:\n"
        "    def __del__(self): fail()\n"
        "thread = threading.Thread(target=fail); thread.start(); thread.join()\n"
        "odd = Odd(); del odd\n"
        "fail()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    said = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["exception"] for line in said] == ["KeyError"] * 3
    assert all(line["places"] for line in said)
    assert "345" not in done.stdout + done.stderr
