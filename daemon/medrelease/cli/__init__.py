"""The command line: verbs, exit codes, `--json`. Each verb imports what it needs when it runs."""
