"""`medrelease check`: what is well and what is not, each with a stable code and a remedy."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from medrelease.audit import elsewhere
from medrelease.config.keys import site_keys
from medrelease.config.load import load
from medrelease.config.settings import Settings
from medrelease.intake.filesystem import filesystem_type, gives_events, keeps_owners
from medrelease.pixels import inventory
from medrelease.service.assemble import register_of, rules
from medrelease.spool import trial
from medrelease.spool.layout import Layout
from medrelease.terms.faults import ConfigError, Transient
from medrelease.workers.sandbox import sandbox_report

Severity = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `remedy` is empty where nothing needs to be done."""

    code: str
    severity: Severity
    cause: str
    remedy: str = ""


def run_checks(file: Path) -> list[Finding]:
    """Every finding about a configuration file and what it names; changes nothing lasting."""
    try:
        settings = load(file)
    except ConfigError as error:
        remedy = "Correct the key in the configuration file."
        return [
            Finding("configuration", "error", f"{key}: {text}" if key else text, remedy)
            for key, text in error.findings
        ]
    findings = [Finding("configuration", "ok", f"{len(settings.routes)} routes")]
    findings += [Finding("configuration", "warning", f"{k}: {t}") for k, t in settings.remarks]
    looks = (_key, _share, _watching, _owners, _register, _trail, _workers, _c_modules, _pixels)
    for look in looks:
        findings += look(settings)
    return findings


def _key(settings: Settings) -> Iterator[Finding]:
    try:
        site_keys(settings.site.state, os.environ)
    except ConfigError as error:
        remedy = "Give the key back from your safe copy: without it no old code can be followed."
        yield Finding("site-key", "error", str(error), remedy)
    else:
        yield Finding("site-key", "ok", "the site keys are private and well formed")


def _share(settings: Settings) -> Iterator[Finding]:
    layout = Layout(settings.site.share)
    try:
        layout.require()
    except Transient as fault:
        yield Finding("share", "error", str(fault), "Mount the share, or make the site with init.")
        return
    yield Finding("share", "ok", "the share is there, with its sentinel")
    for folder, trouble in trial.renames(layout, [route.name for route in settings.routes]):
        remedy = "Everything under share must be one mount, writable for the service."
        yield Finding("rename", "error", f"{folder}: {trouble}", remedy)
    if not trial.grants_leases(layout):
        cause = "the share grants no leases: stillness and a hash before and after decide"
        yield Finding("leases", "warning", cause, "Give the service CAP_LEASE, or a local share.")
    else:
        yield Finding("leases", "ok", "a file that is still being written to can be told")


def _watching(settings: Settings) -> Iterator[Finding]:
    kind = filesystem_type(settings.site.share)
    if gives_events(kind):
        yield Finding("watching", "ok", f"events wake the service ({kind}); the scan decides")
    else:
        cause = f"the share is polled: a {kind} mount reports no events"
        yield Finding("watching", "warning", cause, "Nothing needs to be done; files take longer.")


def _owners(settings: Settings) -> Iterator[Finding]:
    kind = filesystem_type(settings.site.share)
    if not keeps_owners(kind):
        cause = f"a {kind} mount may give every file one owner: .APPROVE files do not count there"
        remedy = "A second person approves by `medrelease held release ID --reason TEXT`."
        yield Finding("file-owners", "warning", cause, remedy)
    else:
        yield Finding("file-owners", "ok", "who drops and who approves can be told apart")


def _register(settings: Settings) -> Iterator[Finding]:
    try:
        troubles = register_of(settings, rules(settings)).check()
    except Transient as fault:
        remedy = "Until it can be read files wait on every route."
        yield Finding("register", "error", str(fault), remedy)
        return
    for line, message in troubles:
        where = f"line {line}: " if line else ""
        yield Finding("register-row", "warning", where + message, "Correct the row.")
    if not troubles:
        yield Finding("register", "ok", "every row can be read")


def _trail(settings: Settings) -> Iterator[Finding]:
    yield _notes_elsewhere(settings)
    if not os.access(settings.site.audit, os.W_OK):
        yield Finding(
            "audit-folder", "error", "the audit folder is not writable", "Mend its owner."
        )


def _notes_elsewhere(settings: Settings) -> Finding:
    """Whether a signed note has gone anywhere but this host."""
    code, remedy = "notes-elsewhere", "Set audit.notes_dir to a folder on another machine."
    if settings.audit.notes_dir is None:
        cause = "signed notes go nowhere but this host, where they could be rolled back"
        return Finding(code, "warning", cause + " with the trail", remedy)
    try:
        found = elsewhere.look(settings.site.audit, settings.audit.notes_dir)
    except OSError as fault:
        cause = f"the folder of audit.notes_dir cannot be read: {fault.strerror}"
        return Finding(code, "warning", cause, "Mount it, and let the service write to it.")
    if found.same_disk:
        cause = "audit.notes_dir is on the same filesystem as the trail: no note has left the host"
        return Finding(code, "warning", cause, remedy)
    if not found.newest:
        cause = "no signed note has gone to audit.notes_dir yet"
        return Finding(code, "warning", cause, "Let the service write to it; one goes at start.")
    if found.newest < found.here:
        cause = f"the newest note elsewhere covers {found.newest} lines, the one here {found.here}"
        return Finding(code, "warning", cause, "See whether the service can write to it.")
    return Finding(code, "ok", f"a signed note over {found.newest} lines has left this folder")


def _workers(settings: Settings) -> Iterator[Finding]:
    report = sandbox_report()
    if not report.seccomp:
        yield Finding("sandbox", "error", "this kernel has no seccomp filter", "No worker can run.")
    elif not report.landlock_abi:
        cause = "this kernel has no Landlock; the seccomp filter stands alone"
        yield Finding("sandbox", "warning", cause, "A kernel from 5.13 on has it.")
    else:
        yield Finding("sandbox", "ok", f"Landlock ABI {report.landlock_abi} and seccomp")


_C_MODULES = (
    ("verify._patterns", "every file is held"),
    ("verify._digests", "every file is held"),
    ("sanitise._entropy", "every JPEG is held, and PNG with alpha or a palette"),
    ("verify._entropy", "every JPEG is held, and PNG with alpha or a palette"),
    ("verify._elements", "every DICOM object is held"),
    ("sanitise._lzw", "every GIF is held, and TIFF in LZW"),
    ("verify._lzw", "every GIF is held"),
    ("verify._slices", "every file is held"),
)


def _c_modules(_settings: Settings) -> Iterator[Finding]:
    missing = [each for each in _C_MODULES if not _built(f"medrelease.{each[0]}")]
    for name, effect in missing:
        cause = f"the C module {name} is missing: {effect}"
        yield Finding("c-modules", "error", cause, "Install the package again, with gcc.")
    if not missing:
        yield Finding("c-modules", "ok", "the modules that read and prove in C are there")


def _built(module: str) -> bool:
    return find_spec(module) is not None


def _pixels(settings: Settings) -> Iterator[Finding]:
    examining = [route.name for route in settings.routes if route.examines]
    if not examining:
        cause = "no route looks at the pixels; the record says so"
        yield Finding("pixels", "ok", cause)
        return
    held = f"every file on {', '.join(examining)} is held as pixels-not-examined"
    models = list(inventory.models())
    for model in models:
        if model.trouble:
            severity: Severity = "error" if model.altered else "warning"
            remedy = "Run scripts/install again: it brings the models that are known."
            yield Finding("pixels", severity, f"{model.trouble}: {held}", remedy)
        else:
            yield Finding("pixels", "ok", f"{model.name} {model.sha256}")
    if all(model.name for model in models):
        yield _heic()


def _heic() -> Finding:
    trouble = inventory.trouble_with_heic()
    if not trouble:
        return Finding("heic", "ok", "HEIC can be looked at")
    cause = f"{trouble} Such files are held as decoder-missing."
    return Finding("heic", "warning", cause, "Install [pixels] again, or have cameras take JPEG.")
