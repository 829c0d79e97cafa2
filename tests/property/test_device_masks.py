"""Known places of any device, of whatever its object claims: inside the frame, or none."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from medrelease.pixels import calibration
from medrelease.pixels.calibration import Calibrated
from medrelease.pixels.components import cover
from medrelease.pixels.device_table import ROWS
from medrelease.pixels.devices import Facts, device_masks, seen_masks

edges = st.integers(-5, 140)
kinds = st.integers(-1, 20)
items = st.lists(st.builds(Calibrated, edges, edges, edges, edges, kinds, kinds), max_size=4)
sound = st.tuples(
    st.integers(0, 60), st.integers(0, 60), st.integers(61, 95), st.integers(61, 79)
).map(lambda c: Calibrated(*c, 1, 1))


@st.composite
def claimed(draw: st.DrawFn) -> Facts:
    """Facts of a known or an unknown device, with regions of any kind."""
    row = draw(st.sampled_from(ROWS))
    known = draw(st.booleans())
    rows, columns = (row.rows, row.columns) if known else (80, 96)
    maker = draw(st.sampled_from([row.maker, row.maker.lower() + " inc", draw(st.text())]))
    regions = draw(st.one_of(items, st.lists(sound, max_size=3)))
    return Facts(
        draw(st.sampled_from(["US", "PT", "XX"])), maker, row.model, rows, columns, tuple(regions)
    )


@given(claimed(), st.integers(0, 1000), st.booleans())
@settings(max_examples=60, deadline=None)
def test_no_place_is_outside_of_the_frame(facts: Facts, seed: int, colour: bool) -> None:
    """Whatever regions an object claims, each mask has pixels, and all of them in the frame."""
    shape = (facts.rows, facts.columns, 3) if colour else (facts.rows, facts.columns)
    rng = np.random.default_rng(seed)
    frame = (rng.random(shape) < 0.05).astype(np.uint8) * 255
    for place in device_masks(facts) + seen_masks(facts, frame, None):
        assert 0 <= place.left < place.right <= facts.columns
        assert 0 <= place.top < place.bottom <= facts.rows


@given(st.text(), st.text(), st.sampled_from(["US", "PT", "CT", ""]), st.integers(1, 3000))
def test_unknown_devices_have_no_places(maker: str, model: str, modality: str, size: int) -> None:
    """Without calibrated regions only the table speaks, and it knows no other maker or model."""
    known = any(row.maker in maker.upper() and row.model in model.upper() for row in ROWS)
    assert known or device_masks(Facts(modality, maker, model, size, size)) == ()


@given(st.lists(sound, min_size=1, max_size=4))
@settings(deadline=None)
def test_no_calibrated_pixel_is_in_the_strip_or_a_margin(regions: list[Calibrated]) -> None:
    """What the object calls picture, trace or bar is never a place of names by its own account."""
    facts = Facts("US", "", "", 80, 96, tuple(regions))
    believed = calibration.believed(facts.calibrated, 80, 96)
    picture = cover(list(believed), (80, 96))
    beside = cover(list(calibration.margins(believed, 80, 96)), (80, 96))
    assert not (picture & beside).any()
    assert not (picture & cover(list(device_masks(facts)), (80, 96))).any()
