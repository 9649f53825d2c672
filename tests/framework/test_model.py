import doctest
import json
import pickle
import sys

import pytest

from framework import Framework, UnknownNode, load


@pytest.fixture
def framework() -> Framework:
    return load()


def test_a_domain_is_found_from_any_node_below_it(framework: Framework) -> None:
    assert [framework.domain_of(node).id for node in ("SN2", "SN2.1", "SN2.1.d")] == ["SN2", "SN2", "SN2"]


def test_each_node_is_found_by_its_own_kind_only(framework: Framework) -> None:
    assert framework.domain("SN4").slug == "digital-tools"
    assert framework.competence("SN4.3").label.en.startswith("Understand interoperability")
    assert framework.capacity("SN4.3.d").label.fr.startswith("Utiliser l'IA générative")
    assert framework.competence_of("SN4.3.d").id == "SN4.3"


@pytest.mark.parametrize(
    ("finder", "node"),
    [
        ("domain", "SN4.3"),
        ("competence", "SN4"),
        ("competence", "SN4.3.d"),
        ("capacity", "SN4.3"),
        ("competence_of", "SN4.3"),
        ("competence_of", "SN4"),
        ("domain_of", "SN6"),
    ],
)
def test_a_node_of_another_kind_is_unknown(framework: Framework, finder: str, node: str) -> None:
    with pytest.raises(UnknownNode, match=f"'{node}' is not in framework fr-socle-numerique-sante@2026.1") as refusal:
        getattr(framework, finder)(node)
    assert refusal.value.node_id == node


@pytest.mark.parametrize(
    ("theta", "level"), [(-9.0, 1), (-2.2501, 1), (-2.25, 2), (-0.01, 4), (0.0, 5), (2.2499, 7), (2.25, 8), (9.0, 8)]
)
def test_a_cut_belongs_to_the_level_above_it(framework: Framework, theta: float, level: int) -> None:
    assert framework.level_of(theta) == level


def test_each_level_has_its_band(framework: Framework) -> None:
    bands = [framework.band_of(level).id for level in framework.levels]
    assert bands == ["novice"] * 2 + ["independent"] * 2 + ["advanced"] * 2 + ["expert"] * 2


@pytest.mark.parametrize("level", [0, 9])
def test_a_level_that_does_not_exist_has_no_band(framework: Framework, level: int) -> None:
    with pytest.raises(ValueError, match=f"level: expected 1 to 8, got {level}"):
        framework.band_of(level)


def test_data_and_back_is_the_same_framework(framework: Framework) -> None:
    assert Framework.from_data(json.loads(json.dumps(framework.to_data()))) == framework


def test_a_framework_can_be_a_key_and_cross_processes(framework: Framework) -> None:
    copy = pickle.loads(pickle.dumps(framework))
    assert {framework: 1}[copy] == 1
    assert copy.domain_of("SN1.1.a").id == "SN1"


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(sys.modules[Framework.__module__]).failed == 0
