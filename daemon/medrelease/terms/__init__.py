"""The vocabulary of the house: words, values that flow between rooms, and faults.

Everything in this room is data. It imports nothing but the standard library, and every
other room may import it.
"""
