"""A view with its text, its history and its models as one file, `.hidden-state`; docs/session-file.md describes it."""
