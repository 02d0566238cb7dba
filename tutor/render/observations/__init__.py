"""Drawings of what the probes observed of a run: a module for each block of a result."""
