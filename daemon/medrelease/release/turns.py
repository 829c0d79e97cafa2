"""Turns: files that share a numbering are numbered in the order in which the scan met them.

Cleaning runs side by side; only the allocation of an image number waits until every earlier
file of the same numbering has had its own or has gone another way (DESIGN.md 5.3). A file
waits for nobody else's.
"""

import threading
from collections import defaultdict, deque
from dataclasses import dataclass, field


@dataclass(eq=False, slots=True)
class Turn:
    """One file's place in the queue of its numbering; `done` may be called more than once."""

    queue: "Turns"
    key: str
    explicit: int | None
    finished: bool = field(default=False)

    def wait(self) -> frozenset[int]:
        """Wait until this file is the first of its queue.

        Returns the image numbers that files behind it ask for by name: the next free number
        must not take one of those.
        """
        return self.queue.wait(self)

    def done(self) -> None:
        """Let the next file of this numbering go on."""
        self.queue.leave(self)


class Turns:
    """The queues of all numberings. Safe for use by many threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queues: defaultdict[str, deque[Turn]] = defaultdict(deque)

    def join(self, key: str, explicit: int | None = None) -> Turn:
        """Queue up, in scan order; `explicit` is an image number that the path names."""
        turn = Turn(self, key, explicit)
        with self._changed:
            self._queues[key].append(turn)
        return turn

    def wait(self, turn: Turn) -> frozenset[int]:
        """Block until `turn` is at the head; see `Turn.wait`."""
        with self._changed:
            queue = self._queues[turn.key]
            self._changed.wait_for(lambda: queue[0] is turn)
            return frozenset(t.explicit for t in queue if t is not turn and t.explicit is not None)

    def leave(self, turn: Turn) -> None:
        """Take `turn` out of its queue, wherever it stands."""
        with self._changed:
            if turn.finished:
                return
            turn.finished = True
            queue = self._queues[turn.key]
            queue.remove(turn)
            if not queue:
                del self._queues[turn.key]
            self._changed.notify_all()
