import hashlib
import uuid

import pytest

from app.accounts.tokens import Token, digest, new_secret, new_token

INSTITUTION = uuid.UUID("00000000-0000-4000-8000-000000000001")


def test_a_token_names_its_institution_and_hides_256_random_bits() -> None:
    where, _, random = new_token(INSTITUTION).partition(".")
    assert where == INSTITUTION.hex
    assert len(random) == 43


def test_two_tokens_are_never_the_same() -> None:
    assert len({new_token(INSTITUTION) for _ in range(100)}) == 100
    assert len({new_secret() for _ in range(100)}) == 100


def test_a_token_read_back_gives_the_place_and_the_digest() -> None:
    text = new_token(INSTITUTION)
    assert Token.read(text) == Token(INSTITUTION, hashlib.sha256(text.encode()).hexdigest())


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        ".",
        "x" * 32 + "." + "y" * 43,
        INSTITUTION.hex + "." + "y" * 42,
        INSTITUTION.hex + "." + "y" * 44,
        INSTITUTION.hex.upper()[:-1] + "A." + "y" * 43,
        INSTITUTION.hex + "." + "é" * 43,
        INSTITUTION.hex + "." + "y" * 43 + "\n",
        "٠" * 32 + "." + "y" * 43,
    ],
)
def test_what_cannot_be_a_token_is_not_looked_up(text: str | None) -> None:
    assert Token.read(text) is None


def test_the_digest_is_the_sha_256_in_hexadecimal() -> None:
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
