"""Real and deliberately broken DICOM files: those in pydicom's wheel, and pydicom-data's if there.

Nothing of them is copied into the project; they are read where the packages were installed.
"""

import io
from importlib.util import find_spec
from pathlib import Path
from warnings import catch_warnings, simplefilter

import numpy as np
import pydicom

_MAKERS = ("TOSHIBA", "SIEMENS", "PHILIPS")
_NAMED = frozenset(
    (
        *("PatientID", "AccessionNumber", "InstitutionName", "DeviceSerialNumber", "StationName"),
        *("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID"),
        *("InstitutionAddress", "PatientAddress", "OtherPatientIDs", "StudyID"),
    )
)


def files() -> list[Path]:
    """Every file of the packages, images and others, in order of name."""
    found: list[Path] = []
    for package, folder in (("pydicom", "data/test_files"), ("data_store", "data")):
        spec = find_spec(package)
        if spec is not None and spec.submodule_search_locations:
            root = Path(next(iter(spec.submodule_search_locations)), folder)
            found += (path for path in root.rglob("*") if path.is_file())
    return sorted(found, key=lambda path: path.name)


def read(data: bytes) -> pydicom.Dataset | None:
    """The data set as pydicom reads it, forced; None where it cannot."""
    with catch_warnings():
        simplefilter("ignore")
        try:
            return pydicom.dcmread(io.BytesIO(data), force=True)
        except Exception:  # noqa: BLE001 - pydicom raises what it likes over broken files
            return None


def pixels(dataset: pydicom.Dataset | None) -> "np.typing.NDArray[np.generic] | None":
    """The pixels of a whole image object, where pydicom itself decodes them."""
    if dataset is None or not any(
        name in dataset for name in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
    ):
        return None
    with catch_warnings():
        simplefilter("ignore")
        try:
            found: np.typing.NDArray[np.generic] = dataset.pixel_array
        except Exception:  # noqa: BLE001 - as above: a decoder that is absent, a cut frame
            return None
        return found


def identities(dataset: pydicom.Dataset | None) -> set[str]:
    """Names, numbers and UIDs of a data set that nobody else's file would hold."""
    found: set[str] = set()
    with catch_warnings():
        simplefilter("ignore")
        for element in dataset.iterall() if dataset is not None else ():
            if element.VR == "PN":
                found.update(str(element.value).replace("=", "^").split("^"))
            elif element.keyword in _NAMED:
                found.add(str(element.value))
    whole = {text.strip() for text in found}
    return {text for text in whole if len(text) >= 6 and text.upper() not in _MAKERS}
