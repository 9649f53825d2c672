"""``toise simulate``: a bank and its rules in, a report out, and what is wrong by its place."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.engine.simulation_report import Report
from app.psychometrics.bank_file import read_bank
from app.psychometrics.simulate_command import run_in_sight
from app.psychometrics.simulating import Wanted, default_policy, study_of
from app.psychometrics.simulation_bank import read_content
from app.sessions.policy import Policy
from framework import load

HEADER = "item,domain,competence,model,a,b,se_a,se_b,enemies"
SHORT: dict[str, Any] = {"length": {"at_least": 4, "at_most": 4}, "per_domain": {"at_least": 0, "at_most": 4}}


def bank(folder: Path, *, items: int = 30, domains: int = 1, header: str = HEADER, extra: str = "") -> Path:
    rng = np.random.default_rng(1)
    rows = []
    for i in range(items):
        place, a, b = f"D{i % domains},C{i % (2 * domains)}", rng.lognormal(0, 0.3), rng.normal()
        rows.append(f"q{i},{place},2pl,{a:.4f},{b:.4f},.1,.1,{'' if i else extra}")
    path = folder / "bank.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def plain(done: Result) -> str:
    """What was said, typography aside."""
    spaces = done.output.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    return spaces.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def toise(*words: object) -> Result:
    return CliRunner(env={"LC_ALL": "fr_FR.UTF-8", "COLUMNS": "200"}).invoke(app, [str(word) for word in words])


def rules(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / "policy.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def refused(folder: Path, content: dict[str, Any] | None = None, **of_bank: Any) -> str:
    options = () if content is None else ("--policy", rules(folder, content))
    done = toise("simulate", "--bank", bank(folder, **of_bank), "--n", 10, *options)
    assert done.exit_code == 1, done.output
    return plain(done)


def test_the_report_has_every_promised_figure_overall_and_by_level(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = toise("simulate", "--bank", bank(tmp_path, domains=2), "--n", 200, "--seed", 3, "--report", report, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(report.read_text(encoding="utf-8"))
    assert json.loads(done.stdout) == found
    wanted = {
        "n",
        "length",
        "bias",
        "rmse",
        "mean_se",
        "coverage",
        "level_accuracy",
        "max_exposure",
        "unused_share",
        "overlap",
        "violations",
    }
    assert wanted | {"seconds", "seed"} <= found.keys()
    assert all(wanted <= figures.keys() for figures in found["by_level"].values())
    assert (found["n"], found["violations"]) == (200, 0)


def test_the_same_seed_gives_the_same_report(tmp_path: Path) -> None:
    def content(seed: int) -> dict[str, Any]:
        done = toise("simulate", "--bank", bank(tmp_path), "--n", 100, "--seed", seed, "--threads", 1, "--json")
        return {**json.loads(done.stdout), "seconds": 0}

    assert content(1) == content(1)
    assert content(1)["bias"] != content(2)["bias"]


def test_a_table_is_shown_to_a_person(tmp_path: Path) -> None:
    done = toise("simulate", "--bank", bank(tmp_path), "--n", 50)
    assert done.exit_code == 0, done.output
    assert "Exposition maximale" in done.stdout
    assert done.stdout.splitlines()[1].split()[:2] == ["tous", "50"]


def test_a_student_alone_shares_nothing(tmp_path: Path) -> None:
    assert "—" in toise("simulate", "--bank", bank(tmp_path), "--n", 1).stdout


def test_students_of_one_level_are_of_that_level(tmp_path: Path) -> None:
    done = toise("simulate", "--bank", bank(tmp_path, domains=2), "--n", 50, "--level", 6, "--json")
    assert list(json.loads(done.stdout)["by_level"]) == ["6"]


@pytest.mark.parametrize("level", [0, 9])
def test_a_level_that_does_not_exist_is_wrong_use(tmp_path: Path, level: int) -> None:
    assert toise("simulate", "--bank", bank(tmp_path), "--level", level).exit_code == 2


def test_rules_of_a_file_are_kept(tmp_path: Path) -> None:
    content = {**SHORT, "limits": {"C1": {"at_least": 3, "at_most": 3}}, "exposure_cap": 0.5, "loading": {"D0": 0.5}}
    policy = rules(tmp_path, content)
    done = toise("simulate", "--bank", bank(tmp_path), "--policy", policy, "--n", 100, "--json")
    found = json.loads(done.stdout)
    assert found["length"] == {"mean": 4.0, "p95": 4}
    assert found["violations"] == 0
    assert found["max_exposure"] < 0.7


def test_other_criteria_are_run_by_processes(tmp_path: Path) -> None:
    policy = rules(tmp_path, {**SHORT, "per_competence": {"at_least": 0}, "criterion": "information"})
    done = toise("simulate", "--bank", bank(tmp_path), "--policy", policy, "--n", 4, "--threads", 2, "--json")
    assert json.loads(done.stdout)["referred"] == 20


def simulated(folder: Path, policy: Policy | None = None, **of_bank: Any) -> Report:
    path = bank(folder, **of_bank)
    items = read_bank(path)
    content = read_content(path, items)
    study = study_of(Wanted(path, items, content, None, policy or default_policy(items), load()), level=None)
    return run_in_sight(study, size=40, seed=1, threads=1)


def test_enemies_never_meet(tmp_path: Path) -> None:
    path = bank(tmp_path, extra="q2 q4")
    content = read_content(path, read_bank(path))
    assert [group.tolist() for group in content.enemies[:5]] == [[2, 4], [], [0], [], [0]]
    assert simulated(tmp_path, extra="q2").overall.violations == 0


def test_without_competences_their_rule_says_nothing(tmp_path: Path) -> None:
    header = HEADER.replace("competence", "note")
    policy = Policy.model_validate({**SHORT, "per_competence": {"at_least": 0, "at_most": 1}})
    assert simulated(tmp_path, policy, header=header).overall.length.mean == 4


@pytest.mark.parametrize(("items", "domains"), [(1, 1), (3, 3), (40, 5), (60, 1), (7, 4)])
def test_any_bank_has_rules_that_it_can_keep(tmp_path: Path, items: int, domains: int) -> None:
    assert simulated(tmp_path, items=items, domains=domains).overall.violations == 0


def test_a_competence_in_two_domains_is_refused(tmp_path: Path) -> None:
    path = bank(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + "x,D9,C0,2pl,1,0,,,\n", encoding="utf-8")
    done = toise("simulate", "--bank", path)
    assert done.exit_code == 1
    assert "bank.csv, ligne 32, colonne competence" in plain(done)


def test_an_enemy_that_is_no_item_is_refused(tmp_path: Path) -> None:
    said = refused(tmp_path, extra="q1 q99")
    assert "bank.csv, ligne 2, colonne enemies" in said
    assert "« q99 »" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"limits": {"D7": {}}}, "policy.json, limits.D7 : la banque n'a ni domaine ni compétence de ce nom"),
        ({"loading": {"D0": 0.5, "D7": 0.5}}, "policy.json, loading.D7 : la banque n'a pas de domaine de ce nom"),
        ({"loading": {}}, "policy.json, loading : il manque la valeur du domaine D0"),
        ({"cut_levels": [9]}, "il n'y a pas de niveau 9 à atteindre"),
        ({"per_competence": {"at_least": 0, "at_most": 1}}, "la banque ne permet pas de tenir la règle"),
        ({"se_target": "wide"}, "se_target: un nombre est attendu"),
    ],
)
def test_rules_that_do_not_fit_are_refused_by_name(tmp_path: Path, content: dict[str, Any], said: str) -> None:
    assert said in refused(tmp_path, content)


def test_rules_that_cannot_be_kept_are_named_by_their_domain(tmp_path: Path) -> None:
    content = {"length": {"at_least": 8, "at_most": 9}, "per_domain": {"at_least": 20, "at_most": 30}}
    assert "la règle D0" in refused(tmp_path, {**content, "per_competence": {"at_least": 0}}, items=10)


def test_files_that_are_not_there_are_refused(tmp_path: Path) -> None:
    done = toise("simulate", "--bank", tmp_path / "none.csv")
    assert (done.exit_code, "none.csv : impossible à ouvrir" in plain(done)) == (1, True)
    done = toise("simulate", "--bank", bank(tmp_path), "--policy", tmp_path / "none.json")
    assert (done.exit_code, "none.json : impossible à ouvrir" in plain(done)) == (1, True)


def test_the_report_does_not_replace_a_file_to_read(tmp_path: Path) -> None:
    path = bank(tmp_path)
    before = path.read_text(encoding="utf-8")
    done = toise("simulate", "--bank", path, "--n", 10, "--report", path)
    assert done.exit_code == 1
    assert path.read_text(encoding="utf-8") == before
