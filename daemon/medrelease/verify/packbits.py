"""PackBits, the run-length coding of TIFF (6.0, section 9) and of DICOM's RLE (PS3.5 Annex G)."""


def unpacked(data: bytes, most: int) -> tuple[bytes, int]:
    """Return up to `most` bytes that the runs spell, and how many bytes of `data` they take.

    Fewer are returned where the data ends before.
    """
    plain, at = bytearray(), 0
    while len(plain) < most and at + 1 < len(data):
        head = data[at]
        if head < 128:
            plain += data[at + 1 : at + 2 + head]
            at += 2 + head
        elif head == 128:
            at += 1
        else:
            plain += data[at + 1 : at + 2] * (257 - head)
            at += 2
    return bytes(plain[:most]), at
