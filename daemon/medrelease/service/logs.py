"""The service's own log: structlog, one JSON object a line on standard error.

It names release ids, routes and reasons, and never a file name, an H&C number or a coded name.
"""

import logging
import sys
from typing import Any

import structlog


def open_log() -> Any:
    """A logger that writes JSON lines to standard error.

    The libraries' own logs are closed: what they say may carry the name of a dropped file.
    """
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
