"""The C module that reads JPEG scans and PNG rows (`entropy/`): without it these are held."""

from medrelease.terms.words import Reason
from medrelease.verify.refusal import Refusal

try:
    from medrelease.verify import _entropy as native
except ImportError:
    HAS_ENTROPY = False
else:
    HAS_ENTROPY = True

__all__ = ["CONTRADICTION", "CUT", "HAS_ENTROPY", "native", "require", "scan_end"]

CUT, CONTRADICTION = 1, 2


def scan_end(view: memoryview, start: int) -> int:
    """Return the offset of the marker that ends the scan, restart markers passed over.

    Without such a marker that is the length of the file. ITU-T T.81 B.1.1.5.
    """
    require()
    return native.scan_end(view, start)


def require(missing: str = "the module that reads JPEG scans is missing") -> None:
    """Refuse every picture that it reads where the module is missing: Refusal(decoder-missing)."""
    if not HAS_ENTROPY:
        raise Refusal(Reason.DECODER_MISSING, missing)
