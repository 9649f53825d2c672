"""Staff accounts, and browsers signed in to them."""

import re
import uuid
from typing import Any

from fastapi.testclient import TestClient

from app.accounts import service
from app.accounts.model import Role, Staff
from app.db.connection import Database
from tests.conftest import NOON

PASSWORD = "une phrase de passe longue"


def make_staff(database: Database, institution_id: uuid.UUID, *, email: str | None = None) -> Staff:
    """An account, committed."""
    with database.transaction(institution_id) as tx:
        return service.create_staff(
            tx,
            institution_id=institution_id,
            email=email or f"{uuid.uuid4().hex[:12]}@univ.example",
            name="Alix Martin",
            role=Role.MANAGER,
            password=PASSWORD,
            now=NOON,
        )


def sign_in(http: TestClient, email: str, password: str = PASSWORD, **form: str) -> Any:
    """Send the sign-in form as a page of ours would."""
    fields = {"email": email, "password": password, **form}
    return http.post("/team/sign-in", data=fields, headers={"Sec-Fetch-Site": "same-origin"})


def csrf_token(page: Any) -> str:
    """The token that a page puts into its forms."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]
