"""The nouns of the house, as plain frozen data: no I/O, no nio, no SQL."""
