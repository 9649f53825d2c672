"""Published versions of frameworks and banks, and what an import did."""

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from typing import Self

from app.errors import Conflict, Invalid, NotFound, msgid
from itembank.problem import Problem

BANK = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", re.ASCII)
VERSION = re.compile(rf"(?P<bank>{BANK.pattern})(?:@(?P<number>[1-9][0-9]{{0,8}}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class FrameworkVersion:
    """A framework as published: the row's id, and the id and version its files use."""

    id: uuid.UUID
    framework: str
    version: str
    sha256: str

    @property
    def name(self) -> str:
        """As results quote it: ``fr-socle-numerique-sante@2026.1``."""
        return f"{self.framework}@{self.version}"


@dataclass(frozen=True, slots=True)
class BankVersion:
    """A bank as published. ``framework`` is the name of the framework version it follows."""

    id: uuid.UUID
    bank: str
    number: int
    framework_version_id: uuid.UUID
    framework: str
    sha256: str
    item_count: int
    imported_by: str
    created_at: dt.datetime

    @property
    def name(self) -> str:
        """As results quote it: ``socle-sante@3``."""
        return f"{self.bank}@{self.number}"


@dataclass(frozen=True, slots=True)
class BankName:
    """What a person writes to name a version: ``socle-sante@3``, or ``socle-sante`` for the latest."""

    bank: str
    number: int | None

    @classmethod
    def read(cls, text: str) -> Self:
        """Raise ``UnknownBank`` for a text that no bank version can be called by."""
        found = VERSION.fullmatch(text.strip())
        if found is None:
            raise UnknownBank(name=text.strip())
        number = found["number"]
        return cls(found["bank"], None if number is None else int(number))

    @property
    def text(self) -> str:
        return self.bank if self.number is None else f"{self.bank}@{self.number}"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the files.

    Attributes
    ----------
    bank : the bank's name as the files announce it; empty when no file could be read.
    version : the published version that holds these items; None where nothing is (or would be) published,
        and in a dry run of new content.
    accepted : how many items are in it, or would be.
    refused : ids of the items left out ("?" for an item whose id could not be read).
    problems : every finding, in reading order; the errors say why items were left out.
    unchanged : True where an earlier version already holds exactly these items.
    """

    bank: str
    version: BankVersion | None
    accepted: int
    refused: tuple[str, ...]
    problems: tuple[Problem, ...]
    unchanged: bool

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")


class UnknownBank(NotFound):
    code = "unknown-bank"
    message = msgid("La banque « %(name)s » n’existe pas sur ce serveur.")


class UnknownBankVersion(NotFound):
    code = "unknown-bank-version"
    message = msgid("Cette version de banque n’existe pas sur ce serveur.")


class FrameworkNotPublished(NotFound):
    code = "framework-not-published"
    message = msgid("Le référentiel « %(name)s » n’est ni livré avec Toise ni publié sur ce serveur.")


class FrameworkChanged(Conflict):
    """A published version never changes: new content needs a new version."""

    code = "framework-changed"
    message = msgid(
        "Le référentiel « %(name)s » est déjà publié avec un autre contenu. Une version publiée ne change jamais : "
        "donnez un nouveau numéro de version à celui-ci."
    )


class NoFiles(Invalid):
    code = "no-files"
    message = msgid("Il n’y a aucun fichier .yaml ou .yml dans « %(path)s ».")
