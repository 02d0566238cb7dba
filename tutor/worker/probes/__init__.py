"""Observers of a run: they report what a program did and left, and change nothing of it."""
