"""NOUNS: frozen dataclasses that cross room boundaries. No I/O, no clock, standard library only."""
