"""Trails of many days, written quickly: the chain and the notes are real, the work is made up."""

import base64
import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from medrelease.audit.checkpoint import FOLDER, PUBLIC_KEY, Checkpoint, note_name
from medrelease.audit.notes import Signer
from medrelease.audit.record import KEYS

FIRST_DAY = date(2016, 11, 27)
NOTE_EVERY = 100


def write(folder: Path, signer: Signer, days: int, records: int) -> None:
    """`records` lines over `days` segments, the last of them today's, with a note each hundred.

    The note's own line follows it, as the service writes it.
    """
    (folder / FOLDER).mkdir(parents=True)
    (folder / FOLDER / PUBLIC_KEY).write_bytes(signer.public.pem())
    record = dict.fromkeys(KEYS)
    head, seq = "0" * 64, 0
    for day in range(days):
        until = records * (day + 1) // days
        name = f"audit-{FIRST_DAY + timedelta(days=day)}.jsonl"
        lines = []
        while seq < until:
            seq += 1
            of_note = seq % NOTE_EVERY == 1 and seq > 1
            raw = _line(record, seq, day, head, of_note)
            head = hashlib.sha256(raw).hexdigest()
            lines.append(raw + b"\n")
            if seq % NOTE_EVERY == 0:
                note = signer.sign(Checkpoint("medrelease", seq, head))
                (folder / FOLDER / note_name(seq)).write_bytes(note.text())
        place = folder / ("audit.jsonl" if day == days - 1 else name)
        place.write_bytes(b"".join(lines))


def _line(record: dict[str, object], seq: int, day: int, head: str, of_note: bool) -> bytes:
    moment = datetime.combine(FIRST_DAY + timedelta(days=day), datetime.min.time(), UTC)
    moment += timedelta(milliseconds=10 * (seq % 8_000_000))
    code = base64.b32encode(seq.to_bytes(10, "big")).decode()
    release = {
        "v": 1,
        "seq": seq,
        "ts": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "prev": head,
        "event": "log.note" if of_note else "release.published",
        "release_id": None if of_note else f"01J{seq:023d}",
        "route": "teaching",
        "purpose": "teaching",
        "coded_name": f"{code} -1.jpg",
        "subject": code,
        "job_hmac": head,
        "user": "quinn",
        "process": "medrelease[1]",
        "source": {"sha256": head, "bytes": 9_300_000, "kind": "jpeg", "name_hmac": head},
        "result": {"sha256": head, "bytes": 9_290_000, "kind": "jpeg"},
        "identity": {"job": ["path", "register"], "image": [], "hc": ["path"]},
        "actions": {"exif": 12, "xmp": 1, "icc-text": 4},
        "policy_sha256": head,
        "software": "medrelease 0.1.0",
        "host": "photo1",
    }
    return json.dumps(record | release, separators=(",", ":")).encode()
