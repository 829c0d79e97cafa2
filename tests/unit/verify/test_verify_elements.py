"""The C walk over DICOM elements: what it tells is what a plain walk in Python tells."""

import random
from itertools import islice

import pytest

from corpora import dicom_real, dicoms
from corpora.dicom_cleaning import cleaned, proved
from corpora.dicom_walked import walked
from corpora.fuzzing import mutations
from medrelease.terms.flow import Hold
from medrelease.terms.words import Reason
from medrelease.verify import _elements as native
from medrelease.verify import dicom, dicom_root, dicom_source, dicom_walk
from medrelease.verify.dicom_dictionary import FIRST_VRS
from medrelease.verify.dicom_walk import Walk, open_file
from medrelease.verify.refusal import Refusal

MOST = 300_000
"""Bytes of a real file that is compared."""


def real() -> list[bytes]:
    """The heads of all of pydicom's files."""
    return [path.read_bytes()[:MOST] for path in dicom_real.files()]


def told(data: bytes, *, by_module: bool) -> tuple[list[tuple[object, ...]], str]:
    """Every leaf up to the end or the first fault, and which that was."""
    found: list[tuple[object, ...]] = []
    try:
        file = open_file(memoryview(data))
        for leaf in Walk.over(file).told({}) if by_module else walked(file):
            path, tag, vr, value, order, defined = leaf
            found.append((path, tag, vr, bytes(value), order, defined))
    except Refusal as refusal:
        return found, f"{refusal.reason}: {refusal.detail}"
    return found, ""


def ascends(found: list[tuple[object, ...]]) -> bool:
    """Whether the tags of each item ascend, by its path."""
    last: dict[object, int] = {}
    for path, tag, vr, *_ in found:
        if vr in ("item", "fragment"):
            continue
        assert isinstance(tag, int)
        if tag <= last.get(path, -1):
            return False
        last[path] = tag
    return True


def test_real_files_are_walked_as_by_the_plain_walk() -> None:
    """All of pydicom's files, the deliberately broken among them: the same leaves and faults."""
    files, whole = real(), 0
    for data in files:
        by_module = told(data, by_module=True)
        assert by_module == told(data, by_module=False)
        whole += not by_module[1]
    assert len(files) > 100
    assert whole > len(files) // 2


@pytest.mark.parametrize("seed", [1, 2])
def test_mutated_files_are_walked_as_by_the_plain_walk(seed: int) -> None:
    """What was cut, overwritten and spliced: the same leaves, the same fault at the same place."""
    files = [data for data in real() if len(data) < 24_000]
    files += [dicoms.make_plain(kind) for kind in dicoms.KINDS]
    faults = set()
    for data in islice(mutations(files, seed), 1500):
        by_module = told(data, by_module=True)
        assert by_module == told(data, by_module=False)
        faults.add(by_module[1])
    assert len(faults) >= 8


def test_a_walk_counts_and_knows_whether_tags_ascend() -> None:
    """Elements are counted and their order is watched in each item, as their paths tell."""
    files = [dicoms.make_plain(kind) for kind in dicoms.KINDS]
    files += [data for data in real() if len(data) < 24_000]
    met = set()
    for data in islice(mutations(files, 3), 600):
        found, _ = told(data, by_module=False)
        try:
            walk = Walk.over(open_file(memoryview(data)))
            list(walk.told({}))
        except Refusal:
            continue
        assert walk.elements == sum(vr not in ("item", "fragment") for _, _, vr, *_ in found)
        assert walk.ascending is ascends(found)
        met.add(walk.ascending)
    assert met == {True, False}


def test_what_a_memo_knows_stands_in_the_leafs_place() -> None:
    """A short element is looked up by tag, VR and value; one that is known as None is left out."""
    file = open_file(memoryview(dicoms.make_plain("ct")))
    leaves = list(Walk.over(file).told({}))
    shorts = [leaf for leaf in leaves if leaf.key]
    assert all(leaf.key[6:] == leaf.value and len(leaf.value) <= 64 for leaf in shorts)
    assert len(shorts) > 10
    memo = {leaf.key: None if number % 2 else (number,) for number, leaf in enumerate(shorts)}
    again = list(Walk.over(file).told(memo))
    assert [each for each in again if type(each) is tuple] == [
        made for leaf in shorts if (made := memo[leaf.key]) is not None
    ]
    assert [leaf for leaf in again if type(leaf) is not tuple] == [
        leaf for leaf in leaves if not leaf.key
    ]


def test_pixel_data_is_a_slice_and_a_short_value_is_its_bytes() -> None:
    """What may be large is not copied: its pages can be given back."""
    leaves = list(Walk.over(open_file(memoryview(dicoms.make_plain("us")))).told({}))
    assert isinstance(leaves[-1].value, memoryview)
    assert all(isinstance(leaf.value, bytes) for leaf in leaves[:-1])


@pytest.mark.parametrize("most", [1, 2, 7, 1000])
def test_it_does_not_matter_how_many_are_read_at_once(most: int) -> None:
    """A walk goes on where it was, and is at its end once."""
    data = dicoms.make_plain("ct")
    file = open_file(memoryview(data))
    walk = native.Walk(file.body, False, False, FIRST_VRS, 0)
    found, ended = [], 0
    while not ended:
        some, fault, ended = walk.read(most, None)
        assert not fault
        assert len(some) <= most
        found += some
    assert found == list(Walk.over(file).told({}))
    assert walk.read(most, None) == ([], 0, 1)


def test_no_number_is_read_past_the_end() -> None:
    """Every beginning of a file, and of its body alone, ends in a fault or at an element's end."""
    data = dicoms.make_plain("ct")[:900]
    for end in range(len(data)):
        for big in (False, True):
            for implicit in (False, True):
                walk = native.Walk(memoryview(data[:end]), big, implicit, FIRST_VRS, 0)
                while not walk.read(64, None)[2]:
                    pass


def test_deep_nesting_is_a_fault() -> None:
    """Sequences are followed to a depth, whatever the file says."""
    head = bytes.fromhex("08001511 53510000 ffffffff feff00e0 ffffffff".replace(" ", ""))
    for depth, deep in ((29, False), (40, True)):
        walk = native.Walk(memoryview(head * depth), False, False, FIRST_VRS, 0)
        faults = {walk.read(1000, None)[1] for _ in range(2)}
        assert (8 in faults) is deep


def test_wrong_arguments_are_refused() -> None:
    """What is no buffer, or no memo, is a TypeError and not a crash."""
    for wrong in ((), (b"",), (1, False, False, b"", 0), (b"", False, False, 1, 0)):
        with pytest.raises(TypeError):
            native.Walk(*wrong)
    walk = native.Walk(b"", False, False, b"", 0)
    for wrong in ((), (1,), (1, 2), ("1", None), (1, None, None)):
        with pytest.raises(TypeError):
            walk.read(*wrong)


def test_what_was_remembered_changes_no_verdict() -> None:
    """A file is judged alike whether its elements were met before, or in another object, or not."""
    source = dicoms.make("ct")
    finished = cleaned(source)[0]
    spoiled = finished.replace(b"ANON-", b"QUIX-")
    assert spoiled != finished
    for pair in ((source, finished), (source, spoiled), (dicoms.make("us"), finished)):
        dicom_source._said_memo.cache_clear()
        dicom._proved_memo.clear()
        cold = proved(*pair)
        assert proved(*pair) == cold
        for kind in ("mr", "photo"):
            other = dicoms.make(kind)
            proved(other, cleaned(other)[0])
        assert proved(*pair) == cold


def test_the_memo_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that lives long does not remember without end."""
    monkeypatch.setattr(dicom_root, "_MOST_REMEMBERED", 20)
    dicom_source._said_memo.cache_clear()
    dicom._proved_memo.clear()
    draw = random.Random(1)
    for _ in range(5):
        data = dicoms.make_plain("ct", draw.randrange(1 << 20))
        dicom.read_source(memoryview(data))
        dicom.read_finished(memoryview(cleaned(data)[0]))
    assert 0 < len(dicom_source._said_memo(frozenset(), "latin-1")) <= 20
    assert 0 < len(dicom._proved_memo) <= 20


def test_without_its_module_every_object_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation whose C modules were not built releases no DICOM object, and says so."""
    monkeypatch.setattr(dicom_walk, "HAS_ELEMENTS", False)
    source = dicoms.make_plain("ct")
    said = proved(source, cleaned(source)[0])
    assert isinstance(said, Hold)
    assert said.reason is Reason.DECODER_MISSING
