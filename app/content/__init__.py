"""The page's own content: example texts, colours, the first minute."""
