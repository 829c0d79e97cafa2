"""The table of contents: one file's journey from drop to disposal, as a list of steps."""
