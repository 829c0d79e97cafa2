"""Signals as flags: TERM and INT drain, HUP reloads; the main loop looks at them."""

import signal
import threading
from dataclasses import dataclass, field
from types import FrameType


@dataclass(slots=True)
class Signals:
    """What was asked for since the last look. `wake` is set with every request."""

    wake: threading.Event = field(default_factory=threading.Event)
    stop: bool = False
    reload: bool = False

    def listen(self) -> None:
        """Take over SIGTERM, SIGINT and SIGHUP; a second SIGTERM ends at once."""
        signal.signal(signal.SIGTERM, self._on_stop)
        signal.signal(signal.SIGINT, self._on_stop)
        signal.signal(signal.SIGHUP, self._on_reload)

    def take_reload(self) -> bool:
        """Whether a reload was asked for; asking clears it."""
        asked, self.reload = self.reload, False
        return asked

    def _on_stop(self, signum: int, _frame: FrameType | None) -> None:
        if self.stop:
            signal.signal(signum, signal.SIG_DFL)
        self.stop = True
        self.wake.set()

    def _on_reload(self, _signum: int, _frame: FrameType | None) -> None:
        self.reload = True
        self.wake.set()
