"""Measures of memory: what is left of a character, and how far back it is used."""
