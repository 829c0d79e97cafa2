"""The job register: whose job it is and what the patient consented to (DESIGN.md 5.3).

By default a CSV file; a database where the configuration gives its URL. The register belongs
to somebody else: it is only ever read, and what cannot be read for certain is not used.
"""

from medrelease.register.opening import open_register
from medrelease.register.row_bytes import row_bytes
from medrelease.register.table import Finding, Options, Register, RowInvalid

__all__ = ["Finding", "Options", "Register", "RowInvalid", "open_register", "row_bytes"]
