"""Session files for tests."""
