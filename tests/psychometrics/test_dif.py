"""``toise dif``: R's difR from files, what it finds, what it refuses."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import Result

from app.engine.estimators import MISSING
from app.engine.grid import Ints
from tests.engine.dif_cases import REFERENCE, verbal_aggression
from tests.engine.fit_cases import drawn_scores
from tests.psychometrics.analysis_files import read, toise, two_parameter, write_bank, write_groups, write_sheet

ITEMS = two_parameter(12)
METHODS = ["mh", "std", "logistic", "lr"]


def dif(folder: Path, scores: Ints, groups: list[str], *options: object) -> Result:
    sheet = write_sheet(folder / "answers.csv", scores)
    write_bank(folder / "bank.csv", ITEMS)
    named = write_groups(folder / "groups.csv", groups)
    return toise("dif", sheet, "--groups", named, "--report", folder / "report.json", *options)


def unfair(persons: int = 1000, *, seed: int = 3, easier: float = 0.0) -> tuple[Ints, list[str]]:
    """The fourth item is harder for group B, by .9 logits less ``easier``."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=persons)
    groups = ["AB"[k % 2] for k in range(persons)]
    scores, b = drawn_scores(rng, ITEMS, theta), np.array(groups) == "B"
    model, xi = ITEMS[3]
    scores[b, 3] = drawn_scores(rng, [(model, xi + np.array([0, 0.9 - easier]))], theta[b])[:, 0]
    return scores, groups


@pytest.mark.parametrize(
    ("method", "figures", "names"),
    [
        ("mh", "mantel_haenszel", {"chi_square_corrected": "chi_square", "p_corrected": "p", "alpha": "alpha"}),
        ("std", "standardised", {"p_dif": "p_dif"}),
        ("logistic", "logistic", {"both": "chi_square", "p_both": "p", "r2_both": "r2"}),
    ],
)
def test_verbal_aggression_gives_the_figures_of_difr(
    tmp_path: Path, method: str, figures: str, names: dict[str, str]
) -> None:
    scores, focal = verbal_aggression()
    groups = ["men" if one else "women" for one in focal]
    done = dif(tmp_path, scores, groups, "--method", method, "--reference", "women")
    assert done.exit_code == 0, done.output
    (comparison,) = read(tmp_path / "report.json")["comparisons"]
    for theirs, ours in names.items():
        np.testing.assert_allclose([row[ours] for row in comparison["items"]], REFERENCE[figures][theirs], atol=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_the_unfair_item_and_whom_it_harms(tmp_path: Path, method: str) -> None:
    done = dif(tmp_path, *unfair(), "--method", method, "--bank", tmp_path / "bank.csv")
    assert done.exit_code == 0, done.output
    report = read(tmp_path / "report.json")
    rows = report["comparisons"][0]["items"]
    assert min(rows, key=lambda row: float(row["p_adjusted"]))["item"] == "q3"
    assert rows[3]["class"] in "BC"
    assert report["matching"] == ("anchors" if method == "lr" else "score")
    assert "q3 » est plus difficile pour B" in done.output.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("method", METHODS)
def test_persons_who_saw_different_items_are_matched_by_ability(tmp_path: Path, method: str) -> None:
    scores, groups = unfair(2000, easier=2.0)
    scores[np.random.default_rng(1).random(scores.shape) < 0.3] = MISSING
    done = dif(tmp_path, scores, groups, "--method", method, "--bank", tmp_path / "bank.csv")
    assert done.exit_code == 0, done.output
    report = read(tmp_path / "report.json")
    assert report["matching"] == ("anchors" if method == "lr" else "ability")
    rows = report["comparisons"][0]["items"]
    assert min(rows, key=lambda row: float(row["p"]))["item"] == "q3"
    assert "q3 » est plus facile pour B" in done.output.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("method", ["mh", "std", "logistic"])
@pytest.mark.parametrize("unseen", [0, 3])
def test_items_compared_a_few_at_a_time_are_the_same_as_all_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, unseen: int
) -> None:
    scores, groups = unfair(500)
    scores[:200, :unseen] = MISSING
    words = ("--method", method, "--bank", tmp_path / "bank.csv", "--purify")
    dif(tmp_path, scores, groups, *words)
    whole = read(tmp_path / "report.json")["comparisons"][0]["items"]

    monkeypatch.setattr("app.psychometrics.dif_file.CELLS", 2600)
    dif(tmp_path, scores, groups, *words)

    in_parts = read(tmp_path / "report.json")["comparisons"][0]["items"]
    for one, other in zip(in_parts, whole, strict=True):
        for name, value in one.items():
            same = value == pytest.approx(other[name], rel=1e-9) if isinstance(value, float) else value == other[name]
            assert same, name


def test_a_fair_test_says_so_and_the_report_is_printed_when_asked(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    scores = drawn_scores(rng, ITEMS, rng.normal(size=600))
    groups = ["AB"[k % 2] for k in range(600)]
    assert "Aucune question n’avantage nettement un groupe." in dif(tmp_path, scores, groups).output
    rows = read(tmp_path / "report.json")["comparisons"][0]["items"]
    assert [row["item"] for row in rows if row["class"] != "A" and not row["flagged"]] == ["q4"]
    told = dif(tmp_path, scores, groups, "--json")
    assert json.loads(told.stdout) == read(tmp_path / "report.json")


def test_each_group_is_compared_with_the_largest(tmp_path: Path) -> None:
    scores, _ = unfair()
    groups = ["A" if k < 300 else "B" if k < 700 else "C" if k < 900 else "" for k in range(1000)]
    assert dif(tmp_path, scores, groups).exit_code == 0
    report = read(tmp_path / "report.json")
    pairs = [(each["reference"], each["focal"]) for each in report["comparisons"]]
    assert pairs == [("B", "A"), ("B", "C")]
    assert report["groups"] == {"A": 300, "B": 400, "C": 200}
    assert report["without_group"] == 100


@pytest.mark.parametrize("method", ["mh", "lr"])
def test_purification_drops_the_unfair_item_from_the_matching(tmp_path: Path, method: str) -> None:
    scores, groups = unfair(3000, seed=5)
    options = ("--purify", "--adjust", "holm", "--method", method, "--bank", tmp_path / "bank.csv")
    assert dif(tmp_path, scores, groups, *options).exit_code == 0
    (comparison,) = read(tmp_path / "report.json")["comparisons"]
    assert [row["item"] for row in comparison["items"] if not row["anchor"]] == ["q3"]
    assert comparison["settled"]


def test_items_few_persons_saw_are_not_judged(tmp_path: Path) -> None:
    scores, groups = unfair(400)
    scores[20:, 11] = MISSING
    assert dif(tmp_path, scores, groups, "--bank", tmp_path / "bank.csv").exit_code == 0
    row = read(tmp_path / "report.json")["comparisons"][0]["items"][11]
    assert (row["class"], row["p"], row["delta"]) == ("?", None, None)


@pytest.mark.parametrize(
    ("groups", "options", "said"),
    [
        (
            "person,group\np0,A\np1,A\n",
            (),
            "groups.csv, group : il faut deux groupes au moins ; reçu : A",
        ),
        (
            "person,group\np0,A\np1,B\n",
            ("--reference", "Z"),
            "aucune personne du groupe « Z » ; groupes présents : A, B",
        ),
        ("person,group\np0,A\np1,B\n", (), "le groupe « A » a 1 personnes ; il en faut 20 pour comparer"),
        ("person,group\nzoe,A\n", (), "groups.csv, ligne 2, colonne person : « zoe » n’est pas dans le fichier"),
        ("person,group\np0,A\np0,B\n", (), "groups.csv, ligne 3, colonne person : « p0 » a déjà un groupe"),
        ("person,group\np0,\n", (), "groups.csv, ligne 2, colonne group : cette case est vide"),
        ("person,group\np0\n", (), "groups.csv, ligne 2 : 1 cases pour 2 colonnes"),
        ("name,group\np0,A\n", (), "groups.csv, ligne 1 : l’en-tête attendu est person,group"),
        ("person;group\n", (), "groups.csv, ligne 1 : les colonnes sont séparées par des points-virgules"),
        ("person,group\n", ("--method", "lr"), "--method lr compare des paramètres : donnez --bank"),
    ],
)
def test_groups_that_cannot_be_used_are_refused(
    tmp_path: Path, groups: str, options: tuple[str, ...], said: str
) -> None:
    write_sheet(tmp_path / "answers.csv", unfair(60)[0])
    (tmp_path / "groups.csv").write_text(groups, encoding="utf-8")
    files = ("--groups", tmp_path / "groups.csv", "--report", tmp_path / "report.json")
    done = toise("dif", tmp_path / "answers.csv", *files, *options)
    assert done.exit_code == 1
    assert said in done.output.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert not (tmp_path / "report.json").exists()


def test_missing_answers_without_a_bank_are_refused_with_what_helps(tmp_path: Path) -> None:
    scores, groups = unfair(200)
    scores[np.random.default_rng(1).random(scores.shape) < 0.5] = MISSING
    done = dif(tmp_path, scores, groups)
    assert done.exit_code == 1
    assert "donnez --bank" in done.output
