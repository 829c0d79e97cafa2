"""The package's C modules beside their sources, for tests of a checkout that is not installed."""

import os
import subprocess
import sysconfig
import tomllib
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import medrelease

ROOT = Path(__file__).parents[2]


def build_beside_sources() -> None:
    """Compile each C module of the checkout that is absent or older than one of its sources.

    Does nothing where the package that is tested is an installed one.
    """
    if not Path(medrelease.__file__).is_relative_to(ROOT):
        return
    for module in _modules():
        place = ROOT / "daemon" / (module["name"].replace(".", "/") + ".abi3.so")
        sources = [ROOT / source for source in [*module["sources"], *module["depends"]]]
        newest = max(path.stat().st_mtime for path in sources)
        if place.exists() and place.stat().st_mtime >= newest:
            continue
        fresh = place.with_name(f".{place.name}.{os.getpid()}")
        subprocess.run(_command(module, fresh), check=True)
        fresh.replace(place)


SMALL_ROWS = ["-DLONG_SCAN=200", "-DMAKES_SENSE=16", "-DNEAR_END=64"]
_SMALL = {
    "medrelease.sanitise._entropy": SMALL_ROWS,
    "medrelease.verify._entropy": ["-DSHORTEST=200", "-DIN_STEP=4"],
}
"""Scans of nearly any size are read in several places at once, by the cleaner and by the prover."""


def build_variant(name: str, place: Path, flags: list[str]) -> Any:
    """Compile the C module of that name into a file, with more flags, and load it."""
    (module,) = (each for each in _modules() if each["name"] == name)
    subprocess.run([*_command(module, place), *flags], check=True)
    loader = ExtensionFileLoader(name, str(place))
    spec = spec_from_file_location(name, place, loader=loader)
    assert spec is not None
    loaded = module_from_spec(spec)
    loader.exec_module(loaded)
    return loaded


def build_watched(folder: Path) -> dict[str, Path]:
    """Compile every C module into a folder with gcc's address and undefined-behaviour sanitisers.

    By their names; raises CalledProcessError where gcc has no such libraries.
    """
    flags = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    built = {}
    for module in _modules():
        built[module["name"]] = place = folder / (module["name"] + ".so")
        small = _SMALL.get(module["name"], [])
        subprocess.run([*_command(module, place), *flags, *small], check=True, capture_output=True)
    return built


def _modules() -> list[dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    modules: list[dict[str, Any]] = settings["tool"]["setuptools"]["ext-modules"]
    return modules


def _command(module: dict[str, Any], place: Path) -> list[str]:
    macros = [f"-D{name}={value}" for name, value in module["define-macros"]]
    include = f"-I{sysconfig.get_path('include')}"
    flags = [*module["extra-compile-args"], *macros, include, "-shared", "-fPIC"]
    sources = [str(ROOT / source) for source in module["sources"]]
    return ["gcc", *flags, *sources, "-o", str(place)]
