"""The C search: it finds what a plain search in Python finds, and reads base64 as Python does."""

import base64
import binascii
import random
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora import clean_photos as clean
from corpora.masked import proved_under
from medrelease.service import checks
from medrelease.terms.flow import Hold
from medrelease.terms.words import Reason
from medrelease.verify import _patterns as native
from medrelease.verify import search
from medrelease.verify.search import Patterns

LETTERS = b"aAbB\0\xe1\xc1"
"""Few, so that patterns overlap, share their heads and are met in any case."""


def lowered(data: bytes) -> bytes:
    """ASCII letters without case."""
    return bytes(code + 32 if 65 <= code <= 90 else code for code in data)


def plainly(needles: list[list[bytes]], data: bytes) -> list[tuple[int, int, int]]:
    """Every occurrence of every pattern of six bytes or more, by bytes.find."""
    found, low = [], lowered(data)
    for number, forms in enumerate(needles):
        for form in forms:
            at = low.find(lowered(form)) if len(form) >= 6 else -1
            while at >= 0:
                found.append((at, at + len(form), number))
                at = low.find(lowered(form), at + 1)
    return sorted(found)


few = st.lists(st.sampled_from(list(LETTERS)), max_size=40).map(bytes)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(few, max_size=3), max_size=6), few, few, st.integers(0, 3))
def test_the_search_finds_what_a_plain_one_finds(
    needles: list[list[bytes]], before: bytes, behind: bytes, number: int
) -> None:
    """Whatever the patterns and the bytes: each occurrence once, at its place."""
    planted = b"".join(form.swapcase() for forms in needles[number : number + 1] for form in forms)
    data = before + planted + behind
    assert sorted(Patterns(needles).hits(data, 10_000)) == plainly(needles, data)


@pytest.mark.parametrize("count", [1, 30, 400, 3000])
def test_many_patterns_are_found_in_noise(count: int) -> None:
    """Patterns of every length, planted at every alignment, beside each other and at the ends."""
    draw = random.Random(count)
    needles = [[draw.randbytes(draw.randrange(6, 70))] for _ in range(count)]
    pieces = [draw.randbytes(draw.randrange(0, 9)) for _ in range(2000)]
    pieces += [draw.choice(needles)[0] for _ in range(200)]
    draw.shuffle(pieces)
    data = needles[0][0] + b"".join(pieces) + needles[-1][0]
    hits = sorted(Patterns(needles).hits(data, 10_000))
    assert hits == plainly(needles, data)
    assert len(hits) >= 200


def test_a_search_ends_at_its_limits() -> None:
    """No more hits than were asked for, and none that begins behind the limit."""
    found = native.Search([[b"siobhan"]])
    data = b"Siobhan " * 10
    assert len(found.run(data, len(data), 3)) == 3
    assert [start for start, _, _ in found.run(data, 16, 100)] == [0, 8]
    assert found.run(data, len(data), 0) == []
    assert found.run(b"", 0, 9) == native.Search([]).run(data, 80, 9) == []
    assert found.longest == 7


def test_wrong_arguments_are_refused() -> None:
    """What is no bytes is a TypeError and not a crash."""
    for wrong in ((), (None,), ([1],), ([["text"]],), ([[None]],)):
        with pytest.raises(TypeError):
            native.Search(*wrong)
    for args in ((), (b"",), ("text", 1, 1), (b"", None, 1)):
        with pytest.raises(TypeError):
            native.Search([]).run(*args)
    with pytest.raises(TypeError):
        native.unbased("text")


_BASED = re.compile(rb"[A-Za-z0-9+/_-](?:[\r\n]{0,2}[A-Za-z0-9+/_-]){7,}")
_ONE_ALPHABET = bytes.maketrans(b"-_", b"+/")
some = st.sampled_from([b"QUJD", b"a-_+/9", b"\r\n", b"\n", b"=", b"\0", b"A", b"zzzzzzzz"])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.binary(max_size=60), st.lists(some, max_size=20).map(b"".join)))
def test_base64_is_read_as_python_reads_it(data: bytes) -> None:
    """Each run of eight letters or more, from each of four places, whatever surrounds it."""
    expected = b""
    for run in _BASED.findall(data):
        text = run.translate(_ONE_ALPHABET, b"\r\n")
        for start in range(4):
            rest = text[start:]
            expected += binascii.a2b_base64(rest + b"A" * (-len(rest) % 4)) + b"\0"
    assert native.unbased(data) == expected
    assert data in native.unbased(base64.b64encode(data + b"....."))


def test_without_its_module_the_prover_holds_every_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation whose C modules were not built releases nothing, and `check` says so."""
    picture = clean.png()
    monkeypatch.setattr(search, "HAS_PATTERNS", False)
    verdict = proved_under(picture, picture, ())
    assert isinstance(verdict, Hold)
    assert verdict.reason is Reason.DECODER_MISSING
    monkeypatch.setattr(checks, "_built", lambda module: "_patterns" not in module)
    (finding,) = checks._c_modules(None)  # type: ignore[arg-type]
    assert finding.severity == "error"
    assert "every file is held" in finding.cause
