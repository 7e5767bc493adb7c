"""Models on disk: cards, weights, from a name to a folder, and how a new model takes its place."""
