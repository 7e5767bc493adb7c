"""What the page shows of its own: example texts, colours, the first minute."""
