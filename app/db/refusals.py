"""Why a database cannot be used, said to the person who starts the service."""


class DatabaseRefused(Exception):
    """``reasons`` are French msgids, the last one says what to do; ``said`` is what PostgreSQL said itself."""

    def __init__(self, *reasons: str, said: str = "", **facts: object) -> None:
        super().__init__(" ".join([*(reason % facts for reason in reasons), said]).strip())
        self.reasons = reasons
        self.said = said
        self.facts = facts
