"""From the bytes of an untrusted file to text that a parser may read."""

import re
from dataclasses import dataclass

from itembank.formats.marked import Fault

MAX_BYTES = 5_000_000
MAX_FORBIDDEN = 1_000

# What YAML 1.2 allows in a stream (section 5.1), the byte order mark left out.
_FORBIDDEN = re.compile(r"[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """``text`` is None when the file cannot be read at all; lines end with a line feed."""

    text: str | None
    faults: tuple[Fault, ...]


def decode(content: bytes) -> Decoded:
    """Decode UTF-8, with or without a byte order mark; forbidden characters become U+FFFD, each a fault."""
    if len(content) > MAX_BYTES:
        return Decoded(None, (Fault("file-too-big", (1, 1), {"limit": MAX_BYTES}),))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Decoded(None, (_not_utf8(content, _offset(content, error)),))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    faults = _forbidden(text)
    if len(faults) > MAX_FORBIDDEN:
        return Decoded(None, faults[:1])
    return Decoded(_FORBIDDEN.sub("\ufffd", text), faults)


def _offset(content: bytes, error: UnicodeDecodeError) -> int:
    """The utf-8-sig decoder counts from after the byte order mark."""
    return error.start + len(content) - len(error.object)


def _not_utf8(content: bytes, offset: int) -> Fault:
    line_start = content.rfind(b"\n", 0, offset) + 1
    at = (content.count(b"\n", 0, offset) + 1, offset - line_start + 1)
    facts: dict[str, str | int] = {"byte": offset + 1, "value": f"{content[offset]:02X}", "line": at[0]}
    return Fault("not-utf8", at, facts)


def _forbidden(text: str) -> tuple[Fault, ...]:
    """One fault a line, no more than needed to tell a slip from a binary file."""
    faults: list[Fault] = []
    for number, line in enumerate(text.split("\n"), 1):
        found = _FORBIDDEN.search(line)
        if found:
            facts = {"character": f"U+{ord(found[0]):04X}"}
            faults.append(Fault("forbidden-character", (number, found.start() + 1), facts))
        if len(faults) > MAX_FORBIDDEN:
            break
    return tuple(faults)
