"""IPTC records: the data sets of IIM 4.2 section 1.5, wherever they stand in a blob.

A Photoshop resource block needs no parsing of its own: its data sets are found by their tag
marker, and all other resources by their printable runs.
"""

from medrelease.verify.runs import decode, printable

_RECORDS = range(1, 10)


def texts(blob: bytes) -> list[str]:
    """Return every data set's value and every printable run of a blob."""
    found, at = printable(blob), 0
    while (at := blob.find(b"\x1c", at)) >= 0:
        head = blob[at : at + 5]
        if len(head) == 5 and head[1] in _RECORDS:
            size = int.from_bytes(head[3:5], "big")
            value = blob[at + 5 : at + 5 + size]
            if 0 < size < 0x8000 and len(value) == size:
                found.append(decode(value))
                at += 4 + size
        at += 1
    return [text for text in found if text]
