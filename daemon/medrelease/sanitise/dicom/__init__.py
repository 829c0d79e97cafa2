"""DICOM objects: the Basic Application Level Confidentiality Profile of PS3.15 Annex E.

`clean` is the journey of one object: open the container, judge the object, clean its attributes,
build a new container, copy the picture. Everything that the profile, the object's IOD and the
form of a value do not let through is left behind.
"""

from medrelease.sanitise.dicom import iod, private, vocabulary
from medrelease.sanitise.dicom.codes import recognised
from medrelease.sanitise.dicom.describe import Described, describe
from medrelease.sanitise.dicom.facts import DicomFacts, probe_dicom
from medrelease.sanitise.dicom.image import clean

__all__ = [
    "Described",
    "DicomFacts",
    "clean",
    "describe",
    "probe_dicom",
    "warm",
]


def warm() -> None:
    """Read every table now: a worker's sandbox lets no file be opened later."""
    describe()
    iod.place("1.2.840.10008.5.1.4.1.1.2")
    recognised("", "")
    private.safe_rows()
    vocabulary.is_maker(vocabulary.only_terms("lung"))
