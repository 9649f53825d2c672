import pytest

from app.results import report
from framework import load
from tests.web.example_results import CONTRAST, document, domain, result, withheld

CUTS = load().cuts


@pytest.mark.parametrize(
    ("theta", "place"),
    [(-3.0, 0.0), (-2.25, 1.0), (0.0, 4.0), (0.375, 4.5), (2.25, 7.0), (3.0, 8.0), (-9, 0.0), (9, 8.0)],
)
def test_an_ability_has_its_place_on_the_rod(theta: float, place: float) -> None:
    assert report.on_rod(theta, CUTS) == pytest.approx(place)


def test_levels_are_equally_long_on_the_rod_whatever_the_cuts() -> None:
    cuts = (-1.0, -0.9, 2.0)
    assert [report.on_rod(theta, cuts) for theta in (-2.0, -0.95, 0.55, 2.5)] == pytest.approx([0.5, 1.5, 2.5, 3.5])


def test_the_opening_names_the_strongest_domain_and_the_one_where_work_pays_most() -> None:
    opening = result("fr").opening
    assert (opening.kind, opening.strongest, opening.to_work_on) == (
        "contrast",
        "La cybersécurité en santé",
        "La télésanté",
    )


def test_an_opening_that_the_data_cannot_support_is_not_made() -> None:
    close = [domain(f"SN{k}", 0.1 * k, 0.5, 5, 0.3, (3, 7), (0.5, 3)) for k in range(1, 6)]
    assert result("fr", *close).opening == report.Opening("even", footing="advanced", level=5)


def test_a_domain_without_a_level_is_never_named_strongest() -> None:
    best = {**withheld("SN2"), "theta": 2.9}
    opening = result("fr", CONTRAST[0], best, *CONTRAST[2:]).opening
    assert opening.strongest == "Les données de santé"


def test_one_level_alone_is_told_alone_and_none_at_all_is_said() -> None:
    nothing = [withheld(f"SN{k}") for k in range(2, 6)]
    one = result("fr", CONTRAST[0], *nothing).opening
    assert (one.kind, one.strongest, one.level) == ("partial", "Les données de santé", 5)
    assert result("fr", withheld("SN1"), *nothing).opening.kind == "unknown"


@pytest.mark.parametrize(
    ("high", "low", "apart"),
    [
        ((1.0, 0.4), (-0.5, 0.4), True),
        ((0.3, 0.5), (0.0, 0.5), False),
        ((0.6, 0.1), (-0.1, 0.9), False),
    ],
)
def test_two_domains_are_told_apart_only_when_chance_is_unlikely(
    high: tuple[float, float], low: tuple[float, float], *, apart: bool
) -> None:
    entries = [domain("SN1", theta, se, 4, 0.5, (3, 5), (0.5, 3)) for theta, se in (high, low)]
    assert report.told_apart(entries[0], entries[1]) is apart


@pytest.mark.parametrize(("share", "said"), [(0.9, "mostly_own"), (0.5, "about_half"), (0.1, "mostly_others")])
def test_the_share_of_own_evidence_is_said_in_words(share: float, said: str) -> None:
    assert report.evidence_of(share) == said


def test_a_withheld_domain_shows_neither_level_nor_point() -> None:
    told = report.domain_report(withheld("SN5"), load(), "fr")
    assert (told.withheld, told.level, told.place, told.reach) == ("too_few_answers", None, None, None)


def test_capacities_to_work_on_come_with_their_domain_and_resources() -> None:
    first = result("en").focus[0]
    assert (first.domain, first.reason) == ("Telehealth", "missed")
    assert first.resources
    assert all(resource.title for resource in first.resources)


def test_three_capacities_are_enough() -> None:
    many = [{"capacity": "SN5.1.b", "reason": "missed"}] * 5
    assert len(result("fr", focus=many).focus) == 3


def test_a_level_s_words_and_numbers_are_the_document_s() -> None:
    entry = document()["domains"][1]
    told = result("fr").domains[1]
    assert (told.level, told.probability, told.levels) == (6, entry["level_probability"], (5, 8))
    assert told.band == "Avancé"
