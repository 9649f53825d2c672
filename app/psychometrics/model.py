"""What the psychometrician's files may be refused for."""

from typing_extensions import override

from app.errors import Invalid, msgid


class BadFile(Invalid):
    """A file that cannot be used, with the place and the repair."""

    code = "bad-file"
    message = msgid("%(file)s, ligne %(row)s, colonne %(column)s : %(cause)s")

    def __init__(self, *, file: str, cause: str, row: int | None = None, column: str | None = None) -> None:
        super().__init__(file=file, row=row, column=column, cause=cause)

    @override
    def __str__(self) -> str:
        place = [self.facts["file"]]
        place += [f"line {self.facts['row']}"] if self.facts["row"] is not None else []
        place += [f"column {self.facts['column']}"] if self.facts["column"] is not None else []
        return f"{', '.join(map(str, place))}: {self.facts['cause']}"
