"""Tasks whose texts are generated: delayed recall."""
