"""A coded picture's headers as a string of bits, for the grammars of HEVC and AV1."""

from medrelease.verify.refusal import malformed


class BitString:
    """Bits from the first on; running beyond the end is malformed."""

    def __init__(self, data: bytes) -> None:
        self._bits = bin(int.from_bytes(b"\1" + data, "big"))[3:]
        self._at = 0

    def u(self, width: int) -> int:
        """Return the next `width` bits as a number."""
        part = self._bits[self._at : self._at + width]
        if len(part) != width:
            malformed("coded header cut")
        self._at += width
        return int(part, 2) if part else 0

    def ue(self) -> int:
        """Return the next Exp-Golomb number (ISO/IEC 23008-2 9.2)."""
        one = self._bits.find("1", self._at, self._at + 33)
        if one < 0:
            malformed("coded header with an endless number")
        zeros, self._at = one - self._at, one
        return self.u(zeros + 1) - 1

    def several(self, count: int) -> list[int]:
        """Return the next `count` Exp-Golomb numbers."""
        return [self.ue() for _ in range(count)]

    def prove_stop(self) -> None:
        """Refuse anything after here but the stop bit and zeros to the end of its byte."""
        rest = self._bits[self._at :]
        if len(rest) > 8 or rest != "1".ljust(len(rest), "0") or not rest:
            malformed("coded header with bits behind its end")

    def prove_stopped(self) -> int:
        """Refuse anything but a stop bit and zeros to the next byte; return that byte's place."""
        end = self._at + 8 - self._at % 8
        if self._bits[self._at : end] != "1".ljust(end - self._at, "0"):
            malformed("coded header with bits behind its end")
        return end // 8

    def prove_zeros(self) -> int:
        """Refuse anything but zeros to the end of the byte; return the next byte's place."""
        if self.u(-self._at % 8):
            malformed("coded header with bits behind its end")
        return self._at // 8
