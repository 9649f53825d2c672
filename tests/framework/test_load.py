import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from framework import BadFramework, UnknownFramework, load, read
from framework.load import DATA, from_data, parse


@pytest.fixture
def data() -> dict[str, Any]:
    return copy.deepcopy(load().to_data())


def problems_of(data: object) -> tuple[str, ...]:
    with pytest.raises(BadFramework) as refusal:
        from_data(data, file="essai/1.yaml")
    assert str(refusal.value).startswith("essai/1.yaml: ")
    return refusal.value.problems


def test_the_same_version_is_read_once() -> None:
    assert load() is load("fr-socle-numerique-sante", version="2026.1")


@pytest.mark.parametrize(
    ("framework_id", "version"),
    [("fr-socle-numerique-sante", "1999.1"), ("nowhere", "2026.1"), ("../data/fr-socle-numerique-sante", "2026.1")],
)
def test_a_framework_that_is_not_shipped_is_unknown(framework_id: str, version: str) -> None:
    with pytest.raises(UnknownFramework, match="is not shipped"):
        load(framework_id, version)


@pytest.mark.parametrize("path", sorted(DATA.glob("*/*.yaml")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_shipped_file_reads(path: Path) -> None:
    assert read(path).name == f"{path.parent.name}@{path.stem}"


def test_a_file_under_another_name_is_refused(tmp_path: Path) -> None:
    stray = tmp_path / "elsewhere" / "1.yaml"
    stray.parent.mkdir()
    stray.write_bytes((DATA / "fr-socle-numerique-sante" / "2026.1.yaml").read_bytes())
    with pytest.raises(BadFramework, match=r"elsewhere/1\.yaml, its content says fr-socle-numerique-sante/2026\.1"):
        read(stray)


def test_a_missing_language_is_told_with_its_path(data: dict[str, Any]) -> None:
    del data["domains"][0]["competences"][1]["label"]["en"]
    assert problems_of(data) == ("domains[0].competences[1].label: 'en' is a required property",)


def test_every_problem_is_told_at_once(data: dict[str, Any]) -> None:
    data["domains"][1]["slug"] = "Cyber sécurité"
    data["domains"][2]["verified"] = "yes"
    data["colour"] = "blue"
    assert [problem.split(":")[0] for problem in problems_of(data)] == [
        "(whole file)",
        "domains[1].slug",
        "domains[2].verified",
    ]


def test_text_that_is_only_spaces_is_refused(data: dict[str, Any]) -> None:
    data["title"]["fr"] = "  "
    assert problems_of(data)[0].startswith("title.fr: ")


@pytest.mark.parametrize("date", ["2024-13", "24", "2024-02-00", 2024])
def test_a_source_date_must_be_a_date(data: dict[str, Any], date: object) -> None:
    data["sources"][0]["date"] = date
    assert problems_of(data)[0].startswith("sources[0].date: ")


def test_two_nodes_cannot_share_an_id(data: dict[str, Any]) -> None:
    data["domains"][0]["competences"][0]["capacities"][1]["id"] = "SN1.1.a"
    assert problems_of(data) == (
        (
            "domains[0].competences[0].capacities[1].id: 'SN1.1.a' is already the id of "
            "domains[0].competences[0].capacities[0]"
        ),
    )


def test_two_domains_cannot_share_a_slug(data: dict[str, Any]) -> None:
    data["domains"][1]["slug"] = "health-data"
    assert problems_of(data) == (
        "domains[0].slug: 'health-data' is used twice",
        "domains[1].slug: 'health-data' is used twice",
    )


def test_a_capacity_must_carry_its_competence_in_its_id(data: dict[str, Any]) -> None:
    data["domains"][0]["competences"][0]["capacities"][0]["id"] = "SN9.1.z"
    assert problems_of(data) == ("domains[0].competences[0].capacities[0].id: 'SN9.1.z' must start with 'SN1.1.'",)


def test_cuts_must_increase(data: dict[str, Any]) -> None:
    data["cuts"][3] = data["cuts"][2]
    assert problems_of(data) == ("cuts: each cut must be greater than the one before",)


def test_bands_must_hold_every_level_once(data: dict[str, Any]) -> None:
    data["bands"][1]["levels"] = [2, 3]
    assert problems_of(data)[0].startswith("bands: together they must hold levels 1 to 8, each once and in order")


def test_data_that_is_no_mapping_is_refused() -> None:
    assert problems_of([]) == ("(whole file): [] is not of type 'object'",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a: [", "unreadable YAML"),
        (b"\xff\xfe\x00", "unreadable YAML"),
        (b"when: 2024-99-99", "unreadable YAML"),
        (b"a: 1\nb: {c: 1, c: 2}", "key 'c' is written twice"),
        (b"a: &x [*x]", "required property"),
        (b"a: *x", "unreadable YAML"),
        (b"? [a]\n: 1", "unreadable YAML"),
        (b"", "is not of type 'object'"),
        (b"[" * 500, "unreadable YAML"),
    ],
)
def test_bytes_that_are_no_framework_are_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(BadFramework, match=reason):
        parse(content, file="essai/1.yaml")


def test_yaml_gives_back_what_the_framework_writes(data: dict[str, Any]) -> None:
    text = yaml.safe_dump(data, allow_unicode=True)
    assert parse(text.encode(), file="essai/1.yaml") == load()
