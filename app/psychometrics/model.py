"""What the psychometrician's files may be refused for."""

from app.errors import Invalid, msgid


class BadFile(Invalid):
    """A file that cannot be used: where, what was expected, what came.

    ``cause`` is a French msgid whose placeholders are filled from ``facts``.
    """

    code = "bad-file"
    message = msgid("Ce fichier ne peut pas être lu.")

    def __init__(
        self, file: str, cause: str, /, *, row: int | None = None, column: str | None = None, **facts: object
    ) -> None:
        super().__init__(file=file, row=row, column=column, **facts)
        self.cause = cause

    @property
    def place(self) -> str:
        """The message that says where, to be filled from ``facts``."""
        if self.facts["row"] is None:
            return msgid("%(file)s, %(column)s :") if self.facts["column"] else msgid("%(file)s :")
        if self.facts["column"] is None:
            return msgid("%(file)s, ligne %(row)s :")
        return msgid("%(file)s, ligne %(row)s, colonne %(column)s :")
