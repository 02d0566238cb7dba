"""A live PyTorch lab in a terminal."""

__version__ = "0.1.0"
