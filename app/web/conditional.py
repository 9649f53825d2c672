"""What a request says about the answer it wants: the copy it has (RFC 9110, 13.1.2) and the types it reads (12.5.1)."""

from collections.abc import Iterator

NOT_MODIFIED = 304
LONGEST = 2_000
"""Characters of a header that are read: nobody honest sends more."""


def is_current(if_none_match: str | None, etag: str) -> bool:
    """Tell whether the caller's copy is the one we would send.

    >>> is_current('W/"b", "a"', '"a"'), is_current("*", '"a"'), is_current('"b"', '"a"')
    (True, True, False)
    """
    if if_none_match is None:
        return False
    known = [tag.strip().removeprefix("W/") for tag in if_none_match[:LONGEST].split(",")]
    return "*" in known or etag in known


def prefers(accept: str | None, media_type: str, *, over: str) -> bool:
    """Tell whether a caller would rather have ``media_type`` than ``over``; equal wishes keep ``over``.

    >>> prefers("text/csv", "text/csv", over="application/json")
    True
    >>> prefers("text/csv;q=0.5, */*", "text/csv", over="application/json")
    False
    """
    ranges = dict(_ranges(accept or "*/*"))
    return _weight(ranges, media_type) > _weight(ranges, over)


def _weight(ranges: dict[str, float], media_type: str) -> float:
    """The weight of the most specific range that holds the type; 0 where none does."""
    kind = media_type.partition("/")[0]
    for name in (media_type, f"{kind}/*", "*/*"):
        if name in ranges:
            return ranges[name]
    return 0.0


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for part in accept[:LONGEST].split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        try:
            yield name, float(weight)
        except ValueError:
            yield name, 0.0
