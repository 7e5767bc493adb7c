"""Tasks that are generated, not read: delayed recall."""
