"""DICOM without its preamble, or behind another format's: both rooms know it for what it is."""

import io
import os
import zlib
from struct import pack

import numpy as np
import pydicom
import pytest
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from corpora import dicoms
from corpora.dicom_cleaning import KEY, LABEL, cleaned, descriptor
from medrelease import sanitise, verify
from medrelease.sanitise.dicom.container import MOST_INFLATED
from medrelease.sanitise.headerless import looks_headerless
from medrelease.sanitise.refusal import Refusal
from medrelease.sanitise.sniff import sniff
from medrelease.terms.flow import Hold, Probe, Sanitised
from medrelease.terms.words import Format, Reason
from medrelease.verify import Accepted
from medrelease.verify.dicom import read_source
from medrelease.verify.refusal import Refusal as Doubt
from medrelease.verify.sniff import sniff as prover_sniff

BODY = b"".join(value for _, value in sorted(dicoms.image("ct").items()))
DEFLATED = "1.2.840.10008.1.2.1.99"


def _encoded(*, implicit: bool, little: bool) -> bytes:
    dataset = pydicom.dcmread(io.BytesIO(dicoms.make_plain("ct")))
    if not little:  # pydicom writes pixel data as it lies
        dataset.PixelData = np.frombuffer(dataset.PixelData, "<u2").byteswap().tobytes()
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = implicit, little
    write_dataset(buffer, dataset)
    return buffer.getvalue()


def _bare() -> dict[str, bytes]:
    group = dicoms.element(0x00080000, "UL", pack("<I", 4))
    return {
        "explicit": BODY,
        "group length": group + BODY,
        "big endian": _encoded(implicit=False, little=False),
        "implicit": _encoded(implicit=True, little=True),
        "file meta": dicoms.make_plain("ct")[132:],
    }


def _through_the_doors(data: bytes) -> tuple[Sanitised | Hold, Accepted | Hold, bytes]:
    source, target = descriptor(data), descriptor(b"")
    try:
        said = sanitise.sanitise(source, target, sanitise.Options(LABEL, KEY, LABEL))
        proof = verify.verify(source, target, verify.Options((dicoms.HC_NUMBER,), (LABEL,)))
        return said, proof, os.pread(target, os.lseek(target, 0, os.SEEK_END), 0)
    finally:
        os.close(source)
        os.close(target)


@pytest.mark.parametrize("kind", _bare())
def test_a_bare_data_set_is_cleaned_and_proved(kind: str) -> None:
    """Whatever it was encoded in, it comes out as the same file with a new header."""
    said, proof, finished = _through_the_doors(_bare()[kind])
    assert isinstance(said, Sanitised), said
    assert isinstance(proof, Accepted), proof
    assert (said.format, proof.format) == (Format.DICOM, Format.DICOM)
    assert finished == cleaned(dicoms.make_plain("ct"))[0]


def test_a_bare_data_set_is_probed() -> None:
    """The first look at it reads what it says of itself."""
    source = descriptor(BODY)
    found = sanitise.probe(source)
    os.close(source)
    assert isinstance(found, Probe)
    assert (found.format, found.modality) == (Format.DICOM, "CT")


@pytest.mark.parametrize("preamble", [b"II*\0\x08\0\0\0", b"MM\0*", b"BM", b"MZ", b"%PDF-1.7"])
def test_a_preamble_of_another_format_hides_no_object(preamble: bytes) -> None:
    """A file that is also a TIFF, or pretends to be anything, is cleaned as the DICOM it is."""
    said, proof, finished = _through_the_doors(dicoms.file(dicoms.image("ct"), preamble=preamble))
    assert isinstance(proof, Accepted), proof
    assert finished[:128] == bytes(128)
    assert isinstance(said, Sanitised)
    alerts = {b"II*\0\x08\0\0\0": "preamble-tiff", b"MM\0*": "preamble-tiff", b"MZ": "preamble-mz"}
    assert said.alerts == ((alerts[preamble],) if preamble in alerts else ())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x08\0",
        bytes(64),
        b"\x08\0\x05\0CS\x0a\0ISO_IR 100",
        b"\x08\0\x05\0CS\x0a\0ISO_IR 100\x08\0\x04\0CS\2\0AB",
        b"\x08\0\x05\0XX\x0a\0ISO_IR 100\x08\0\x08\0CS\2\0AB",
        b"\x08\0\x99\x77CS\x0a\0ISO_IR 100\x08\0\x9a\x77CS\2\0AB",
        b"\x08 is the eighth character, said the book of characters in which I read it",
    ],
)
def test_other_bytes_are_no_data_set(data: bytes) -> None:
    """One element alone, elements out of order and chance are not taken for DICOM."""
    assert not looks_headerless(memoryview(data))
    with pytest.raises(Refusal):
        sniff(memoryview(data))


@pytest.mark.parametrize("start", [b"\x08 is the eighth", b"QUIXOTE", bytes(40), b"\x08\0\x05\0XX"])
def test_the_prover_takes_no_other_bytes_for_a_data_set(start: bytes) -> None:
    """The prover's own opinion of what is no format is the same."""
    with pytest.raises(Doubt):
        prover_sniff(memoryview(start))


def test_a_deflated_bomb_is_refused_in_both_rooms() -> None:
    """A small file that inflates beyond the stated limit is held, and not held in memory."""
    engine = zlib.compressobj(9, wbits=-15)
    head = b"".join(v for t, v in sorted(dicoms.image("ct").items()) if t < 0x7FE00000)
    coded = [engine.compress(head + pack("<HH2sHI", 0x7FE0, 0x10, b"OW", 0, MOST_INFLATED))]
    coded += [engine.compress(bytes(1 << 20)) for _ in range((MOST_INFLATED >> 20) + 1)]
    empty = dicoms.file({0x00080016: dicoms.image("ct")[0x00080016]}, DEFLATED)
    meta = empty[: -len(dicoms.image("ct")[0x00080016])]
    bomb = meta + b"".join(coded) + engine.flush()
    assert len(bomb) < 1 << 20
    with pytest.raises(Refusal) as refused:
        cleaned(bomb)
    with pytest.raises(Doubt) as doubted:
        read_source(memoryview(bomb))
    assert refused.value.reason is doubted.value.reason is Reason.LIMITS_EXCEEDED
