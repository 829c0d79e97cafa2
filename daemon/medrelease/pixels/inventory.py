"""What the room has to look with, for `check`: each model with its hash, or what is wrong."""

import hashlib
import importlib
import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from medrelease.pixels import models as text_models
from medrelease.pixels.faults import CannotDecode, ModelAltered, ModelMissing

_PACKAGES = ("cv2", "zxingcpp", "onnxruntime", "rapidocr", "imagecodecs", "tifffile")


@dataclass(frozen=True, slots=True)
class Model:
    """One model's file and its SHA-256 in hexadecimal, or why it cannot be used.

    `altered`: the file is there, and is not one that this program knows.
    """

    name: str
    sha256: str = ""
    trouble: str = ""
    altered: bool = False


def models() -> Iterator[Model]:
    """Every model, from its file."""
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        yield Model("", trouble=f"the extra [pixels] lacks {', '.join(missing)}")
        return
    for hashes in (_of_text, _of_faces):
        try:
            yield from (Model(name, sha256) for name, sha256 in hashes().items())
        except ModelMissing as fault:
            yield Model("", trouble=str(fault), altered=isinstance(fault, ModelAltered))


def trouble_with_heic() -> str:
    """Why no HEIC can be looked at; empty where it can. Needs what `models` finds no fault with."""
    try:
        importlib.import_module("medrelease.pixels.libheif").load()
    except CannotDecode as fault:
        return fault.detail
    return ""


def _of_text() -> Mapping[str, str]:
    """The text nets are not loaded: the run-time that loads them starts a thread of its own."""
    files = text_models.known_files().items()
    return {name: hashlib.sha256(data).hexdigest() for name, data in files}


def _of_faces() -> Mapping[str, str]:
    hashes: Mapping[str, str] = importlib.import_module("medrelease.pixels.faces").load().hashes
    return hashes
