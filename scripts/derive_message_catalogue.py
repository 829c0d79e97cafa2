"""Writes systemd/medrelease.catalog anew from the one table of reasons.

    python scripts/derive_message_catalogue.py

A test compares the two, so that neither can change alone.
"""

from pathlib import Path

from medrelease.notices import message_catalogue

if __name__ == "__main__":
    place = Path(__file__).parents[1] / "systemd" / "medrelease.catalog"
    place.write_text(message_catalogue.render(), encoding="utf-8")
