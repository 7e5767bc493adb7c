"""The echo of a character: a run with one character changed, less the run as it is."""
