"""What is measured: each figure beside its peer, in the same run. ``python -m bench`` prints the table."""
