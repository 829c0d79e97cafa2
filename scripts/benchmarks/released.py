"""How many of the files that common writers make are released rather than held.

    scripts/bench released [--held]

Counted are files that two decoders of different make open without a warning (HEIC: one, there is
but one). Prints a line a format and the whole; --held prints what was held, and why.
"""

import argparse
import logging
import os
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from corpora import written
from corpora.built import build_beside_sources
from corpora.masked import cleaned_under, proved_under
from medrelease.terms.flow import Hold

_ENOUGH = 0.9


def main() -> int:
    """Count; returns 1 where less than nine in ten are released."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held", action="store_true")
    wanted = parser.parse_args()
    build_beside_sources()
    logging.disable(logging.CRITICAL)
    os.environ["OPENCV_LOG_LEVEL"] = "SILENT"
    sound, kept, why = Counter[str](), Counter[str](), Counter[str]()
    for form, name, data in written.files():
        if len(written.openers(data)) < (1 if form == "HEIF" else 2):
            continue
        sound[form] += 1
        verdict = _verdict(data)
        if isinstance(verdict, Hold):
            kept[form] += 1
            why[f"{form}: {verdict.reason}: {verdict.detail}"] += 1
            if wanted.held:
                sys.stdout.write(f"held: {form} {name}: {verdict.detail}\n")
    for form in sorted(sound):
        _tell(form, sound[form], kept[form])
    _tell("all", sound.total(), kept.total())
    for detail, count in why.most_common():
        sys.stdout.write(f"{count:>6} {detail}\n")
    return int(kept.total() > (1 - _ENOUGH) * sound.total())


def _verdict(data: bytes) -> object:
    outcome, finished = cleaned_under(data, ())
    return outcome if isinstance(outcome, Hold) else proved_under(data, finished, ())


def _tell(form: str, sound: int, kept: int) -> None:
    share = 100 * (sound - kept) / sound
    sys.stdout.write(f"{form:>9} {sound - kept:>5} of {sound:>5} released, {share:.1f} %\n")


if __name__ == "__main__":
    sys.exit(main())
