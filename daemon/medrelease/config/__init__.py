"""From one TOML file to the frozen settings that the rest of the program works with.

Nothing below this room knows that a configuration file exists. The reading verbs come in through
`config.light`, which costs them no pydantic; the service comes in through `config.load`.
"""
