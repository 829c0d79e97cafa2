"""Ledger: an index over the trail in SQLite on the local disk, and what must stay secret.

    database      opening a file, and what SQLite's errors mean
    tables        the tables of the index
    fold          what each event of the trail does to them
    store         the index of one site: fed by the trail, asked by the release
    queries       the questions, for the service and for verbs that only read
    reader        opening for verbs that only read
    held_places   where held files stand, which the trail does not say
    linkage       code to subject: the department's own secret, durable before it is used

The trail is the truth: the index can be dropped and made again from it.
"""
