"""The message between pool and worker: one JSON object in one packet, descriptors beside it.

The socket is a SOCK_SEQPACKET pair, so that a packet is a message and needs no length. What
a worker sends is bounded and believed only as far as its shape goes.
"""

import json
import os
import socket
from collections.abc import Mapping, Sequence
from typing import Any

LIMIT = 64 * 1024
MOST_DESCRIPTORS = 8


class NonsenseError(ValueError):
    """A packet that is too long, is no JSON object, or carries descriptors it may not."""


def send(sock: socket.socket, message: Mapping[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Send one message. Raises `NonsenseError` when it is longer than `LIMIT` bytes."""
    packet = json.dumps(message, separators=(",", ":"), allow_nan=False).encode()
    if len(packet) > LIMIT:
        raise NonsenseError("a message is too long")
    if descriptors:
        socket.send_fds(sock, [packet], descriptors)
    else:
        sock.send(packet)


def receive(sock: socket.socket, descriptors: int = 0) -> tuple[dict[str, Any], list[int]] | None:
    """Take one message with at most `descriptors` descriptors; None when the peer has gone.

    Raises `NonsenseError` on anything that is not a JSON object of at most `LIMIT` bytes.
    """
    packet, received, flags, _ = socket.recv_fds(sock, LIMIT + 1, descriptors)
    if not packet:
        return None
    cut = bool(flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC))
    try:
        return parse(b"" if cut else packet), received
    except NonsenseError:
        for descriptor in received:
            os.close(descriptor)
        raise


def parse(packet: bytes) -> dict[str, Any]:
    """One message out of its bytes. Raises `NonsenseError` as `receive` does."""
    if len(packet) > LIMIT:
        raise NonsenseError("a message is too long")
    try:
        message = json.loads(packet, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NonsenseError("a message is too long or not JSON") from None
    if not isinstance(message, dict):
        raise NonsenseError("a message is no object")
    return message


def _refuse(_constant: str) -> None:
    raise ValueError
