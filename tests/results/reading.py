"""What an answer of the pull API holds, read for tests."""

import csv
import io
import uuid


def sessions(results: list[dict[str, object]]) -> list[uuid.UUID]:
    return [uuid.UUID(str(result["session"])) for result in results]


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))
