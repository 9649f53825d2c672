import pytest
from fastapi.testclient import TestClient

from app.accounts import client_service
from app.accounts.model import NewClient, Scope
from app.db.connection import Database
from tests.builders import Institution
from tests.conftest import NOON, Clock
from tests.university import University, ask, make_university


@pytest.fixture
def university(http: TestClient, database: Database, institution: Institution) -> University:
    return make_university(http, database, institution.id)


@pytest.fixture
def known(database: Database, institution: Institution) -> NewClient:
    with database.transaction(institution.id) as tx:
        return client_service.create_client(
            tx, institution_id=institution.id, name="Scolarité", scopes=[Scope.RESULTS_READ], now=NOON
        )


def test_a_client_gets_a_token_by_http_basic(http: TestClient, known: NewClient) -> None:
    answer = ask(http, known.client.client_id, known.secret)
    assert answer.status_code == 200
    told = answer.json()
    assert told.pop("access_token").startswith(known.client.institution_id.hex)
    assert told == {"token_type": "Bearer", "expires_in": 900, "scope": "results:read"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"


def test_a_client_gets_a_token_with_its_credentials_in_the_form(http: TestClient, known: NewClient) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": known.client.client_id,
        "client_secret": known.secret,
        "scope": "results:read",
    }
    assert http.post("/api/v1/token", data=form).status_code == 200


def test_unknown_clients_and_wrong_secrets_get_one_and_the_same_refusal(http: TestClient, known: NewClient) -> None:
    wrong = ask(http, known.client.client_id, "x" * 43)
    unknown = ask(http, "toise_0000000000000000", known.secret)
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["error"] == "invalid_client"
    assert wrong.headers["WWW-Authenticate"] == 'Basic realm="toise"'
    assert wrong.headers["Cache-Control"] == "no-store"


def test_a_scope_the_client_has_not_is_refused_and_no_token_is_made(http: TestClient, known: NewClient) -> None:
    answer = ask(http, known.client.client_id, known.secret, scope="results:read frameworks:read")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    assert "WWW-Authenticate" not in answer.headers


def test_json_is_not_a_token_request(http: TestClient) -> None:
    answer = http.post("/api/v1/token", json={"grant_type": "client_credentials"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_without_a_token_the_api_says_how_to_authenticate_and_no_more(http: TestClient) -> None:
    answer = http.get("/api/v1/results")
    assert (answer.status_code, answer.json()["code"]) == (401, "token-needed")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="toise"'


@pytest.mark.parametrize("header", ["Bearer x", "Bearer " + "0" * 32 + "." + "y" * 43, "bearer x", "Bearer "])
def test_a_bad_token_is_said_to_be_bad(http: TestClient, header: str) -> None:
    answer = http.get("/api/v1/results", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid-token")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="toise", error="invalid_token"'


def test_credentials_of_another_kind_are_no_token(http: TestClient, known: NewClient) -> None:
    answer = http.get("/api/v1/results", auth=(known.client.client_id, known.secret))
    assert answer.json()["code"] == "token-needed"


def test_a_token_expires_after_fifteen_minutes(university: University, clock: Clock) -> None:
    assert university.get("/results").status_code == 200
    clock.advance(minutes=15)
    assert university.get("/results").json()["code"] == "invalid-token"


def test_a_revoked_clients_token_stops_at_once(university: University, database: Database) -> None:
    with database.transaction(university.institution_id) as tx:
        client_service.revoke_client(tx, client_id=university.client_id, now=NOON)
    assert university.get("/results").json()["code"] == "invalid-token"
    assert ask(university.http, university.client_id, university.secret).status_code == 401


def test_a_token_without_the_scope_gets_403_with_the_scope_it_needs(
    http: TestClient, database: Database, institution: Institution
) -> None:
    reader = make_university(http, database, institution.id, scopes=[Scope.FRAMEWORKS_READ])
    answer = reader.get("/results")
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient-scope")
    assert answer.json()["scope"] == "results:read"
    challenge = 'Bearer realm="toise", error="insufficient_scope", scope="results:read"'
    assert answer.headers["WWW-Authenticate"] == challenge


def test_a_token_of_fewer_scopes_than_its_client_stays_narrow(university: University) -> None:
    narrow = ask(university.http, university.client_id, university.secret, scope="frameworks:read").json()
    answer = university.http.get("/api/v1/results", headers={"Authorization": f"Bearer {narrow['access_token']}"})
    assert answer.status_code == 403


def test_the_description_names_both_ways_to_call(http: TestClient) -> None:
    described = http.get("/api/v1/openapi.json").json()
    flow = described["components"]["securitySchemes"]["client"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == "/api/v1/token"
    assert set(flow["scopes"]) == {"results:read", "frameworks:read"}
    assert described["paths"]["/api/v1/results"]["get"]["security"] == [{"client": ["results:read"]}]
    form = described["paths"]["/api/v1/token"]["post"]["requestBody"]["content"]
    assert list(form) == ["application/x-www-form-urlencoded"]
