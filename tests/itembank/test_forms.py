"""Whether the form of the options is enough to find the key, as the quality report measures it."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from framework import LocalizedText, load
from itembank import Item, Option
from itembank.quality.assess import assess
from itembank.quality.forms import SHAPES, forms
from itembank.quality.guess import FEWEST_TO_LEARN, Guesses, guesses
from itembank.quality.sets import sets_of
from itembank.reading import Draft, Place
from tests.items import TODAY, both, make_item

WORDS = "carte dossier poste lien code accès message compte serveur copie réseau partage"


def drawn(count: int, *, key: str = "", other: str = "", english: str = "") -> list[Item]:
    """Single choices whose options are five words drawn at random; ``key`` is added to the key, ``other`` to others."""
    draw = random.Random(20261122)
    made = []
    for number in range(count):
        place = draw.randrange(4)
        texts = [" ".join(draw.sample(WORDS.split(), 5)) for _ in range(4)]
        options = tuple(
            Option(
                "abcd"[k],
                LocalizedText(f"{text} {key if k == place else other}", f"{text} {english if k == place else ''}"),
                k == place,
                both("?"),
            )
            for k, text in enumerate(texts)
        )
        made.append(make_item(f"T-{number}", stem=both(f"Question {number} ?"), options=options))
    return made


def french(bank: Sequence[Item]) -> Guesses:
    return guesses(bank)[0]


def warnings(bank: Sequence[Item]) -> list[dict[str, object]]:
    drafts = [Draft(item, Place(None, {}), ()) for item in bank]
    problems = assess(drafts, load(), today=TODAY).problems
    return [dict(found.facts) for found in problems if found.code == "form-tells-key"]


class TestABankWhoseKeysAloneHoldAWord:
    BANK = drawn(80, key="et", other="car")

    def test_is_found_out(self) -> None:
        found = french(self.BANK)
        assert (found.count, found.total, found.expected) == (80, 80, 20)
        assert found.above > 10

    def test_hears_which_words_tell_and_of_which_questions(self) -> None:
        found = french(self.BANK)
        assert (found.for_keys[0], found.for_others[0], len(found.surest)) == ("et", "car", 10)

    def test_is_warned_in_the_language_that_tells_alone(self) -> None:
        (facts,) = warnings(drawn(80, english="and"))
        assert facts["language"] == "en"
        assert int(str(facts["count"])) > 70
        assert str(facts["for_keys"]).startswith("and, ")

    def test_has_the_same_figure_in_any_order(self) -> None:
        mixed = random.Random(1).sample(self.BANK, len(self.BANK))
        partly = drawn(120, key="et")[:60] + drawn(120)[60:]
        assert guesses(mixed) == guesses(self.BANK)
        assert guesses(partly[::-1]) == guesses(partly)


class TestABankDrawnAtRandom:
    def test_is_not_found_out(self) -> None:
        bank = drawn(160)
        assert warnings(bank) == []
        assert [abs(each.above) < 2 for each in guesses(bank)] == [True, True]

    def test_has_the_binomial_standard_error(self) -> None:
        found = french(drawn(100))
        assert found.expected == 25
        assert found.error == pytest.approx(np.sqrt(100 * 0.25 * 0.75))

    def test_that_says_the_same_in_all_options_is_guessed_as_chance_would(self) -> None:
        bank = [
            replace(item, options=tuple(replace(option, text=both("Oui")) for option in item.options))
            for item in drawn(80)
        ]
        assert (french(bank).count, french(bank).for_keys, french(bank).surest) == (20, (), ())


def test_a_shape_tells_as_a_word_does_and_has_a_name_in_each_language() -> None:
    bank = [
        replace(
            item,
            options=tuple(
                replace(option, text=both(option.text.fr + " carte" * 9 * option.correct)) for option in item.options
            ),
        )
        for item in drawn(80)
    ]
    drafts = [Draft(item, Place(None, {}), ()) for item in bank]
    found = next(each for each in assess(drafts, load(), today=TODAY).problems if each.code == "form-tells-key")
    assert "[la plus longue]" in found.told("fr")[0]
    assert "[the longest]" in found.told("en")[0]


def test_too_few_single_choices_are_not_judged_by_their_forms() -> None:
    bank = drawn(FEWEST_TO_LEARN, key="et")
    assert len(guesses(bank)) == 2
    assert guesses(bank[1:]) == ()
    several = replace(bank[0], type="multiple_choice", scoring="all_or_nothing")
    assert guesses([several, *bank[1:]]) == ()


def test_an_option_is_seen_by_its_words_length_commas_and_likeness() -> None:
    texts = ("aa bb", "aa, bb, cc", "dd")
    options = tuple(Option("abc"[k], LocalizedText(text, text), k == 1, both("?")) for k, text in enumerate(texts))
    item = make_item("T-1", options=options)
    seen = forms([each for _ in range(6) for each in sets_of(item)], "fr")
    assert seen.names == ("aa", "bb", "cc", "dd", *SHAPES)
    assert seen.keys.tolist() == [1, 4, 7, 10, 13, 16]
    rows = seen.rows.toarray()[:3]
    lengths = np.array([5, 10, 2])
    assert rows[:, :4].tolist() == [[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 0, 1]]
    np.testing.assert_allclose(rows[:, 4], (lengths - lengths.mean()) / lengths.std())
    assert rows[:, 5:8].tolist() == [[0, 0, 0], [1, 0, 2], [0, 1, 0]]
    alike = np.array([1 / 3, 1 / 3, 0])
    np.testing.assert_allclose(rows[:, 8], (alike - alike.mean()) / alike.std())


def test_the_figure_can_be_written_as_json() -> None:
    found = french(drawn(60))
    assert json.loads(json.dumps([found.count, found.total, found.expected, found.error, found.above]))
