"""Notices: everything that the program writes for staff to read in the share.

    reasons        the one catalogue of hold and wait reasons, in plain words
    why_note       `<name>.WHY.txt` beside a held file
    status_page    STATUS.html
    message_catalogue  what `journalctl -x` says of a hold

This file imports nothing, so that a verb that only needs the catalogue loads no template engine.
"""
