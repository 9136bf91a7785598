"""What a room answers instead of doing what it was asked."""


class Refused(Exception):
    """A command, a question or an entry that was not granted (SPEC.md, E).

    Attributes:
        code: what is wrong, from the table in `protocol/errors.py`, or `offline`: the connection went before the answer came.
        text: what was expected and what came, for developers.
        retry: whether the same request may succeed later, unchanged.
    """

    def __init__(self, code: str, text: str = "", retry: bool = False) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text
        self.retry = retry

    def __str__(self) -> str:
        return f"{self.code}: {self.text}" if self.text else self.code


class Unreachable(Exception):
    """No Palabre answers at that address."""
