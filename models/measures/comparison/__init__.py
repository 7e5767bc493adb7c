"""Measures of two runs: two texts side by side, and what interventions change."""
