"""Hints: they wake the service, survive a deleted root, and cost nothing when they fail."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from medrelease.intake import hints
from medrelease.intake.hints import Hints


@pytest.fixture(name="wake")
def _wake() -> threading.Event:
    return threading.Event()


@pytest.fixture(name="outbox")
def _outbox(tmp_path: Path) -> Path:
    (tmp_path / "outbox").mkdir()
    return tmp_path / "outbox"


@pytest.fixture(name="watch")
def _watch(outbox: Path, wake: threading.Event) -> Iterator[Hints]:
    watch = Hints([outbox], wake, polling=False)
    yield watch
    watch.close()


def test_change_wakes(watch: Hints, outbox: Path, wake: threading.Event) -> None:
    """A new file, also one whose name is not UTF-8, wakes."""
    assert watch.watching
    (Path(os.fsdecode(os.fsencode(outbox) + b"/\xff.jpg"))).touch()
    assert wake.wait(5)


def test_looking_does_not_wake(watch: Hints, outbox: Path, wake: threading.Event) -> None:
    """Reading the folder, as a look does, is no hint."""
    os.listdir(outbox)
    assert not wake.wait(0.5)


def test_deleted_and_made_again(watch: Hints, outbox: Path, wake: threading.Event) -> None:
    """A root that was deleted and made again is watched again after the next `mind`."""
    assert not watch.mind()
    shutil.rmtree(outbox)
    assert not watch.mind()
    assert not watch.watching
    outbox.mkdir()
    assert watch.mind()
    wake.clear()
    (outbox / "a.jpg").touch()
    assert wake.wait(5)


def test_dead_thread_is_replaced(watch: Hints, outbox: Path, wake: threading.Event) -> None:
    """An emitter that died is noticed, and the watch started anew."""
    observer = watch._observer
    assert observer is not None
    for emitter in observer.emitters:
        emitter.stop()
        emitter.join()
    assert watch.mind()
    wake.clear()
    (outbox / "a.jpg").touch()
    assert wake.wait(5)


def test_a_watch_that_cannot_be_ended_is_left(
    watch: Hints, outbox: Path, wake: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """watchdog raises KeyError on ending a watch whose folders were swapped: a new one serves."""
    observer = watch._observer
    assert observer is not None
    with monkeypatch.context() as patch:

        def confused() -> None:
            raise KeyError(b"a.jpg")

        patch.setattr(observer, "stop", confused)
        patch.setattr(watch, "_sound", lambda: False)
        assert watch.mind()
    observer.stop()
    observer.join()
    assert watch.watching
    wake.clear()
    (outbox / "new.jpg").write_bytes(b"x")
    assert wake.wait(5)


def test_polling_watches_nothing(outbox: Path, wake: threading.Event) -> None:
    """Where the filesystem gives no events no thread is started."""
    before = threading.active_count()
    watch = Hints([outbox], wake, polling=True)
    assert not watch.mind()
    assert not watch.watching
    assert threading.active_count() == before
    watch.close()


def test_no_watches_left(
    outbox: Path, wake: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the kernel's limit of watches is reached the service runs on by its looks."""

    def refused(*_: object) -> None:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(hints.Observer, "start", refused)
    watch = Hints([outbox], wake, polling=False)
    assert not watch.watching
    watch.close()


def test_close_ends_every_thread(outbox: Path, wake: threading.Event) -> None:
    """Closing leaves no thread behind."""
    before = threading.active_count()
    watch = Hints([outbox], wake, polling=False)
    watch.close()
    watch.close()
    assert threading.active_count() == before
