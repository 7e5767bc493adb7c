"""The page's own content: example texts, the first minute."""
