"""Instruments about memory: how long something is remembered, where it comes from, what it costs."""
