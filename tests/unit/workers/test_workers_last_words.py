"""What a worker may say of the exception that ended it."""

import errno

import pytest

from medrelease.workers import child


class _Native(Exception):
    """As a native library raises them: its own class, its reason in the text."""


_Native.__module__ = "onnxruntime.capi.onnxruntime_pybind11_state"


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (MemoryError(), "memory"),
        (OSError(errno.ENOMEM, "x"), "memory"),
        (_Native("Non-zero status code: std::bad_alloc"), "memory"),
        (_Native("Failed to allocate memory for 012 345 6789"), "memory"),
        (_Native("Invalid shape for 012 345 6789"), "_Native"),
        (RuntimeError("std::bad_alloc"), "RuntimeError"),
    ],
)
def test_a_lack_of_memory_is_told_from_a_bug(error: BaseException, fault: str) -> None:
    """Native libraries wrap it in exceptions of their own; no text is ever passed on."""
    told = child._describe(error, None)
    assert told["fault"] == fault
    assert "345" not in str(told)
