"""Proof on the finished bytes, read cold: an opinion that shares no code with the cleaner.

    verify(source, finished, Options) -> Accepted | Hold

The source is read to learn what must be gone and what must have stayed; the finished file must
parse to its last byte and hold only structures on this room's own lists.
"""

from medrelease.terms.flow import Hold
from medrelease.terms.words import Reason
from medrelease.verify.accepted import Accepted
from medrelease.verify.mapped import mapped
from medrelease.verify.options import Options
from medrelease.verify.proof import prove
from medrelease.verify.refusal import Refusal

__all__ = ["Accepted", "Options", "verify"]


def verify(source: int, finished: int, options: Options) -> Accepted | Hold:
    """Prove that `finished` is the clean form of `source`; both are open, readable descriptors.

    Returns a Hold for whatever cannot be proved: an empty file, another format than
    expected, an unknown structure, a changed picture, an identifier left behind.
    Raises OSError where a descriptor cannot be mapped.
    """
    with mapped(source) as before, mapped(finished) as after:
        if not len(before):
            return Hold(Reason.EMPTY, "the source is empty")
        if not len(after):
            return Hold(Reason.MALFORMED, "the finished file is empty")
        try:
            return prove(before, after, options)
        except Refusal as refusal:
            return Hold(refusal.reason, refusal.detail)
