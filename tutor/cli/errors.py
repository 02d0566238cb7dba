"""The error that ends a command with a sentence."""


class Refusal(Exception):  # noqa: N818 -- it ends a command, and isn't a fault of the program
    """A command can't be done: a sentence for standard error, and the exit status."""

    def __init__(self, sentence: str, status: int = 2) -> None:
        super().__init__(sentence)
        self.status = status
