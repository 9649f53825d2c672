import json
import os
import pty
import subprocess
import sys
import uuid
from collections.abc import Callable
from select import select as select_ready

import pytest
import typer
from sqlalchemy import select
from typer.testing import CliRunner

from app.accounts import client_service, service
from app.accounts.commands import client, staff
from app.accounts.model import BadCredentials, Scope
from app.accounts.service import Attempt
from app.db.connection import Database
from app.db.tables.accounts import StaffRow
from app.institutions.commands import commands as institution_commands
from app.settings import Settings
from tests.builders import Institution, make_institution
from tests.conftest import NOON
from tests.server import SECRET
from tests.staff import PASSWORD, make_staff

Run = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Run:
    """A command on the database of the tests, in French."""
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    monkeypatch.setenv("TOISE_DATABASE_URL", str(settings.database_url))
    monkeypatch.setenv("TOISE_SECRET_KEY", SECRET)

    def command(group: typer.Typer, *arguments: str, given: str | None = None, status: int = 0) -> str:
        done = CliRunner().invoke(group, list(arguments), input=given)
        assert done.exit_code == status, done.output
        return done.output.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")

    return command


def signs_in(database: Database, email: str, password: str = PASSWORD) -> bool:
    try:
        service.sign_in(database, Attempt(email, password, "192.0.2.9"), secret=b"s" * 32, now=NOON)
    except BadCredentials:
        return False
    return True


def create_account(run: Run, institution: Institution, email: str, *, given: str = PASSWORD, status: int = 0) -> str:
    arguments = ("create", email, "--name", "Alix Martin", "--institution", institution.slug, "--password-stdin")
    return run(staff, *arguments, given=f"{given}\n", status=status)


def test_an_account_is_made_with_the_password_of_the_standard_input(
    run: Run, database: Database, institution: Institution
) -> None:
    email = f"alix@{institution.slug}.example"
    assert create_account(run, institution, email) == f"Compte créé : {email} (manager).\n"
    assert signs_in(database, email)


def test_without_a_person_to_ask_the_password_is_not_guessed(run: Run, institution: Institution) -> None:
    said = run(staff, "create", "a@b.example", "--name", "Alix", "--institution", institution.slug, status=1)
    assert "--password-stdin" in said


def test_a_password_is_never_an_option(run: Run, institution: Institution) -> None:
    arguments = ("create", "a@b.example", "--name", "Alix", "--institution", institution.slug)
    run(staff, *arguments, "--password", PASSWORD, status=2)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_at_a_terminal_the_password_is_asked_twice_and_not_shown(
    database: Database, settings: Settings, institution: Institution
) -> None:
    email = f"term@{institution.slug}.example"
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from app.accounts.commands import staff; staff()", "create", email]
    environment = {
        **os.environ,
        "LC_ALL": "fr_FR.UTF-8",
        "TOISE_DATABASE_URL": str(settings.database_url),
        "TOISE_SECRET_KEY": SECRET,
    }
    with subprocess.Popen(
        [*command, "--name", "Alix", "--institution", institution.slug],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        shown = b""
        for question in (b"Mot de passe : ", "vérifier : ".encode()):
            shown += read_until(ours, question)
            os.write(ours, f"{PASSWORD}\n".encode())
        shown += read_until(ours, b"(manager).\r\n")
        assert process.wait(timeout=30) == 0
    os.close(ours)
    assert PASSWORD.encode() not in shown
    assert signs_in(database, email)


def read_until(terminal: int, end: bytes) -> bytes:
    """What the terminal shows up to and with ``end``; a question's last space comes when its echo is off."""
    read = b""
    while not read.endswith(end):
        ready, _, _ = select_ready([terminal], [], [], 30)
        assert ready, read
        read += os.read(terminal, 1000)
    return read


def test_a_refusal_says_why_and_makes_nothing(run: Run, database: Database, institution: Institution) -> None:
    assert "15 à 1000 caractères" in create_account(run, institution, "a@b.example", given="short", status=1)
    assert "n’est pas une adresse" in create_account(run, institution, "b.example", status=1)
    with database.transaction(institution.id) as tx:
        assert tx.scalars(select(StaffRow.email)).all() == []


def test_a_disabled_account_no_longer_signs_in(run: Run, database: Database, institution: Institution) -> None:
    member = make_staff(database, institution.id)
    said = run(staff, "disable", member.email.upper(), "--institution", institution.slug)
    assert said == f"Compte désactivé : {member.email}.\n"
    assert not signs_in(database, member.email)
    assert "Aucun compte actif" in run(staff, "disable", member.email, "--institution", institution.slug, status=1)


def test_a_client_is_made_with_the_scopes_given_and_its_secret_works(
    run: Run, database: Database, institution: Institution
) -> None:
    arguments = ("create", "--name", "Scolarité", "--scope", "results:read", "--institution", institution.slug)
    told = json.loads(run(client, *arguments, "--json"))
    with database.transaction() as tx:
        found = client_service.client_with(tx, client_id=told["client_id"], secret=told["client_secret"])
    assert found is not None
    assert (found.name, found.scopes) == ("Scolarité", frozenset({Scope.RESULTS_READ}))


def test_a_client_without_a_word_on_scopes_may_read_everything(run: Run, institution: Institution) -> None:
    shown = run(client, "create", "--name", "Scolarité", "--institution", institution.slug).splitlines()
    assert shown[0] == "Client créé : Scolarité. Notez le secret, il ne sera plus montré."
    assert [line.split()[0] for line in shown[1:]] == ["client_id", "client_secret"]
    (listed,) = json.loads(run(client, "list", "--institution", institution.slug, "--json"))
    assert listed["client_id"] == shown[1].split()[1]
    assert listed["scopes"] == ["frameworks:read", "results:read"]


def test_an_unknown_scope_is_wrong_use(run: Run, institution: Institution) -> None:
    arguments = ("create", "--name", "Scolarité", "--scope", "everything", "--institution", institution.slug)
    run(client, *arguments, status=2)


def test_clients_are_listed_with_their_state_and_never_their_secret(run: Run, institution: Institution) -> None:
    here = ("--institution", institution.slug)
    assert "aucun client" in run(client, "list", *here)
    told = json.loads(run(client, "create", "--name", "Scolarité", *here, "--json"))
    assert "en service" in run(client, "list", *here)
    assert run(client, "revoke", told["client_id"], *here).startswith("Client révoqué")
    listed = run(client, "list", *here)
    assert "révoqué" in listed
    assert told["client_secret"] not in listed
    assert "Aucun client actif" in run(client, "revoke", told["client_id"], *here, status=1)


def test_a_client_of_another_institution_is_not_revoked(run: Run, institution: Institution, database: Database) -> None:
    told = json.loads(run(client, "create", "--name", "Scolarité", "--institution", institution.slug, "--json"))
    run(client, "revoke", told["client_id"], "--institution", make_institution(database).slug, status=1)


def test_an_institution_is_made_once(run: Run) -> None:
    new_slug = f"u-{uuid.uuid4().hex[:12]}"
    arguments = ("create", new_slug, "Université d’essai")
    assert run(institution_commands, *arguments) == f"Établissement créé : {new_slug} (Université d’essai).\n"
    assert "existe déjà" in run(institution_commands, *arguments, status=1)


def test_an_unknown_institution_is_said_to_be_unknown(run: Run) -> None:
    assert "n’existe pas" in run(client, "list", "--institution", "nowhere", status=1)
