"""XMP packets: every value of a source's packet (ISO 16684-1), without an XML parser.

A packet that no parser would take still holds its texts, so the values are cut out by their
delimiters: what stands between tags, and what stands in quotes.
"""

import html
import re

_VALUE = re.compile(r">([^<>]+)<|=\s*\"([^\"<]*)\"|=\s*'([^'<]*)'")
_BOMS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8"))


def texts(packet: bytes) -> list[str]:
    """Return the values of one packet, entities resolved; namespace names are none."""
    found = []
    for match in _VALUE.finditer(_plain(packet)):
        value = html.unescape("".join(match.groups(""))).strip()
        if value and not value.startswith(("http://", "https://ns.", "adobe:ns:")):
            found.append(value)
    return found


def _plain(packet: bytes) -> str:
    """Return a packet as text, by its byte order mark or by where its NULs stand."""
    for mark, name in _BOMS:
        if packet.startswith(mark):
            return packet[len(mark) :].decode(name, "replace")
    if packet[:1] == b"\0":
        return packet.decode("utf-16-be", "replace")
    if packet[1:2] == b"\0":
        return packet.decode("utf-16-le", "replace")
    return packet.decode("utf-8", "replace")
