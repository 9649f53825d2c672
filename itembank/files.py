"""Bank files on a disk: the folders we ship, and what an author names on the command line."""

from pathlib import Path

from itembank.formats.source_text import MAX_BYTES

SHIPPED = Path(__file__).parent / "data"

_ENDINGS = frozenset({".yaml", ".yml"})


def gather(path: Path) -> dict[str, bytes]:
    """Return the bank files at a path, by name: one file, or the YAML files of a folder in order.

    A file is read no further than one byte past the limit, which is enough to refuse it.
    Raise OSError when the path cannot be read.
    """
    if not path.is_dir():
        return {path.name: _content(path)}
    files = sorted(file for file in path.iterdir() if file.suffix in _ENDINGS)
    return {file.name: _content(file) for file in files}


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
