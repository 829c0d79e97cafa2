"""Tries on the real share whether the service could do its work: for `medrelease check`."""

import os
import secrets
from collections.abc import Iterable, Iterator

from medrelease.spool import files, lease, reach
from medrelease.spool.layout import Layout
from medrelease.terms.faults import Transient


def renames(layout: Layout, routes: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(folder, what is wrong) for every folder that a file cannot be renamed into and out of.

    Equal device numbers prove nothing under bind mounts, so an empty file really goes there and
    back, under a hidden name that a look ignores.
    """
    for route in routes:
        for root in ("outbox", "held", "released"):
            try:
                with layout.open_private("work") as work, layout.open_route(root, route) as place:
                    _there_and_back(work, place)
            except OSError as error:
                yield f"{root}/{route}", error.strerror or "unknown error"
            except Transient as fault:
                yield f"{root}/{route}", str(fault)


def grants_leases(layout: Layout) -> bool:
    """Whether a read lease is to be had on a file of the share."""
    name = f".check-{secrets.token_hex(8)}".encode()
    with layout.open_private("work") as work:
        files.write_new(work, name, b"", 0o600)
        descriptor = os.open(name, reach.REGULAR, dir_fd=work)
        try:
            return lease.take(descriptor) is lease.Lease.GRANTED
        finally:
            os.close(descriptor)
            files.unlink(work, name)


def _there_and_back(work: int, place: int) -> None:
    name = f".check-{secrets.token_hex(8)}".encode()
    files.write_new(work, name, b"", 0o600)
    try:
        files.rename_noreplace(work, name, place, name)
        files.rename_noreplace(place, name, work, name)
    finally:
        files.unlink(work, name)
