"""Opens the register that the configuration names."""

from pathlib import Path

from medrelease.identifiers.hc_number import Check
from medrelease.identifiers.job_number import JobFormat
from medrelease.register.csv_file import CsvRegister
from medrelease.register.table import Options, Register

_CSV = "csv:"


def open_register(
    options: Options, base_dir: Path, job_format: JobFormat, check: Check = "check-digit"
) -> Register:
    """The register behind a URL; relative paths are relative to `base_dir`.

    `check` is the site's check of H&C numbers, against which `Register.check` holds them.
    Nothing is read yet: a register that is absent now may be there at the first look-up.
    Raises ConfigError for a database URL, table or driver that cannot be used.
    """
    if options.url.startswith(_CSV):
        path = base_dir / options.url.removeprefix(_CSV)
        return CsvRegister(path, options.columns, job_format, check)
    # A quarter of a second of imports that a site with a CSV register never pays for.
    from medrelease.register.sql import SqlRegister  # noqa: PLC0415

    return SqlRegister(options, base_dir, job_format, check)
