"""Populations that calibration can hardly hold: what it writes, scoring reads; what it doubts, it says."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import Result

from app.engine.grid import Floats, Ints
from app.psychometrics.model import BadFile
from app.psychometrics.prior_file import PriorFile, read_prior, write_prior
from tests.engine.calibration_cases import answers, second_order_abilities, two_parameter_items
from tests.psychometrics.analysis_files import read, toise, write_groups, write_sheet


def rasch(theta: Floats, difficulties: Floats, seed: int = 3) -> Ints:
    rng = np.random.default_rng(seed)
    right = rng.uniform(size=(theta.size, difficulties.size)) < 1 / (1 + np.exp(difficulties - theta[:, None]))
    return right.astype(int)


def calibrate(folder: Path, scores: Ints, *options: object) -> tuple[Result, dict[str, Any]]:
    files = ["--out", folder / "bank.csv", "--report", folder / "report.json", "--prior", folder / "prior.json"]
    done = toise("calibrate", write_sheet(folder / "r.csv", scores), *files, *options)
    return done, read(folder / "report.json") if (folder / "report.json").exists() else {}


def score(folder: Path, method: str) -> Result:
    files = ["--bank", folder / "bank.csv", "--prior", folder / "prior.json", "--out", folder / "scores.csv"]
    return toise("score", folder / "r.csv", *files, "--method", method)


def drawn(mean: float, sd: float) -> Floats:
    return np.random.default_rng(1).normal(mean, sd, 600)


def anchors(folder: Path, difficulties: Floats) -> list[object]:
    rows = [f"q{k},rasch,{b}" for k, b in enumerate(difficulties[:8])]
    (folder / "anchors.csv").write_text("\n".join(["item,model,b", *rows]))
    return ["--anchors", folder / "anchors.csv"]


@pytest.mark.parametrize(
    ("mean", "sd", "warnings"), [(0, 0.15, ["narrow"]), (0, 1, []), (0, 4, ["beyond"]), (4.5, 1, ["beyond"])]
)
def test_a_population_that_calibration_writes_is_read_by_scoring_and_doubted_aloud(
    tmp_path: Path, mean: float, sd: float, warnings: list[str]
) -> None:
    difficulties = np.linspace(mean - 2, mean + 2, 12)
    held = anchors(tmp_path, difficulties) if mean else []

    done, report = calibrate(tmp_path, rasch(drawn(mean, sd), difficulties), "--model", "rasch", *held)

    assert report["population"][0]["warnings"] == warnings
    assert ("domaine « 1 » :" in done.output.replace("\N{NO-BREAK SPACE}", " ")) == bool(warnings)
    for method in ("eap", "map"):
        assert score(tmp_path, method).exit_code == 0
    assert toise("fit", tmp_path / "r.csv", "--bank", tmp_path / "bank.csv", "--prior", tmp_path / "prior.json",
                 "--report", tmp_path / "fit.json").exit_code == 0  # fmt: skip


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 0.1), (0.0, 6.0), (6.0, 1.0), (-4.0, 3.0)])
def test_scores_in_far_and_narrow_populations_are_those_of_quadrature(tmp_path: Path, mean: float, sd: float) -> None:
    difficulties = np.linspace(mean - 2, mean + 2, 6)
    rows = [f"q{k},rasch,{b!r}" for k, b in enumerate(difficulties.tolist())]
    (tmp_path / "bank.csv").write_text("\n".join(["item,model,b", *rows]))
    scores = np.tril(np.ones((7, 6), dtype=int), -1)
    write_sheet(tmp_path / "r.csv", scores)
    write_prior(tmp_path / "prior.json", ["1"], PriorFile((0.0,), (mean,), (sd,)))

    assert score(tmp_path, "eap").exit_code == 0

    nodes = np.linspace(mean - 10 * sd, mean + 10 * sd, 20_001)
    away = nodes[:, None] - difficulties
    log_p, log_q = -np.logaddexp(0, -away), -np.logaddexp(0, away)
    density = np.exp(log_p @ scores.T + log_q @ (1 - scores.T) - 0.5 * ((nodes - mean) / sd)[:, None] ** 2)
    density /= density.sum(axis=0)
    expected = nodes @ density
    with (tmp_path / "scores.csv").open() as stream:
        found = [(float(row["theta"]), float(row["se"])) for row in csv.DictReader(stream)]
    np.testing.assert_allclose([theta for theta, _ in found], expected, atol=2e-3 * sd)
    np.testing.assert_allclose([se for _, se in found], np.sqrt(nodes**2 @ density - expected**2), atol=5e-3 * sd)


@pytest.mark.parametrize("population", [PriorFile((0.5,), (6.5,), (1.0,)), PriorFile((0.5,), (0.0,), (0.05,))])
def test_a_population_that_would_not_be_read_is_not_written(tmp_path: Path, population: PriorFile) -> None:
    with pytest.raises(BadFile):
        write_prior(tmp_path / "prior.json", ["1"], population)

    assert not (tmp_path / "prior.json").exists()
    (tmp_path / "prior.json").write_text(json.dumps({"mean": population.mean[0], "sd": population.sd[0]}))
    with pytest.raises(BadFile):
        read_prior(tmp_path / "prior.json", ["1"])


def in_groups(folder: Path, scores: Ints, last: int) -> list[object]:
    groups = write_groups(folder / "groups.csv", ["many"] * (len(scores) - last) + ["few"] * last)
    return ["--groups", groups, "--model", "2pl", "--no-priors"]


def test_a_group_of_one_person_is_refused_by_its_name_with_what_to_do(tmp_path: Path) -> None:
    scores = rasch(drawn(0, 1)[:200], np.linspace(-1, 1, 10))

    done, report = calibrate(tmp_path, scores, *in_groups(tmp_path, scores, 1))

    assert (done.exit_code, report) == (1, {})
    said = done.output.replace("\N{NO-BREAK SPACE}", " ")
    assert "r.csv : groupe « few », domaine « 1 » : une seule personne a répondu" in said
    assert "réunissez-la à un autre groupe" in said


def test_a_group_that_answered_all_alike_is_refused_with_its_size(tmp_path: Path) -> None:
    scores = rasch(drawn(0, 1)[:200], np.linspace(-1, 1, 10))
    scores[-15:] = 1

    done, _ = calibrate(tmp_path, scores, *in_groups(tmp_path, scores, 15))

    assert done.exit_code == 1
    assert "15 personnes ont donné les mêmes réponses" in done.output


def domains(folder: Path, correlation: Floats, *, unseen: float = 0.0, persons: int = 1000) -> Ints:
    """Eight items a domain; groups by turns, the second 1 higher in all domains, which correlates them between."""
    rng = np.random.default_rng(4)
    number = len(correlation)
    theta = rng.multivariate_normal(np.zeros(number), correlation, persons) + (np.arange(persons) % 2)[:, None]
    scores = np.hstack([answers(rng, theta[:, d], "2pl", two_parameter_items(rng, 8)) for d in range(number)])
    scores[rng.random(scores.shape) < unseen] = -1
    names = [f"q{k},D{k // 8}" for k in range(8 * number)]
    (folder / "map.csv").write_text("\n".join(["item,domain", *names]))
    return scores


TWO = np.array([[1, -0.5], [-0.5, 1]])
THREE = np.array([[1, 0.6, -0.4], [0.6, 1, -0.4], [-0.4, -0.4, 1]])


@pytest.mark.parametrize(("unseen", "persons"), [(0.0, 1000), (0.7, 4000)])
def test_two_domains_that_go_against_each_other_are_named(tmp_path: Path, unseen: float, persons: int) -> None:
    scores = domains(tmp_path, TWO, unseen=unseen, persons=persons)
    groups = write_groups(tmp_path / "groups.csv", ["first", "second"] * (persons // 2))

    words = ["--model", "rasch", "--domains", tmp_path / "map.csv", "--groups", groups]
    done, report = calibrate(tmp_path, scores, *words)

    (pair,) = report["negatively_related"]
    assert (pair["held"], pair["other"]) == ("D0", "D1")
    assert -0.6 < pair["correlation"] < -0.05
    said = done.output.replace("\N{NO-BREAK SPACE}", " ").replace("’", "'")
    assert "les domaines « D0 » et « D1 » vont en sens contraire" in said


def test_a_domain_against_two_others_is_named_with_each(tmp_path: Path) -> None:
    scores = domains(tmp_path, THREE)

    _, report = calibrate(tmp_path, scores[::2], "--model", "rasch", "--domains", tmp_path / "map.csv")

    assert report["lambda"]["D2"]["value"] == 0
    assert report["lambda"]["D0"]["value"] > 0.5
    assert [(pair["held"], pair["other"]) for pair in report["negatively_related"]] == [("D2", "D0"), ("D2", "D1")]


def test_domains_that_have_nothing_to_do_with_each_other_are_not_said_to_go_against(tmp_path: Path) -> None:
    scores = domains(tmp_path, np.eye(2))[::2]

    _, report = calibrate(tmp_path, scores, "--model", "rasch", "--domains", tmp_path / "map.csv")

    assert report["lambda"]["D0"]["value"] < 0.2
    assert report["negatively_related"] == []


@pytest.mark.parametrize(("fewest", "pairs"), [(500, 1), (501, 0)])
def test_domains_that_few_persons_answered_together_are_not_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fewest: int, pairs: int
) -> None:
    scores = domains(tmp_path, TWO)[::2]
    monkeypatch.setattr("app.psychometrics.calibration_doubts.FEWEST", fewest)

    _, report = calibrate(tmp_path, scores, "--model", "rasch", "--domains", tmp_path / "map.csv")

    assert len(report["negatively_related"]) == pairs


def test_domains_that_go_together_are_not_looked_at(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    theta = second_order_abilities(rng, 500, [0.8, 0.8])
    domains(tmp_path, TWO, persons=10)
    scores = np.hstack([answers(rng, theta[:, d], "2pl", two_parameter_items(rng, 8)) for d in range(2)])

    _, report = calibrate(tmp_path, scores, "--model", "rasch", "--domains", tmp_path / "map.csv")

    assert report["lambda"]["D0"]["value"] > 0.6
    assert report["negatively_related"] == []
