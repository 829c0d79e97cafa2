"""Bits of a parameter set, from the first to the last (ISO/IEC 23008-2 section 9.2; AV1 4.10)."""

from medrelease.sanitise.refusal import malformed


class Bits:
    """Reads bits and variable-length codes; what runs beyond the end is malformed."""

    __slots__ = ("_at", "_size", "_value")

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data)
        self._size = 8 * len(data)
        self._at = 0

    def take(self, count: int) -> int:
        """The next `count` bits as an unsigned number."""
        self._at += count
        if self._at > self._size:
            raise malformed("A header of the coded picture is cut.")
        return self._value >> (self._size - self._at) & ((1 << count) - 1)

    def flag(self) -> bool:
        """The next bit."""
        return bool(self.take(1))

    def golomb(self) -> int:
        """The next unsigned Exp-Golomb code, ue(v) or uvlc(); se(v) is of the same length."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 32:
                raise malformed("A header of the coded picture has a number without an end.")
        return (1 << zeros) - 1 + self.take(zeros)

    def skip_golomb(self, count: int) -> None:
        """Pass over `count` Exp-Golomb codes."""
        for _ in range(count):
            self.golomb()

    def end(self) -> None:
        """Demand the stop bit, zeros to the end of this byte, and nothing more."""
        left = self._size - self._at
        if not 1 <= left <= 8 or self.take(left) != 1 << (left - 1):
            raise malformed("A header of the coded picture holds more than its standard knows.")
