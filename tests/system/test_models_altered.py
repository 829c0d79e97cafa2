"""A model altered, absent or unreadable: `check` says so, and every file that needs it is held."""

import json
import os
import site as packages
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from corpora import pictures
from corpora.sites import FOLDER, Site
from medrelease.pixels import faces, models

MODELS = (models.DETECTOR, models.READER, faces.MODEL)


def alter(model: Path) -> None:
    """One byte in the middle is another."""
    data = bytearray(model.read_bytes())
    data[len(data) // 2] ^= 1
    model.unlink()
    model.write_bytes(data)


def obstruct(model: Path) -> None:
    """Nobody can read it, not even root: a folder has its name."""
    model.unlink()
    model.mkdir()


HARMS: dict[str, tuple[Callable[[Path], None], int]] = {
    "altered": (alter, 78),
    "removed": (Path.unlink, 0),
    "unreadable": (obstruct, 0),
}
"""What is done to a model, and how `check` then exits: an altered one is an error."""
EVERY = [(model, harm) for model in MODELS for harm in HARMS]
DEFAULT = list(zip(MODELS, HARMS, strict=True))


def python_with_models(folder: Path) -> tuple[Path, dict[str, Path]]:
    """A Python that has this one's packages, and models of its own that may be harmed."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (own,) = folder.glob("lib/python*/site-packages")
    # Its own folder comes first: rapidocr is found there, everything else in the old place.
    (own / "others.pth").write_text("\n".join(packages.getsitepackages()))
    carried = models._folder()
    text = own / "rapidocr" / "models"
    text.mkdir(parents=True)
    (own / "rapidocr" / "__init__.py").touch()
    face = folder / faces.FOLDER
    face.mkdir(parents=True)
    kept = {models.DETECTOR: text, models.READER: text, faces.MODEL: face}
    sources = dict.fromkeys((models.DETECTOR, models.READER), carried)
    sources[faces.MODEL] = Path(sys.prefix) / faces.FOLDER
    for name, place in kept.items():
        os.symlink(sources[name] / name, place / name)
    return folder / "bin" / "python", {name: place / name for name, place in kept.items()}


def call(python: Path, site: Site, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one verb with another Python."""
    command = [str(python), "-m", "medrelease", "--config", str(site.config), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(
    ("model", "harm"),
    [
        pytest.param(*case, marks=[] if case in DEFAULT else pytest.mark.full, id=" ".join(case))
        for case in EVERY
    ],
)
def test_a_harmed_model_is_told_and_holds_what_needs_it(
    tmp_path: Path, model: str, harm: str
) -> None:
    """Each model in each way: named by `check`, held where pixels are examined, gone elsewhere."""
    python, files = python_with_models(tmp_path / "python")
    site = Site(tmp_path / "site")
    spoil, code = HARMS[harm]
    spoil(files[model])

    checked = call(python, site, "check", "--json")
    troubles = [one for one in json.loads(checked.stdout) if one["code"] == "pixels"]
    (finding,) = [one for one in troubles if model in one["cause"] and one["severity"] != "ok"]
    assert (checked.returncode, finding["severity"]) == (code, "error" if code else "warning")
    assert "pixels-not-examined" in finding["cause"]
    assert finding["remedy"]

    picture = pictures.saved(pictures.smooth(1, 64, 96), "PNG")
    site.drop(f"{FOLDER}/a.png", picture)
    site.drop("23 02210/b.png", pictures.saved(pictures.smooth(2, 64, 96), "PNG"), "teaching")
    done = call(python, site, "run", "--once")
    assert done.returncode == 3, done.stderr
    assert site.held("teaching") == {"23 02210/b.png": "pixels-not-examined"}
    # Care's route keeps writing: nobody looks at its pictures, and the record says so.
    (published,) = site.events("release.published")
    assert (published["route"], published["pixels"]) == ("clinician", "not-examined")
    assert not published["models"]


def test_with_sound_models_the_same_python_releases(tmp_path: Path) -> None:
    """The test's own Python is no reason to hold anything: its models are told by their hashes."""
    python, _ = python_with_models(tmp_path / "python")
    site = Site(tmp_path / "site")
    site.drop("23 02210/b.png", pictures.saved(pictures.smooth(2, 64, 96), "PNG"), "teaching")
    done = call(python, site, "run", "--once")
    assert done.returncode == 0, done.stderr
    (published,) = site.events("release.published")
    assert sorted(published["models"]) == sorted(MODELS)
