"""Where known devices write names into their pictures: facts for `devices`, nothing is done here.

Two public collections say so, from which places and frame sizes are taken: the script
DicomPixelAnonymizer of RSNA's Clinical Trial Processor (CTP) and the recipe deid.dicom of
pydicom's deid. A row is here where it names a model and a size of the frame; a size marked "width"
follows from a rectangle that takes the whole width of a frame of that format (640 x 480,
800 x 600, 960 x 720). Left out are places that hold only for one kind of series (dose reports,
screen captures), since the frame size does not tell these from clinical pictures, and the strips
of plain radiographs, where there is anatomy when nothing was stamped.
"""

from typing import NamedTuple

from medrelease.pixels.region import Region


class Row(NamedTuple):
    """One place: `maker` and `model` are parts of Manufacturer and Manufacturer's Model Name.

    They are compared without regard to case. `rows` and `columns` are those of the frame that the
    place holds for, `place` stands in its pixels.
    """

    modality: str
    maker: str
    model: str
    rows: int
    columns: int
    place: Region
    source: str


ROWS: tuple[Row, ...] = (
    Row("US", "PHILIPS", "IU22", 480, 640, Region(0, 0, 640, 47), "CTP"),
    Row("US", "PHILIPS", "IU22", 600, 800, Region(0, 0, 800, 59), "CTP"),
    Row("US", "PHILIPS", "IU22", 768, 1024, Region(0, 0, 1024, 75), "CTP"),
    Row("US", "PHILIPS", "CX50", 600, 800, Region(0, 0, 800, 59), "deid, width"),
    Row("US", "PHILIPS", "EPIQ", 768, 1024, Region(0, 0, 1024, 49), "deid"),
    Row("US", "PHILIPS", "AFFINITI 70G", 768, 1024, Region(0, 0, 1024, 22), "deid"),
    Row("US", "GE", "LOGIQ9", 480, 640, Region(0, 0, 640, 40), "CTP, width"),
    Row("US", "GE", "LOGIQE9", 720, 960, Region(0, 0, 960, 70), "CTP, width"),
    Row("US", "ZONARE", "Z_ONE", 600, 800, Region(0, 0, 800, 65), "CTP, deid"),
    Row("US", "ATL", "HDI 5000", 476, 640, Region(40, 0, 200, 40), "CTP"),
    Row("US", "ATL", "HDI 5000", 476, 640, Region(240, 0, 190, 16), "CTP"),
    Row("US", "SIEMENS", "ANTARES", 768, 1024, Region(0, 0, 1024, 60), "CTP"),
    Row("US", "SIEMENS", "ANTARES", 768, 1024, Region(200, 60, 20, 20), "CTP"),
    Row("US", "SIEMENS", "ANTARES", 768, 1024, Region(800, 65, 104, 14), "CTP"),
    Row("US", "SIEMENS", "ACUSON", 600, 800, Region(0, 0, 800, 43), "CTP"),
    Row("US", "SIEMENS", "ACUSON", 600, 800, Region(128, 56, 16, 16), "CTP"),
    Row("US", "SIEMENS", "S2000", 768, 1024, Region(0, 0, 1024, 60), "deid"),
    Row("US", "ACUSON", "SEQUOIA", 480, 640, Region(0, 0, 640, 30), "CTP"),
    Row("US", "TOSHIBA", "A400", 720, 960, Region(0, 0, 960, 60), "deid"),
    Row("US", "TOSHIBA", "A500", 720, 960, Region(0, 0, 960, 60), "CTP"),
    Row("US", "SAMSUNG", "SONOACE R7", 768, 1024, Region(0, 0, 1024, 60), "deid"),
    Row("US", "SUPERSONIC", "AIXPLORER", 1050, 1400, Region(0, 0, 1400, 89), "deid"),
    Row("PT", "PHILIPS", "GEMINI", 446, 245, Region(0, 0, 125, 50), "deid"),
    Row("PT", "PHILIPS", "GEMINI", 445, 493, Region(0, 0, 140, 55), "deid"),
    Row("PT", "PHILIPS", "GEMINI", 373, 492, Region(0, 0, 100, 25), "deid"),
)
