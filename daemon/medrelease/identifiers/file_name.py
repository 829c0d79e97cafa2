"""Whether a name can stand in a folder: on Linux, on a Windows share, and in this program.

Source of the Windows rules: Microsoft, "Naming Files, Paths, and Namespaces".
"""

import re
import unicodedata

LONGEST = 255
"""Bytes of UTF-8 that one name may have (NAME_MAX)."""

_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])", re.IGNORECASE)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def problems(name: str) -> tuple[str, ...]:
    """Why a name may not be used, in words for a person; empty if it may."""
    found = [*forbidden_characters(name)]
    if not name:
        found.append("it is empty")
    if name.startswith((".", "~", " ")):
        found.append("it begins with a full stop, a tilde or a space")
    if name.endswith((".", " ")):
        found.append("it ends with a full stop or a space")
    if _RESERVED.fullmatch(name.split(".", 1)[0].rstrip(" ")):
        found.append("Windows keeps that name for a device")
    if len(name.encode("utf-8", "surrogatepass")) > LONGEST:
        found.append(f"it is longer than {LONGEST} bytes")
    return tuple(found)


def forbidden_characters(text: str) -> tuple[str, ...]:
    """What is wrong with the characters of a name or of a part of one."""
    found = []
    if _FORBIDDEN.search(text):
        found.append('it has one of < > : " / \\ | ? *')
    if any(unicodedata.category(character) in _UNSEEN for character in text):
        found.append("it has a character that cannot be seen")
    return tuple(found)
