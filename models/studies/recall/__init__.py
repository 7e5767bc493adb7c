"""Delayed recall: its training, the same tuning for every cell, the models that ship and their curves."""
