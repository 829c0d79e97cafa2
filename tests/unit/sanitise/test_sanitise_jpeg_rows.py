"""A scan passed over in several places at once is told as a plain walk tells it."""

import ctypes
import random
from pathlib import Path
from typing import Any

import pytest

from corpora.built import SMALL_ROWS, build_variant
from corpora.cleaned import cleaned
from corpora.noisy_scans import PICTURES, changed
from medrelease.sanitise import jpeg_scan
from medrelease.terms.flow import Sanitised

NAME = "medrelease.sanitise._entropy"


class Both:
    """The module with a plain walk and the one with rows: they must agree on every scan."""

    def __init__(self, folder: Path) -> None:
        self.plain = build_variant(
            NAME, folder / "plain.so", ["-DLONG_SCAN=(1<<30)", *SMALL_ROWS[1:]]
        )
        self.rows = build_variant(NAME, folder / "rows.so", [*SMALL_ROWS, "-DROWS_COUNTED"])
        library = ctypes.CDLL(str(folder / "rows.so"))
        self._met = ctypes.c_int64.in_dll(library, "rows_counted")
        self.walked = 0

    @property
    def met(self) -> int:
        """How often the rows met."""
        return self._met.value

    def walk(self, *given: Any) -> Any:
        """Walk twice; what earlier scans left of coefficients is changed by a walk."""
        self.walked += 1
        again = [*given]
        again[4] = [bytearray(plane) for plane in given[4]] if given[4] else given[4]
        told = self.plain.walk(*given)
        assert self.rows.walk(*again) == told
        assert again[4] == given[4]
        return told

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    """Both, compiled once."""
    return Both(tmp_path_factory.mktemp("rows"))


MEETING = ["whole MCUs", "not subsampled", "half subsampled", "grey", "own tables", "fine"]


@pytest.mark.parametrize("name", PICTURES)
def test_a_clean_scan_is_told_alike(monkeypatch: pytest.MonkeyPatch, both: Both, name: str) -> None:
    """Both tell the same of it, and the rows did meet where they may."""
    monkeypatch.setattr(jpeg_scan, "_entropy", both)
    walked, met = both.walked, both.met
    assert isinstance(cleaned(PICTURES[name])[0], Sanitised)
    assert both.walked > walked
    assert (both.met > met) == (name in MEETING)


@pytest.mark.parametrize("name", PICTURES)
def test_a_changed_scan_is_told_alike(
    monkeypatch: pytest.MonkeyPatch, both: Both, name: str
) -> None:
    """Whatever happens to the coded bytes, wherever: both tell the same of it."""
    monkeypatch.setattr(jpeg_scan, "_entropy", both)
    draw, met = random.Random(name), both.met
    for _ in range(60):
        cleaned(changed(PICTURES[name], draw))
    assert (both.met > met) == (name in MEETING)
