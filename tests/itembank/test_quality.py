"""What the quality report finds, and what it leaves alone."""

import doctest
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from framework import LocalizedText, Source, load
from itembank import Item, Option
from itembank.quality.agreement import only_the_key_agrees
from itembank.quality.assess import Quality, assess
from itembank.quality.keys import key_positions, longest_keys
from itembank.quality.readability import reading
from itembank.quality.sets import sets_of
from itembank.quality.similarity import similar
from itembank.reading import Draft, Place
from tests.items import (
    both,
    in_case,
    make_case,
    make_gap_text,
    make_inline,
    make_item,
    make_matching,
    make_number,
    make_option,
    make_order,
    make_short_text,
)
from tests.strategies import items

TODAY = date(2026, 11, 23)


def judged(*bank: Item, today: date = TODAY) -> Quality:
    return assess([Draft(item, Place(None, {}), ()) for item in bank], load(), today=today)


def told(*bank: Item, today: date = TODAY) -> list[tuple[str, str]]:
    return [(found.code, found.where) for found in judged(*bank, today=today).problems]


def asked(stem: str, *texts: str, key: int = 0, english: Sequence[str] = ()) -> Item:
    """A single choice in French; the English says nothing of note."""
    plain = english or [f"Reply {letter}" for letter in "abcdef"]
    options = tuple(
        Option("abcdef"[k], LocalizedText(text, plain[k]), k == key, both("?")) for k, text in enumerate(texts)
    )
    return make_item(stem=LocalizedText(stem, "What now?"), options=options)


PLAIN = asked("Que faites-vous ?", "Vous appelez le support", "Vous fermez le poste", "Vous prévenez le cadre")


def test_a_plain_question_has_nothing_to_repair() -> None:
    assert told(PLAIN) == []


class TestCues:
    def test_a_word_of_the_stem_in_the_key_alone_is_told(self) -> None:
        item = asked("Un rançongiciel bloque tout.", "Isoler le poste des rançongiciels", "Payer", "Éteindre l'hôpital")
        (found,) = judged(item).problems
        assert (found.code, found.facts["value"], found.severity) == ("stem-word-in-key", "rançongiciels", "warning")

    def test_a_word_that_wrong_options_share_is_no_cue(self) -> None:
        item = asked("Un rançongiciel bloque le poste.", "Isoler le rançongiciel", "Payer le rançongiciel", "Attendre")
        assert told(item) == []

    def test_a_word_that_the_whole_bank_repeats_is_no_cue(self) -> None:
        item = asked("Votre patient attend.", "Prévenir le patient", "Fermer", "Attendre")
        others = [replace(item, id=f"T-{n}", fact=replace(item.fact, statement=f"{n}")) for n in range(30)]
        assert "stem-word-in-key" not in {code for code, _ in told(item, *others)}

    @pytest.mark.parametrize(
        "stem",
        [
            "Quelle mesure n'est pas utile ?",
            "Toutes conviennent, sauf une : laquelle ?",
            "Lesquels ne sont pas des traits stricts ?",
        ],
    )
    def test_a_question_for_what_is_not_is_an_error(self, stem: str) -> None:
        assert told(asked(stem, "Un", "Deux", "Trois")) == [("negative-stem", "stem.fr")]

    @pytest.mark.parametrize(
        "stem",
        [
            "Le compte n'est pas reconnu. Que faites-vous ?",
            "Quel élément montre qu'il ne vient pas du service ?",
            "Which element shows that it does not come from the ward?",
        ],
    )
    def test_a_negation_that_belongs_to_the_situation_is_none(self, stem: str) -> None:
        assert told(replace(asked("Quoi ?", "Un", "Deux", "Trois"), stem=LocalizedText(stem, stem))) == []

    def test_english_exceptions_are_errors_too(self) -> None:
        for stem in ("All are right except one. Which?", "Which of these is not a strict trait?"):
            item = replace(asked("Quoi ?", "Un", "Deux", "Trois"), stem=LocalizedText("Quoi ?", stem))
            assert told(item) == [("negative-stem", "stem.en")]

    def test_all_or_none_of_the_answers_is_an_error(self) -> None:
        item = asked("Quoi ?", "Un", "Deux", "Toutes ces réponses", english=("One", "Two", "All of the above"))
        assert told(item) == [("sweeping-option", "options[2].text.fr"), ("sweeping-option", "options[2].text.en")]

    def test_an_option_far_longer_than_the_others_is_told(self) -> None:
        item = asked("Quoi ?", "Appeler", "Fermer", f"Attendre {'longtemps ' * 6}")
        assert told(item) == [("uneven-options", "options")]
        short = asked(
            "Quoi ?", "Non", *[f"Appeler le service informatique, {w}, sans attendre" for w in ("puis", "ou")]
        )
        assert told(short) == [("uneven-options", "options")]

    def test_absolute_words_in_wrong_options_alone_are_told(self) -> None:
        item = asked("Quoi ?", "Appeler", "Ne jamais appeler", "Toujours attendre")
        assert told(item) == [("absolute-distractors", "options")]
        fair = asked("Quoi ?", "Toujours appeler", "Ne jamais appeler", "Toujours attendre")
        assert told(fair) == []

    def test_gaps_to_choose_in_are_judged_as_options_are(self) -> None:
        first, second = make_inline().gaps
        long = replace(second.options[0], text=both("Un texte bien plus long que tous les autres de cette lacune"))
        item = make_inline(gaps=(first, replace(second, options=(long, *second.options[1:]))))
        assert told(item) == [("uneven-options", "gaps[1].options")] * 2

    @pytest.mark.parametrize(
        ("stem", "key", "wrong", "locale", "cue"),
        [
            ("This is an …", "alarm", ["login", "password"], "en", "an"),
            ("This is a", "login", ["alarm", "error"], "en", "a"),
            ("This is an …", "alarm", ["error", "password"], "en", None),
            ("On parle d'", "une alerte", ["un poste", "le mot"], "fr", None),
            ("On parle de l'", "alerte", ["poste", "mot"], "fr", "l"),
            ("Ce sont des", "alertes", ["poste", "mot"], "fr", "des"),
            ("Quelle est la bonne ?", "La première", ["Le second", "Un autre"], "fr", "quelle"),
            ("Quelles sont les bonnes ?", "Les deux", ["Le premier", "La seconde"], "fr", "quelles"),
            ("Quelle est la bonne ?", "La première", ["La seconde", "Un autre"], "fr", None),
            ("Quelle conduite tenez-vous ?", "Appeler", ["Fermer", "Attendre"], "fr", None),
            ("Quoi ?", "Tout", [], "fr", None),
        ],
    )
    def test_agreement_is_a_cue_where_the_key_alone_agrees(
        self, stem: str, key: str, wrong: list[str], locale: str, cue: str | None
    ) -> None:
        assert only_the_key_agrees(stem, key, wrong, locale) == cue  # type: ignore[arg-type]

    def test_agreement_is_told_on_the_options(self) -> None:
        item = asked("Quelle est la bonne ?", "La première", "Le second", "Un autre")
        assert told(item) == [("grammar-cue", "options")]


class TestReading:
    def test_flesch_of_a_known_sentence(self) -> None:
        found = reading("The cat sat on the mat.", "en")
        assert (found.sentence, found.long_words) == (6, 0)
        assert found.ease == pytest.approx(206.835 - 1.015 * 6 - 84.6 * 1)

    def test_kandel_and_moles_of_a_known_sentence(self) -> None:
        found = reading("Le chat dort sur le tapis.", "fr")
        assert found.ease == pytest.approx(207 - 1.015 * 6 - 73.6 * 7 / 6)

    def test_an_elided_article_is_no_word(self) -> None:
        assert reading("L'hôpital", "fr").sentence == 1

    def test_a_sentence_without_end_is_an_error(self) -> None:
        assert told(replace(PLAIN, stem=LocalizedText("mot " * 41, "What?"))) == [("long-sentence", "stem.fr")]

    def test_a_stem_nobody_reads_with_ease_is_told(self) -> None:
        stem = "Interopérabilité organisationnelle institutionnalisée ?"
        assert told(replace(PLAIN, stem=LocalizedText(stem, "What?"))) == [("hard-to-read", "stem.fr")]

    def test_a_stem_of_more_than_sixty_words_is_an_error_outside_a_case(self) -> None:
        long = replace(PLAIN, stem=LocalizedText("Un mot de plus. " * 16, "What?"))
        assert told(long) == [("stem-too-long", "stem.fr")]
        bank = in_case(make_case(), long, replace(long, id="T-2", enemies=frozenset({long.id})))
        assert told(*bank) == []

    def test_a_stem_without_words_has_no_reading(self) -> None:
        assert told(replace(PLAIN, stem=LocalizedText("1 + 1 = ?", "1 + 1 = ?"))) == []


class TestUpkeep:
    def test_a_question_due_for_review_is_an_error_from_that_day_on(self) -> None:
        assert told(PLAIN, today=PLAIN.review_by) == [("due-for-review", "review_by")]
        assert told(PLAIN, today=date(2027, 11, 20)) == []

    def test_a_source_younger_than_its_question_is_an_error(self) -> None:
        item = replace(PLAIN, sources=(Source("S", "https://exemple.test", "2026-12"),))
        assert told(item) == [("source-younger", "sources[0].date")]

    def test_one_example_of_a_kind_proves_little(self) -> None:
        examples = {"fr": ("un", "deux"), "en": ("one",)}
        item = make_short_text(
            "hameçonnage", accepted_examples=examples, refused_examples={"fr": ("a", "b"), "en": ("a", "b")}
        )
        assert told(item) == [("few-examples", "accepted_examples.en")]
        assert told(make_gap_text("hameçonnage", "rançongiciel"))[0] == ("few-examples", "gaps[0].accepted_examples.fr")


class TestSimilarity:
    POINT = "Un message presse de cliquer sur un lien : quel est le premier réflexe à avoir au poste de soins ?"

    def alike(self, *enemies: str) -> tuple[Item, Item]:
        options = (make_option("a", correct=True), make_option("b"), make_option("c"))
        one = make_item("T-1", stem=LocalizedText(self.POINT, "One"), options=options)
        stem = LocalizedText(self.POINT.replace("presse", "demande"), "Two")
        return one, replace(one, id="T-2", stem=stem, enemies=frozenset(enemies))

    def test_two_questions_with_one_point_are_an_error(self) -> None:
        (found,) = judged(*self.alike()).errors
        assert (found.code, found.item, found.facts["id"]) == ("same-point", "T-2", "T-1")

    def test_enemies_are_never_asked_together_and_may_be_alike(self) -> None:
        assert judged(*self.alike("T-1")).errors == ()

    def test_a_question_is_wholly_like_itself_and_not_at_all_like_another(self) -> None:
        one, _ = self.alike()
        other = make_item("T-3", stem=LocalizedText("xyz", "xyz"), options=(), fact=replace(one.fact, statement="uvw"))
        (pair,) = similar([one, replace(one, id="T-2"), other], "fr", least=0.01)
        assert pair.cosine == pytest.approx(1)

    @given(items(item_id="T-1"), items(item_id="T-2"))
    def test_cosines_lie_between_nothing_and_one(self, one: Item, other: Item) -> None:
        assert all(0 <= pair.cosine <= 1 for pair in similar([one, other], "fr", least=0.0))


def bank_of(count: int, *, key: int, text: str = "x") -> list[Item]:
    """Single choices whose key stands at a place; ``text`` is the key's."""
    made = []
    for number in range(count):
        options = tuple(Option("abcd"[k], both(text if k == key else "yy"), k == key, both("?")) for k in range(4))
        made.append(make_item(f"T-{number}", stem=both(f"{number}"), options=options))
    return made


class TestWholeBank:
    def test_keys_always_in_one_place_are_told_from_chance(self) -> None:
        assert ("key-position", "") in told(*bank_of(20, key=1))
        spread = [item for key in range(4) for item in bank_of(5, key=key)]
        assert key_positions([each for item in spread for each in sets_of(item)]).chance == pytest.approx(1)

    def test_keys_always_longest_are_told_from_chance_in_each_language(self) -> None:
        found = [code for code, _ in told(*bank_of(20, key=1, text="longue"))]
        assert found.count("longest-key") == 2

    def test_keys_never_longest_let_one_rule_out_the_longest(self) -> None:
        bank = [
            replace(item, options=(replace(item.options[0], text=both("longue")), *item.options[1:]))
            for item in bank_of(40, key=1)
        ]
        found = [problem for problem in judged(*bank).problems if problem.code == "never-longest-key"]
        assert [(each.severity, each.facts["count"], each.facts["expected"]) for each in found] == [
            ("warning", 0, 10)
        ] * 2

    def test_lists_without_one_longest_option_say_nothing_of_length(self) -> None:
        ties = longest_keys([each for item in bank_of(20, key=1, text="a") for each in sets_of(item)])
        assert [(each.count, each.expected, each.total) for each in ties] == [(0, 0.0, 0)] * 2
        assert min(min(each.chance, each.chance_fewer) for each in ties) > 0.5

    def test_a_handful_of_questions_is_not_judged_as_a_bank(self) -> None:
        codes = {code for code, _ in told(*bank_of(19, key=1, text="longue"))}
        assert not codes & {"key-position", "longest-key", "too-many-single"}

    def test_more_than_three_fifths_of_single_choices_is_an_error(self) -> None:
        others = [make_order(item_id=f"O-{n}") for n in range(14)]
        assert ("too-many-single", "") not in told(*bank_of(20, key=1), *others)
        assert ("too-many-single", "") in told(*bank_of(22, key=1), *others)

    def test_an_empty_bank_has_figures_too(self) -> None:
        quality = judged()
        assert (quality.problems, quality.counts.single_share, quality.positions.counts) == ((), 0.0, ())

    def test_types_cases_and_settings_are_counted(self) -> None:
        bank = (*in_case(make_case(), make_item("T-1"), make_number(item_id="T-2")), make_matching(item_id="T-3"))
        counts = judged(*bank).counts
        assert (counts.total, counts.cases, counts.in_cases) == (3, 1, 2)
        assert dict(counts.settings) == {"ward": 1}
        assert counts.cells["SN1.1.a", "novice", "numeric"] == 1


@given(items())
def test_any_question_is_judged_without_fail(item: Item) -> None:
    judged(item)


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(sys.modules["itembank.quality.words"]).failed == 0
