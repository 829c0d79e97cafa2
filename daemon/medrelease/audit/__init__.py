"""Audit: the trail, the one durable record of every release, and its verification.

    record        the keys of a line, and what makes it complete
    line          a line as bytes: its place in the chain, and the record in it
    rendering     a record becomes a line (structlog), chained to the line before
    segment       the open file of today: durable writes, and a short one cut back
    recovery      what opening the trail finds: a torn line, a broken chain
    writer        segments, days and signed notes: one thread's work
    trail         the door for many threads: group commit
    checkpoint    the text of a signed note, and where notes stand
    notes         Ed25519: keys, signing, checking
    elsewhere     has a note gone anywhere but this host?
    reading       segments and lines, in bounded memory
    verification  is the trail intact? with reconciliation beside it
    kept          originals and held files, held against the trail
    search        the lines that tell of a job, a name, a subject or an H&C number
    mapping       where each key stands in an export: CSV, FHIR, DICOM's message
    disclosure    a published release as a FHIR AuditEvent (IHE BALP)
    export        the trail for other programs, names hidden
    journal       what of a record may go to the journal

This file imports nothing, so that a verb that only reads pays for no cryptography.
"""
