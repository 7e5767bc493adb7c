"""A run over a text of any length that is still being edited."""
