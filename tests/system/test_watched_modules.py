"""The C modules under gcc's address and undefined-behaviour sanitisers, fed hostile files."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import medrelease
from corpora import watched_run
from corpora.built import build_watched

PACKAGE = Path(medrelease.__file__).parents[1]
TESTS = Path(watched_run.__file__).parents[1]
MODULES = {
    *("sanitise._entropy", "sanitise._lzw"),
    *(
        f"verify.{name}"
        for name in ("_digests", "_elements", "_entropy", "_lzw", "_patterns", "_slices")
    ),
}


def run(folder: Path, seed: int, count: int) -> subprocess.CompletedProcess[str]:
    """Feed the modules in the folder; what was said, and how it ended."""
    library = subprocess.run(
        ["gcc", "-print-file-name=libasan.so"], check=True, capture_output=True, text=True
    ).stdout.strip()
    environment = {
        **os.environ,
        "LD_PRELOAD": str(Path(library).resolve()),
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1",
        "PYTHONMALLOC": "malloc",  # else Python's own pools hide what lies beside an object
        "PYTHONPATH": f"{PACKAGE}:{TESTS}",
    }
    command = [sys.executable, watched_run.__file__, str(folder), str(seed), str(count)]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every C module of the package, built to tell of each fault."""
    folder = tmp_path_factory.mktemp("watched")
    try:
        built = build_watched(folder)
    except subprocess.CalledProcessError:
        pytest.skip("gcc has no sanitisers here (Debian: libgcc-*-dev)")
    assert {name.removeprefix("medrelease.") for name in built} == MODULES
    return folder


def test_hostile_files_cause_no_fault_in_c(watched: Path) -> None:
    """Seeds and their mutations of every format: no byte out of bounds, nothing undefined."""
    told = run(watched, 7, 250)
    assert told.returncode == 0, told.stderr[-2000:]
    assert "accepted" in told.stdout
    assert "pair malformed" in told.stdout


@pytest.mark.full
def test_many_hostile_files_cause_no_fault_in_c(watched: Path) -> None:
    """The same with many more mutations."""
    for seed in range(8, 12):
        told = run(watched, seed, 4000)
        assert told.returncode == 0, told.stderr[-2000:]


def test_a_fault_is_told(watched: Path, tmp_path: Path) -> None:
    """The watch is no empty form: a module that reads behind its bytes ends the process."""
    source = tmp_path / "_elements.c"
    source.write_text(
        """
        #include <Python.h>
        PyMODINIT_FUNC PyInit__elements(void) {
          char *bytes = malloc(8);
          volatile int beyond = bytes[8 + getpid() * 0];
          return PyErr_Format(PyExc_ImportError, "%d", beyond);
        }
        """
    )
    name = "medrelease.verify._elements.so"
    flags = ["-shared", "-fPIC", "-fsanitize=address", f"-I{sysconfig.get_path('include')}"]
    subprocess.run(["gcc", *flags, str(source), "-o", str(tmp_path / name)], check=True)
    told = run(tmp_path, 1, 1)
    assert told.returncode != 0
    assert "AddressSanitizer" in told.stderr
