"""Over 10,000 subjects that two studies share, nothing of one study's codes tells of the other's.

Each comparison is a test of chance with p > 0.001, over fixed keys, so that it never fails by
luck: a code, its order, its prefixes, its symbols, UIDs and date offsets. That the tests can fail
at all is shown on codes of one study, and on codes that were shortened.
"""

import math
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

import numpy
import pytest

from medrelease.identifiers import base32, keyed

SITE = sha256(b"a site").digest()
SUBJECTS = [
    f"{n // 10**7:03} {n // 10**4 % 1000:03} {n % 10**4:04}"
    for n in range(3_200_000_000, 3_200_050_000, 5)
]
STUDIES = [
    ("study:ABC", "study:ABD"),
    ("study:2026-014", "study:2026-015"),
    ("route:print", "study:print"),
]
LEAST_P = 0.001


def codes(label: str, subjects: Sequence[str] = SUBJECTS) -> list[str]:
    """The codes of all subjects in one study, without hyphens and check character."""
    key = keyed.route_key(SITE, label)
    return [keyed.subject_code(key, subject).replace("-", "")[:16] for subject in subjects]


def normal_p(z: float) -> float:
    """How likely chance is to give a standard normal value at least as far from zero."""
    return math.erfc(abs(z) / math.sqrt(2))


def order_p(one: Sequence[object], other: Sequence[object]) -> float:
    """Spearman's rank correlation, as the chance of one as strong without any link."""
    ranks = [numpy.argsort(numpy.argsort(numpy.array(side))) for side in (one, other)]
    rho = float(numpy.corrcoef(*ranks)[0, 1])
    return normal_p(rho * math.sqrt(len(one) - 1))


def equal_p(one: Sequence[str], other: Sequence[str], symbols: int) -> float:
    """How many subjects share a prefix of so many symbols, against 1 in 32 to their power."""
    chance = 32.0**-symbols
    same = sum(a[:symbols] == b[:symbols] for a, b in zip(one, other, strict=True))
    spread = math.sqrt(len(one) * chance * (1 - chance))
    return normal_p((same - len(one) * chance) / spread)


def table_p(one: Sequence[str], other: Sequence[str], place: int) -> float:
    """Chi-square over the pairs of symbols at one place (Wilson and Hilferty's normal value)."""
    pairs = Counter((a[place], b[place]) for a, b in zip(one, other, strict=True))
    firsts, seconds = Counter(a[place] for a in one), Counter(b[place] for b in other)
    total = sum(
        (pairs[a, b] - firsts[a] * seconds[b] / len(one)) ** 2 / (firsts[a] * seconds[b] / len(one))
        for a in firsts
        for b in seconds
    )
    degrees = (len(firsts) - 1) * (len(seconds) - 1)
    width = 2 / (9 * degrees)
    return normal_p(((total / degrees) ** (1 / 3) - (1 - width)) / math.sqrt(width))


@pytest.mark.parametrize(("first", "second"), STUDIES)
def test_codes_of_two_studies(first: str, second: str) -> None:
    """No code is shared; no order, prefix or symbol is alike more often than by chance."""
    one, other = codes(first), codes(second)
    assert len({*one}) == len({*other}) == len(SUBJECTS) == 10_000
    assert not {*one} & {*other}
    assert len({code[:10] for code in one} & {code[:10] for code in other}) == 0
    assert order_p(one, other) > LEAST_P
    assert all(equal_p(one, other, symbols) > LEAST_P for symbols in (1, 2))
    # 16 places are 16 tests: each must pass at a sixteenth of the level, all together at the level
    assert min(table_p(one, other, place) for place in range(16)) > LEAST_P / 16


def test_codes_tell_nothing_of_the_subjects_order() -> None:
    """Within one study the order of the numbers does not show in the order of the codes."""
    assert order_p(codes("study:ABC"), range(len(SUBJECTS))) > LEAST_P


def test_uids_and_offsets_of_two_studies() -> None:
    """Neither UIDs nor date offsets of one study go with those of another."""
    keys = [keyed.route_key(SITE, label) for label in STUDIES[0]]
    uids = [[int(keyed.uid(key, f"1.2.{subject}")[5:]) for subject in SUBJECTS] for key in keys]
    assert not {*uids[0]} & {*uids[1]}
    assert order_p([float(n) for n in uids[0]], [float(n) for n in uids[1]]) > LEAST_P
    days = [[keyed.date_offset_days(key, subject) for subject in SUBJECTS] for key in keys]
    assert order_p(*days) > LEAST_P
    same = sum(a == b for a, b in zip(*days, strict=True))
    expected = len(SUBJECTS) / keyed.LONGEST_OFFSET_DAYS
    assert normal_p((same - expected) / math.sqrt(expected)) > LEAST_P


def test_these_tests_can_fail() -> None:
    """The same study twice, a shared prefix and a shared order are each found out."""
    one, other = codes("study:ABC"), codes("study:ABD")
    assert order_p(one, one) < LEAST_P
    assert table_p(one, one, 3) < LEAST_P / 16
    mixed = [
        a[:2] + b[2:] if n % 50 == 0 else b for n, (a, b) in enumerate(zip(one, other, strict=True))
    ]
    assert equal_p(one, mixed, 2) < LEAST_P
    nudged = sorted(other)
    ranks = numpy.argsort(numpy.argsort(numpy.array(one)))
    followed = [nudged[rank] if n % 10 == 0 else other[n] for n, rank in enumerate(ranks)]
    assert order_p(one, followed) < LEAST_P
    assert all(base32.values(code) is not None for code in one[:100])
