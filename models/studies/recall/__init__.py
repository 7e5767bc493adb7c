"""Delayed recall: its training, the same tuning for every cell, what ships of it and its curves."""
