"""Lessons: text files that lead a class, with blocks that are alive; docs/lessons.md says how to write one."""
