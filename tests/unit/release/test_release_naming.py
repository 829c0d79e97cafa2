"""Numbers: the next free one."""

from hypothesis import given
from hypothesis import strategies as st

from medrelease.release.naming import next_free


@given(st.frozensets(st.integers(1, 50)))
def test_next_free_is_the_smallest_that_is_not_used(used: frozenset[int]) -> None:
    """It is not used, and every smaller one is."""
    number = next_free(used)
    assert number not in used
    assert set(range(1, number)) <= used
