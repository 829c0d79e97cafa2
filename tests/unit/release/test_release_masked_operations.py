"""Masks behind the walls: every library that decodes for one is loaded before they close."""

from pathlib import Path

import pytest

from corpora import masked_dicoms, masked_operations, masked_pictures, masked_tiffs
from medrelease.release import operations
from medrelease.terms.flow import Probe
from medrelease.terms.words import Format
from medrelease.workers.local import LocalPool
from medrelease.workers.protocol import Job

ROLES = {name: name for name in masked_operations.OPERATIONS}
SOURCES = (masked_pictures.png, masked_pictures.gif, masked_pictures.webp, masked_pictures.jp2)
FORMS = [
    form for source in (*SOURCES, masked_tiffs.forms, masked_dicoms.forms) for form in source(5)
]


@pytest.mark.parametrize(
    ("form", "blanked", "native"),
    [
        (Format.TIFF, False, False),
        (Format.TIFF, True, True),
        (Format.SVS, True, True),
        (Format.DICOM, True, True),
        (Format.DICOM, False, False),
        (Format.PNG, True, False),
        (Format.WEBP, False, True),
    ],
)
def test_what_decodes_under_masks_forks(form: Format, blanked: bool, native: bool) -> None:
    """A format whose pieces are decoded under masks runs in a child of its own, else as ever."""
    chosen = operations.suited("clean", Probe(form, "", 1), blanked=blanked)
    assert (chosen in operations.FORKED) == native


def test_every_form_is_blanked_and_proved_behind_the_walls(tmp_path: Path) -> None:
    """No form needs a file, a thread or a call that the walls keep from a worker."""
    pool = LocalPool(
        tmp_path,
        "corpora.masked_operations",
        processes=1,
        memory_bytes=512 << 20,
        timeout=30.0,
        roles=ROLES,
        forked=frozenset(ROLES),
    )
    options = {"masks": [[None, 3, 2, 12, 9], [0, 0, 0, 1, 1]]}
    try:
        for number, form in enumerate(FORMS):
            names = (f"source {number}", f"finished {number}")
            (tmp_path / names[0]).write_bytes(form.data)
            cleaned = pool.submit(Job("clean-native", names[:1], names[1:], 1, options))
            assert cleaned.result()["held"] == "", form.name
            proved = pool.submit(Job("prove-native", names, (), 1, options))
            assert proved.result()["held"] == "", form.name
    finally:
        pool.close()
