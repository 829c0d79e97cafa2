"""Masks in every format: nothing changes outside of them, one colour inside, and proof of both."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from corpora import masked_dicoms, masked_tiffs
from corpora import masked_pictures as pictures
from corpora.masked import beside, cleaned_under, placed, proved_under, under
from medrelease.terms.flow import Hold, Mask, Sanitised
from medrelease.terms.words import Proof, Reason
from medrelease.verify import Accepted

SEED = 7
SOURCES = (
    pictures.png,
    pictures.bmp,
    pictures.gif,
    pictures.webp,
    pictures.jp2,
    masked_tiffs.forms,
    masked_dicoms.forms,
)
FORMS = {form.name: form for source in SOURCES for form in source(SEED)}
ROUTINE = ("edges", "overlapping")


@cache
def clean_of(name: str) -> bytes:
    """The cleaned file of a form without any mask."""
    outcome, finished = cleaned_under(FORMS[name].data, ())
    assert isinstance(outcome, Sanitised), outcome
    return finished


def sets_of(name: str) -> dict[str, tuple[Mask, ...]]:
    """The sets of masks for a form."""
    pages = FORMS[name].decode(clean_of(name))
    return placed(SEED, pages[0].shape[1], pages[0].shape[0], len(pages))


def grown(mask: Mask, cell: tuple[int, int], width: int, height: int) -> Mask:
    """A mask grown to the cells of a picture's coding grid."""
    across, down = cell
    left, top = max(0, mask.left) // across * across, max(0, mask.top) // down * down
    right, bottom = min(width, mask.left + mask.width), min(height, mask.top + mask.height)
    right, bottom = -(-right // across) * across, -(-bottom // down) * down
    return replace(mask, left=left, top=top, width=right - left, height=bottom - top)


def fits(name: str, finished: bytes, masks: tuple[Mask, ...]) -> bool:
    """Whether another library decodes the same outside of the masks, and one colour inside."""
    form = FORMS[name]
    before, after = form.decode(clean_of(name)), form.decode(finished)
    assert len(before) == len(after)
    masks = tuple(grown(mask, form.cell, *before[0].shape[1::-1]) for mask in masks)
    anywhere = tuple(replace(mask, page=None) for mask in masks)
    for page, (old, new) in enumerate(zip(before, after, strict=True)):
        assert old.shape == new.shape
        assert old.dtype == new.dtype
        covered = under(masks, page, *old.shape[:2])
        spared = under(anywhere, page, *old.shape[:2]) if form.shared else covered
        if not np.array_equal(old[~spared], new[~spared]):
            return False
        inside = new[covered]
        if form.shared:
            inside = inside[inside[:, 3] > 0]  # no frame draws there: nothing is to be blanked
        if len(inside) and (inside != inside[0]).any():
            return False
    return True


def hold_true(name: str, masks: tuple[Mask, ...]) -> None:
    """Clean a form under masks; another library and the verifier both find it right."""
    outcome, finished = cleaned_under(FORMS[name].data, masks)
    assert isinstance(outcome, Sanitised), outcome
    assert outcome.actions["masked-region"] == len(masks)
    assert fits(name, finished, masks)
    verdict = proved_under(FORMS[name].data, finished, masks)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.proof is Proof.PIXELS_IDENTICAL


def judge(name: str, done: tuple[Mask, ...], asked: tuple[Mask, ...]) -> bool:
    """Clean under some masks, prove under others; the verdict must be what decoding shows."""
    outcome, finished = cleaned_under(FORMS[name].data, done)
    assert isinstance(outcome, Sanitised), outcome
    accepted = isinstance(proved_under(FORMS[name].data, finished, asked), Accepted)
    assert accepted == fits(name, finished, asked)
    return accepted


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("kind", ROUTINE)
def test_outside_identical_inside_constant(name, kind):
    """Every form keeps each sample outside of its masks and has one colour under them."""
    hold_true(name, sets_of(name)[kind])


@pytest.mark.parametrize("name", FORMS)
def test_masks_of_every_shape(name):
    """A pixel, the whole, many and beyond the edge; in turn over the forms, for their cost."""
    kinds = sorted(set(sets_of(name)) - set(ROUTINE))
    hold_true(name, sets_of(name)[kinds[list(FORMS).index(name) % len(kinds)]])


@pytest.mark.full
@pytest.mark.parametrize("name", FORMS)
def test_masks_of_every_shape_and_form(name):
    """Every set of masks on every form."""
    for masks in sets_of(name).values():
        hold_true(name, masks)


@pytest.mark.parametrize("name", FORMS)
def test_a_mask_that_was_not_carried_out_is_refused(name):
    """Not applied at all, a column beside, or all but one: held, unless it shows no difference."""
    masks = sets_of(name)["overlapping"]
    verdicts = [
        judge(name, done, masks) for done in ((), beside(masks, FORMS[name].cell[0]), masks[:1])
    ]
    assert not any(verdicts) or name.endswith(" 1")  # where two colours make large areas of one


@pytest.mark.parametrize("name", FORMS)
def test_a_change_outside_the_masks_is_refused(name):
    """One pixel more than was asked for, or any where nothing was asked for, is a hold."""
    form, masks = FORMS[name], sets_of(name)["overlapping"]
    old = form.decode(clean_of(name))
    _, finished = cleaned_under(form.data, masks)
    page = masks[0].page or 0
    covered = under(masks, page, *old[page].shape[:2])
    black = form.decode(finished)[page][covered][0]
    differs = (old[page] != black).reshape(*covered.shape, -1).any(axis=2) & ~covered
    judge(name, masks, ())
    assert differs.any() or name.endswith(" 1")
    for row, column in np.argwhere(differs)[:1].tolist():
        assert not judge(name, (*masks, Mask(page, column, row, 1, 1)), masks)


@pytest.mark.parametrize("name", [next(iter(FORMS)), "bmp 40 8"])
@pytest.mark.parametrize(
    "mask",
    [Mask(None, 500, 0, 5, 5), Mask(9, 0, 0, 5, 5), Mask(None, 3, 3, 0, 4), Mask(-1, 0, 0, 9, 9)],
)
def test_a_mask_that_covers_nothing_holds_the_file(name, mask):
    """Beyond every edge, on a page that is not there, or of no size: somebody saw otherwise."""
    sound = Mask(None, 1, 1, 4, 4)
    outcome, _ = cleaned_under(FORMS[name].data, (sound, mask))
    assert isinstance(outcome, Hold)
    assert outcome.reason is Reason.MASK_NOT_POSSIBLE
    _, finished = cleaned_under(FORMS[name].data, (sound,))
    verdict = proved_under(FORMS[name].data, finished, (sound, mask))
    assert isinstance(verdict, Hold)
    assert verdict.reason is Reason.MASK_NOT_POSSIBLE


def test_untouched_rows_of_a_png_keep_their_filters():
    """Only rows that a mask touches, and the one behind, are filtered anew."""
    form = FORMS["png 2 8 plain"]
    _, finished = cleaned_under(form.data, (Mask(None, 5, 10, 9, 4),))
    before, after = pictures.deflated(form.data), pictures.deflated(finished)
    stride = 1 + 3 * 37
    changed = {at // stride for at in range(len(before)) if before[at] != after[at]}
    assert changed <= set(range(10, 15))
    assert len(changed) >= 4
