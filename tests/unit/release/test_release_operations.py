"""The operations of a worker: warmed up, they need no file; and the roles keep apart."""

import subprocess
import sys

import pytest

from corpora import dicoms, sites

_SCRIPT = """
import os, sys, tempfile
from medrelease.release import operations
role, sample = sys.argv[1:3]
operations.warm(role)
opened = []
source = os.open(sample, os.O_RDONLY)
target = tempfile.TemporaryFile()
sys.addaudithook(lambda event, args: opened.append(args[0]) if event == "open" else None)
if role == "clean":
    print(operations.probe([source], [], {}).get("format"))
    options = {"patient_label": "x", "route_key": "00" * 32, "subject": "x",
               "dicom_options": ["retain-uids"], "hsc": False}
    operations.clean([source], [target.fileno()], options)
else:
    options = {"identifiers": ["Siobhan"], "published": [], "format": sys.argv[4],
               "dicom_options": ["retain-uids"]}
    operations.prove([source, source], [], options)
print("OPENED", opened)
print("OTHER", [m for m in sys.modules if m.startswith("medrelease." + sys.argv[3])])
"""


SAMPLES = {"jpeg": lambda: sites.jpeg(1), "dicom": lambda: dicoms.make_plain("ct")}


@pytest.mark.parametrize("form", SAMPLES)
@pytest.mark.parametrize(("role", "other"), [("clean", "verify"), ("prove", "sanitise")])
def test_a_warm_worker_opens_nothing_and_knows_its_role_only(
    tmp_path: object, role: str, other: str, form: str
) -> None:
    """After warming up no file is opened, and the cleaner and the prover never meet."""
    sample = f"{tmp_path}/a.image"
    with open(sample, "wb") as file:
        file.write(SAMPLES[form]())
    command = [sys.executable, "-c", _SCRIPT, role, sample, other, form]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "OPENED []" in done.stdout, done.stdout + done.stderr
    assert "OTHER []" in done.stdout
