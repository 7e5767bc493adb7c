"""Threads, memory and models, shared by all sessions."""
