"""The door: formats, empty files, digests, and Holds instead of exceptions."""

import ast
import hashlib
import importlib.util
import pathlib
import subprocess
import sys

import pytest

import medrelease.verify
from corpora import clean_photos as clean
from medrelease.terms.flow import Hold
from medrelease.terms.words import Format, Proof, Reason
from medrelease.verify import Accepted

CLEAN = {
    Format.JPEG: clean.jpeg(),
    Format.PNG: clean.png(),
    Format.TIFF: clean.tiff(),
}


@pytest.mark.parametrize("form", CLEAN)
def test_a_clean_file_is_accepted_with_its_digests(prove, form):
    """What is accepted carries the digest and size of exactly the bytes that were read."""
    data = CLEAN[form]
    accepted = prove(data, data, format=form)
    digest = hashlib.sha256(data).hexdigest()
    assert isinstance(accepted, Accepted)
    assert (accepted.sha256, accepted.source_sha256) == (digest, digest)
    assert (accepted.size, accepted.format) == (len(data), form)
    assert accepted.proof is Proof.CODED_IDENTICAL


def test_empty_files_are_held(prove):
    """Neither an empty source nor an empty finished file is mapped or accepted."""
    assert prove(b"", clean.jpeg()) == Hold(Reason.EMPTY, "the source is empty")
    assert prove(clean.jpeg(), b"").reason is Reason.MALFORMED


@pytest.mark.parametrize("size", [1, 3, 4, 8, 12, 33])
@pytest.mark.parametrize("form", CLEAN)
def test_tiny_files_are_held(prove, form, size):
    """A stub of any format is a Hold on either side."""
    data = CLEAN[form]
    assert isinstance(prove(data, data[:size]), Hold)
    assert isinstance(prove(data[:size], data), Hold)


def test_another_format_than_expected_is_held(prove):
    """The finished bytes, not the cleaner's word, say what the format is."""
    held = prove(clean.jpeg(), clean.jpeg(), format=Format.PNG)
    assert held.reason is Reason.MALFORMED
    assert prove(clean.png(), clean.jpeg()).reason is Reason.MALFORMED
    assert prove(b"%PDF-1.7" + bytes(200), clean.jpeg()).reason is Reason.FORMAT_NOT_SUPPORTED


@pytest.mark.parametrize("form", CLEAN)
def test_a_cut_source_is_incomplete(prove, form):
    """A source that ends early is held as incomplete, whatever the finished file is."""
    data = CLEAN[form]
    cut = data[: len(data) * 2 // 3]
    assert prove(cut, data).reason in (Reason.INCOMPLETE, Reason.MALFORMED)
    assert prove(cut, cut).reason in (Reason.INCOMPLETE, Reason.MALFORMED)


@pytest.mark.parametrize("form", CLEAN)
def test_another_picture_is_held(prove, form):
    """A finished file of another picture is refused, however clean it is."""
    other = {
        Format.JPEG: clean.jpeg(seed=2),
        Format.PNG: clean.png(seed=2),
        Format.TIFF: clean.tiff(seed=2),
    }[form]
    assert prove(CLEAN[form], other) == Hold(Reason.MALFORMED, "the picture changed")


def test_the_room_does_not_import_its_sibling():
    """No module of the prover imports the cleaner, so that no error is shared."""
    folder = pathlib.Path(medrelease.verify.__file__).parent
    for path in folder.glob("**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [str(node.module)]
            assert not any("sanitise" in name for name in names), path.name


def test_photographs_need_no_dicom_library():
    """Importing the door loads neither pydicom nor Pillow."""
    assert importlib.util.find_spec("pydicom")
    code = "import sys, medrelease.verify; sys.exit(bool({'pydicom', 'PIL'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "hostile",
    [
        clean.jpeg()[:2] + b"\xff" * 300_000 + clean.jpeg()[2:],
        clean.jpeg()[:2] + clean.segment(0xFE, b"") * 100_001 + clean.jpeg()[2:],
        CLEAN[Format.PNG][:33] + clean.chunk(b"prVt", b"") * 100_001 + CLEAN[Format.PNG][33:],
        b"II*\0" + clean.exif_block([(0x9286, 7, 40_000, bytes(8))] * 3000)[4:] + bytes(40_000),
    ],
    ids=["fill bytes", "segments", "chunks", "overlapping values"],
)
def test_a_source_made_to_cost_time_is_held(prove, hostile):
    """What would take for ever is a Hold before it does."""
    form = "jpeg" if hostile[:1] == b"\xff" else "png" if hostile[:1] == b"\x89" else "tiff"
    assert isinstance(prove(hostile, CLEAN[Format(form)]), Hold)
