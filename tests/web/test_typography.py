import pytest

from app.web.typography import typeset


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Un code ?", "Un code\u202f?"),
        ("l'essai : prêt ; ou pas !", "l’essai\u00a0: prêt\u202f; ou pas\u202f!"),
        ("des données; rechargez", "des données\u202f; rechargez"),
        ("sûr à 52 %", "sûr à 52\u00a0%"),
        ("sûr à %(share)s %% ici", "sûr à %(share)s\u00a0%% ici"),
        ("« Niveau 4 »", "«\u00a0Niveau 4\u00a0»"),
    ],
)
def test_french_signs_stay_with_their_words(written: str, printed: str) -> None:
    assert typeset(written, "fr") == printed


@pytest.mark.parametrize("text", ["14:03", "https://exemple.fr/?a=1;b=2", "%(num)d questions"])
def test_times_addresses_and_placeholders_are_left_alone(text: str) -> None:
    assert typeset(text, "fr") == text


def test_english_gets_curved_apostrophes_only() -> None:
    assert typeset("the hospital's page: ready?", "en") == "the hospital’s page: ready?"
