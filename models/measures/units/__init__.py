"""Measures of single units: what they follow, how fast they change, which others are alike."""
