"""The five-domain framework, as issue and law want it."""

from framework import LOCALES, Capacity, Competence, Domain, Framework, LocalizedText, load

OFFICIAL = {"official-verbatim", "secondary-verbatim"}


def nodes(framework: Framework) -> tuple[Domain | Competence | Capacity, ...]:
    return (*framework.domains, *framework.competences, *framework.capacities)


def labels(framework: Framework) -> list[tuple[str, LocalizedText]]:
    return [(node.id, node.label) for node in nodes(framework)]


def test_it_has_five_domains_twelve_competences_and_forty_nine_capacities() -> None:
    framework = load()
    assert (len(framework.domains), len(framework.competences), len(framework.capacities)) == (5, 12, 49)


def test_domains_keep_their_order_and_have_names_for_addresses() -> None:
    assert [(domain.id, domain.slug) for domain in load().domains] == [
        ("SN1", "health-data"),
        ("SN2", "cybersecurity"),
        ("SN3", "communication"),
        ("SN4", "digital-tools"),
        ("SN5", "telehealth"),
    ]


def test_the_notice_says_that_the_wording_is_ours() -> None:
    assert "alignée sur les cinq domaines de l'arrêté du 10 novembre 2022" in load().notice.fr
    assert "aligned with the five domains of the arrêté du 10 novembre 2022" in load().notice.en


def test_words_are_called_official_only_where_they_were_read() -> None:
    for node in nodes(load()):
        assert (node.label_status in OFFICIAL) == node.verified, node.id


def test_labels_are_short_and_differ_within_each_language() -> None:
    for locale in LOCALES:
        texts = [label.get(locale) for _, label in labels(load())]
        assert len(set(texts)) == len(texts)
        assert max(map(len, texts)) <= 125


def test_labels_start_with_a_capital_and_end_without_a_stop() -> None:
    for node_id, label in labels(load()):
        for locale in LOCALES:
            text = label.get(locale)
            assert text[0].isupper(), node_id
            assert not text.endswith("."), node_id


def test_each_band_is_described_in_one_sentence() -> None:
    for band in load().bands:
        for locale in LOCALES:
            description = band.description.get(locale)
            assert description.count(".") == 1, band.id
            assert description.endswith("."), band.id


def test_cuts_are_three_quarters_of_a_logit_apart_around_zero() -> None:
    assert load().cuts == (-2.25, -1.5, -0.75, 0.0, 0.75, 1.5, 2.25)


def test_nearly_every_capacity_says_where_to_learn_more() -> None:
    assert [capacity.id for capacity in load().capacities if not capacity.resources] == ["SN3.2.d"]
