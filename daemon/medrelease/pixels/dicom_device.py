"""What a DICOM object says of its device, read from the file as it was dropped.

The cleaned object no longer names its model; its frames have the places of the dropped one's.
"""

from itertools import islice
from typing import Any

from pydicom.filereader import read_partial
from pydicom.tag import Tag

from medrelease.pixels.calibration import MOST_REGIONS, Calibrated
from medrelease.pixels.devices import Facts
from medrelease.pixels.faults import CannotDecode
from medrelease.pixels.foreign import decoding
from medrelease.pixels.mapped import mapped

MOST_READ = 4 << 20
"""Bytes of the file that are read: the attributes stand among its first."""
_LAST = 0x00280011
_WANTED = ("Modality", "Manufacturer", "ManufacturerModelName", "Rows", "Columns")
_REGIONS = "SequenceOfUltrasoundRegions"


def facts(source: int) -> Facts | None:
    """The facts of the object behind a descriptor, None where it cannot be read so.

    None loses nothing that anybody relies on: known places are masked besides what is seen.
    """
    try:
        with mapped(source, MOST_READ) as file, decoding():
            head: Any = read_partial(
                file.file(),
                stop_when=lambda tag, _vr, _length: tag > _LAST,
                force=True,
                specific_tags=[Tag(name) for name in (*_WANTED, _REGIONS)],
            )
            modality, maker, model = (str(head.get(name) or "") for name in _WANTED[:3])
            rows, columns = int(head.Rows), int(head.Columns)
            items = tuple(
                _calibrated(item) for item in islice(head.get(_REGIONS) or (), MOST_REGIONS + 1)
            )
            return Facts(modality.strip(), maker, model, rows, columns, items)
    except CannotDecode:
        return None


def _calibrated(item: Any) -> Calibrated:
    return Calibrated(
        int(item.RegionLocationMinX0),
        int(item.RegionLocationMinY0),
        int(item.RegionLocationMaxX1),
        int(item.RegionLocationMaxY1),
        int(item.RegionSpatialFormat),
        int(item.RegionDataType),
    )
