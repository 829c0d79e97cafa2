"""Whose image it is: what the path says, and whether all who speak agree (DESIGN.md 5.3)."""

from medrelease.identify.paths import PathWords, read_path
from medrelease.identify.reconciling import reconcile

__all__ = ["PathWords", "read_path", "reconcile"]
