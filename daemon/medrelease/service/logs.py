"""The service's own log: structlog, one JSON object a line on standard error.

It names release ids, routes and reasons, and never a file name, an H&C number or a coded name.
What Python and its libraries would print by themselves may carry all of these: their logs and
warnings are closed, and of an exception that nobody caught the class and the places are said.
"""

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

import structlog


def open_log() -> Any:
    """A logger that writes JSON lines to standard error."""
    logging.getLogger().addHandler(logging.NullHandler())
    return structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(sort_keys=False),
        ],
    )


def speak_for_python(log: Any) -> None:
    """Take over what the interpreter itself would print of warnings and uncaught exceptions.

    For a process that is the service: watchdog warns with the paths that it watches, and the text
    of an OSError or KeyError may be a dropped name.
    """
    logging.captureWarnings(capture=True)

    def uncaught(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        log.critical("uncaught", exception=kind.__name__, places=places(trace))

    sys.excepthook = uncaught
    threading.excepthook = lambda seen: uncaught(
        seen.exc_type, seen.exc_value or seen.exc_type(), seen.exc_traceback
    )
    sys.unraisablehook = lambda seen: uncaught(
        seen.exc_type, seen.exc_value or seen.exc_type(), seen.exc_traceback
    )


def places(trace: TracebackType | None) -> list[str]:
    """The innermost six places of a traceback, as `file:line`."""
    return [
        f"{place.filename.rsplit('/', 1)[-1]}:{place.lineno}"
        for place in traceback.extract_tb(trace)[-6:]
    ]
