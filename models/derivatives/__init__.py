"""First-order effects: what was computed over segments of a text, and what is propagated along them."""
