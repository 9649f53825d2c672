"""What tests need to exist, with every field defaulted."""

import uuid
from dataclasses import dataclass

from sqlalchemy import insert

from app.db.connection import Database
from app.db.tables.institutions import DirectoryRow, InstitutionRow


@dataclass(frozen=True, slots=True)
class Institution:
    id: uuid.UUID
    slug: str

    @property
    def key(self) -> str:
        """Its key in the directory."""
        return f"institution:{self.slug}"


def make_institution(database: Database, *, slug: str | None = None, name: str = "Université d’essai") -> Institution:
    """A new institution, committed: tests stay apart by working in one each."""
    made = Institution(id=uuid.uuid4(), slug=slug or f"u-{uuid.uuid4().hex[:12]}")
    with database.transaction(made.id) as tx:
        tx.execute(insert(InstitutionRow).values(id=made.id, slug=made.slug, name=name))
        tx.execute(insert(DirectoryRow).values(key=made.key, institution_id=made.id))
    return made
