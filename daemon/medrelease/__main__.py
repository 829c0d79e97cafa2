"""`python -m medrelease` is the `medrelease` command."""

from medrelease.cli.main import main

main()
