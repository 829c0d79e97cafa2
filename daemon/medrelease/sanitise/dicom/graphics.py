"""Graphics of presentation states: shapes that cannot be writing stay (PS3.15 section E.3.3).

A polyline may be anything that a pen writes, and a compound graphic carries labels of its own; a
point, a circle and an ellipse say where to look and nothing else (PS3.3 section C.10.5).
"""

from medrelease.sanitise.dicom.elements import Element
from medrelease.sanitise.dicom.values import up_to_nul

GRAPHIC_OBJECTS = 0x00700009
COMPOUND_GRAPHICS = 0x00700209

_GRAPHIC_TYPE = 0x00700023
_SHAPES = frozenset({b"POINT", b"CIRCLE", b"ELLIPSE"})


def shapes(items: list[list[Element]]) -> list[list[Element]]:
    """The items of a Graphic Object Sequence that are no drawn lines."""
    return [item for item in items if _graphic_type(item) in _SHAPES]


def _graphic_type(item: list[Element]) -> bytes:
    found = next((element for element in item if element.tag == _GRAPHIC_TYPE), None)
    return up_to_nul(bytes(found.value)).strip() if found is not None else b""
