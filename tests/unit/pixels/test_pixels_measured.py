"""The finder of writing on synthetic pictures whose every text pixel is known."""

from collections.abc import Iterable

import pytest

from corpora import burned, measuring
from corpora.measuring import Figures
from medrelease.pixels import models
from medrelease.pixels.models import TextModels


@pytest.fixture(scope="module")
def nets() -> TextModels:
    """The two nets, loaded once."""
    return models.load()


def measured(nets: TextModels, kinds: Iterable[str], seeds: range) -> list[Figures]:
    """Figures of every kind and seed."""
    return [measuring.figures(nets, burned.sample(kind, seed)) for seed in seeds for kind in kinds]


def prove_text(rows: list[Figures]) -> None:
    """What is asked of pictures with writing."""
    assert sum(row.pixels_covered for row in rows) >= 0.995 * sum(row.pixels for row in rows)
    assert sum(row.lines_covered for row in rows) >= 0.98 * sum(row.lines for row in rows)
    assert sum(row.leaks for row in rows) <= 0.005 * len(rows)
    assert sum(row.astray for row in rows) <= 0.03 * len(rows)


def prove_textless(rows: list[Figures]) -> None:
    """What is asked of pictures without any."""
    assert sum(row.masked for row in rows) <= 0.01 * len(rows)
    assert sum(row.held for row in rows) <= 0.1 * len(rows)


def test_a_few_pictures_of_every_kind(nets: TextModels) -> None:
    """One seed: every line is covered, little beside it is, textless pictures stay whole."""
    prove_text(measured(nets, burned.WITH_TEXT, range(1, 2)))
    textless = measured(nets, burned.TEXTLESS, range(3, 4))
    assert sum(row.masked for row in textless) <= 0.01 * len(textless)


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_six_hundred_pictures_that_were_not_tuned_on(nets: TextModels) -> None:
    """The measured figures hold for 640 pictures from seeds beyond those used for tuning."""
    seeds = range(burned.TUNED, burned.TUNED + 40)
    text = measured(nets, burned.WITH_TEXT, seeds)
    prove_text(text)
    assert sum(row.held for row in text) <= 0.15 * len(text)
    prove_textless(measured(nets, burned.TEXTLESS, seeds))
