"""Texts in the character sets of PS3.3 C.12.1.1.2, turned into UTF-8 where they are kept."""

import re

_CODECS = {
    "": "ascii",
    "ISO_IR 6": "ascii",
    "ISO_IR 100": "latin-1",
    "ISO_IR 101": "iso8859-2",
    "ISO_IR 109": "iso8859-3",
    "ISO_IR 110": "iso8859-4",
    "ISO_IR 144": "iso8859-5",
    "ISO_IR 127": "iso8859-6",
    "ISO_IR 126": "iso8859-7",
    "ISO_IR 138": "iso8859-8",
    "ISO_IR 148": "iso8859-9",
    "ISO_IR 166": "iso8859-11",
    "ISO_IR 13": "shift_jis",
    "ISO_IR 192": "utf-8",
    "GB18030": "gb18030",
    "GBK": "gbk",
}


_NAME = re.compile(
    r"ISO_IR (?:6|13|100|101|109|110|126|127|138|144|148|166|192)|GB18030|GBK|"
    r"ISO 2022 IR (?:6|13|58|87|100|101|109|110|126|127|138|144|148|149|159|166)"
)


def is_charset(named: str) -> bool:
    """Whether a value of Specific Character Set names character sets of PS3.3 C.12.1.1.2."""
    parts = [part.strip() for part in named.split("\\")]
    return any(parts) and all(not part or _NAME.fullmatch(part) for part in parts)


def utf8(value: bytes, charset: str) -> bytes | None:
    """A text in UTF-8, without control characters; None where its character set is not read.

    `charset` is the value of Specific Character Set. Code extensions (ISO 2022) are not read,
    except where the text is plain ASCII.
    """
    codec = "ascii" if value.isascii() and b"\x1b" not in value else _CODECS.get(charset.strip())
    if codec is None:
        return None
    try:
        text = value.decode(codec)
    except UnicodeDecodeError:
        return None
    return "".join(c for c in text if c.isprintable() or c in "\r\n\t").encode("utf-8")
