"""A case that several questions share: what there is to read before answering them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self, get_args

from framework.model import LocalizedText
from itembank.parts import Words, text_data, words_data, words_of_data

Setting = Literal["ward", "pharmacy", "nursing_home", "liberal_practice", "medico_social", "it_desk", "telehealth"]
SETTINGS: tuple[Setting, ...] = get_args(Setting)


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph."""

    text: LocalizedText

    def to_data(self) -> dict[str, Any]:
        return {"text": text_data(self.text)}


@dataclass(frozen=True, slots=True)
class Document:
    """An e-mail, a message, a screen or a log: its lines as one would see them, some of them empty."""

    title: LocalizedText
    lines: Words = field(hash=False)

    def to_data(self) -> dict[str, Any]:
        return {"document": {"title": text_data(self.title), "lines": words_data(self.lines)}}


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a heading for each column; the first cell of a row names the row."""

    caption: LocalizedText
    header: tuple[LocalizedText, ...]
    rows: tuple[tuple[LocalizedText, ...], ...]

    def to_data(self) -> dict[str, Any]:
        rows = [[text_data(cell) for cell in row] for row in self.rows]
        header = [text_data(cell) for cell in self.header]
        return {"table": {"caption": text_data(self.caption), "header": header, "rows": rows}}


Block = Passage | Document | Table


@dataclass(frozen=True, slots=True)
class Vignette:
    """A case, read from top to bottom. Its questions carry it whole, so that each stands by itself."""

    id: str
    setting: Setting
    title: LocalizedText
    blocks: tuple[Block, ...]

    def to_data(self) -> dict[str, Any]:
        """Return canonical JSON-able data."""
        return {
            "id": self.id,
            "setting": self.setting,
            "title": text_data(self.title),
            "blocks": [block.to_data() for block in self.blocks],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Build from what ``to_data`` gave. Raise KeyError, TypeError or ValueError on anything else."""
        return cls(
            id=data["id"],
            setting=data["setting"],
            title=LocalizedText.from_data(data["title"]),
            blocks=tuple(_block(block) for block in data["blocks"]),
        )


def _block(data: Mapping[str, Any]) -> Block:
    if "text" in data:
        return Passage(LocalizedText.from_data(data["text"]))
    if "document" in data:
        content = data["document"]
        return Document(LocalizedText.from_data(content["title"]), words_of_data(content["lines"]))
    content = data["table"]
    return Table(
        caption=LocalizedText.from_data(content["caption"]),
        header=_texts(content["header"]),
        rows=tuple(_texts(row) for row in content["rows"]),
    )


def _texts(cells: list[Mapping[str, Any]]) -> tuple[LocalizedText, ...]:
    return tuple(LocalizedText.from_data(cell) for cell in cells)
