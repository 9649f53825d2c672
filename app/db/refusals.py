"""Why a database cannot be used, said to the person who starts the service."""


class DatabaseRefused(Exception):
    """``reasons`` are French sentences, the last one says what to do."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons
