"""The text detector and the text reader: found, proved unaltered and loaded.

Both are ONNX files of PaddleOCR (PP-OCRv6 "small", Apache-2.0) that the wheel of `rapidocr`
carries. Nothing of rapidocr itself is imported: its pipeline drops what floods and runs threads.
Each session has one thread, so that a worker may enclose itself (Landlock binds one thread) and
a child forked for one file inherits the loaded nets.
"""

import hashlib
import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medrelease.pixels.faults import ModelAltered, ModelMissing

Net = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""One batch in, one batch out: (n, 3, rows, columns) to what the model gives."""

DETECTOR = "PP-OCRv6_det_small.onnx"
READER = "PP-OCRv6_rec_small.onnx"

KNOWN: Mapping[str, frozenset[str]] = {
    DETECTOR: frozenset({"090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f"}),
    READER: frozenset({"6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884"}),
}
"""SHA-256 of the files that were measured with this program: rapidocr 3.10."""


@dataclass(frozen=True, slots=True)
class TextModels:
    """The two nets, the reader's alphabet (index 0 is the blank) and what the files hash to."""

    detector: Net
    reader: Net
    alphabet: tuple[str, ...]
    hashes: Mapping[str, str]


def load(folder: Path | None = None) -> TextModels:
    """Load both nets from rapidocr's wheel, or from `folder`.

    Raises ModelMissing where a package or a file is absent, or a file has an unknown hash.
    """
    for package in ("cv2", "zxingcpp"):
        if importlib.util.find_spec(package) is None:
            raise ModelMissing(f"the package {package} is not installed: install [pixels]")
    files = known_files(folder)
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    detector, reader = _session(files[DETECTOR]), _session(files[READER])
    said = str(reader.get_modelmeta().custom_metadata_map["character"])
    return TextModels(_net(detector), _net(reader), ("", *said.splitlines(), " "), hashes)


def known_files(folder: Path | None = None) -> Mapping[str, bytes]:
    """The bytes of both nets, each proved to be a file that was measured. Raises ModelMissing."""
    place = folder or _folder()
    files = {name: _read(place / name) for name in KNOWN}
    for name, data in files.items():
        if hashlib.sha256(data).hexdigest() not in KNOWN[name]:
            raise ModelAltered(f"the model {name} is altered, or of an unknown release")
    return files


def _folder() -> Path:
    """Where rapidocr keeps its models; found without importing it."""
    spec = importlib.util.find_spec("rapidocr")
    if spec is None or not spec.submodule_search_locations:
        raise ModelMissing("the package rapidocr is not installed: install [pixels]")
    return Path(spec.submodule_search_locations[0]) / "models"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise ModelMissing(f"the model {path.name} cannot be read: {fault.strerror}") from fault


def _session(data: bytes) -> Any:
    try:
        onnxruntime = importlib.import_module("onnxruntime")  # absent is a finding, no crash
    except ImportError as fault:
        raise ModelMissing("the package onnxruntime is not installed: install [pixels]") from fault
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Without arena and pattern the memory of one odd size is given back before the next.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def _net(session: Any) -> Net:
    name = session.get_inputs()[0].name

    def run(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        answer: NDArray[np.float32] = session.run(None, {name: batch})[0]
        return answer

    return run
