"""Intake: what lies in the outbox, and since when it has been still."""
