"""Numbers and names: the sole parser and formatter of everything that identifies.

H&C numbers, job numbers, coded names, subject codes, release ids. Pure: nothing here reads a
file, a clock or a configuration; only `release_id.new` draws random bits.
"""
