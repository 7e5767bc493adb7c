"""Training a network that reads rows of real numbers: what it is trained on, and from a series to a card."""
