"""A network and what it does: weights, reading, its trace, what it writes, and what may be done to it meanwhile."""
