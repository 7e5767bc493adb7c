"""Lessons for tests: one as a file, and texts to make others of."""
