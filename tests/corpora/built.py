"""The package's C modules beside their sources, for tests of a checkout that is not installed."""

import os
import subprocess
import sysconfig
import tomllib
from pathlib import Path

import medrelease

ROOT = Path(__file__).parents[2]


def build_beside_sources() -> None:
    """Compile each C module of the checkout that is absent or older than one of its sources.

    Does nothing where the package that is tested is an installed one.
    """
    if not Path(medrelease.__file__).is_relative_to(ROOT):
        return
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for module in settings["tool"]["setuptools"]["ext-modules"]:
        place = ROOT / "daemon" / (module["name"].replace(".", "/") + ".abi3.so")
        sources = [ROOT / source for source in module["sources"]]
        newest = max(p.stat().st_mtime for p in [*sources, *(ROOT / d for d in module["depends"])])
        if place.exists() and place.stat().st_mtime >= newest:
            continue
        fresh = place.with_name(f".{place.name}.{os.getpid()}")
        macros = [f"-D{name}={value}" for name, value in module["define-macros"]]
        include = f"-I{sysconfig.get_path('include')}"
        flags = [*module["extra-compile-args"], *macros, include, "-shared", "-fPIC"]
        subprocess.run(["gcc", *flags, *map(str, sources), "-o", str(fresh)], check=True)
        fresh.replace(place)
