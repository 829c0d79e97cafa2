"""A zlib stream (RFC 1950) read in exact amounts: what it inflates to is never held whole.

Read by ISA-L, which takes half of zlib's time; the prover reads it again with zlib-ng.
"""

from isal import isal_zlib

from medrelease.sanitise.refusal import incomplete, malformed

_PIECE = 1 << 16
_STEP = 1 << 20


class Inflater:
    """The zlib stream that lies in `pieces`, read in exact amounts."""

    def __init__(self, pieces: list[memoryview]) -> None:
        self._engine = isal_zlib.decompressobj()
        self._coded = (
            piece[at : at + _PIECE] for piece in pieces for at in range(0, len(piece), _PIECE)
        )
        self._rest: bytes | memoryview = b""
        self.consumed = 0

    def read(self, count: int) -> bytes:
        """The next `count` bytes, fewer where the stream ends. Raises a malformed refusal."""
        plain, left = list[bytes](), count
        while left and not self._engine.eof:
            self._rest = self._rest or next(self._coded, b"")
            given, found = bool(self._rest), self._inflate(left)
            plain.append(found)
            left -= len(found)
            if not given and not found:  # the engine keeps some of what it was given
                break
        return b"".join(plain)

    def skip(self, count: int) -> int:
        """Inflate and forget up to `count` bytes; returns how many there were."""
        left = count
        while left and (plain := self.read(min(left, _STEP))):
            left -= len(plain)
        return count - left

    def ends(self) -> bool:
        """Whether the stream ends here; False where there is more. Raises incomplete."""
        surplus = self.read(1)
        if not surplus and not self._engine.eof:
            raise incomplete("the coded picture")
        return not surplus

    def _inflate(self, most: int) -> bytes:
        given = len(self._rest)
        try:
            plain = self._engine.decompress(self._rest, most)
        except isal_zlib.error as error:  # type: ignore[misc] # the stub takes the class for one
            raise malformed("The coded picture does not inflate.") from error
        self._rest = self._engine.unconsumed_tail
        self.consumed += given - len(self._rest) - len(self._engine.unused_data)
        return plain
