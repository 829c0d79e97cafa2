"""The journal's message ids: 128 bits for each of the program's own words, the same for ever.

systemd.journal-fields(7), MESSAGE_ID: how a program's message is known whatever its text, and how
`journalctl -x` finds the explanation in a message catalogue.
"""

import hashlib


def message_id(word: str) -> str:
    """The id of a reason or an event, as 32 hexadecimal digits in the form of a UUID, version 4.

    It is made from the word itself, so that no list of ids has to be kept beside the words.
    """
    bits = int.from_bytes(hashlib.sha256(f"medrelease {word}".encode()).digest()[:16], "big")
    bits = bits & ~(0xF << 76) | 0x4 << 76
    bits = bits & ~(0x3 << 62) | 0x2 << 62
    return f"{bits:032x}"
