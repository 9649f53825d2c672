"""``toise fit``: what it finds, what it writes, what it refuses."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import Result

from app.engine.estimators import MISSING
from app.engine.grid import Ints
from tests.engine.fit_cases import REFERENCE
from tests.psychometrics.analysis_files import answers, read, toise, two_parameter, write_bank, write_sheet

ITEMS = two_parameter(12)


def fit(folder: Path, scores: Ints, *options: object) -> Result:
    bank = write_bank(folder / "bank.csv", ITEMS[: scores.shape[1]])
    sheet = write_sheet(folder / "answers.csv", scores)
    return toise("fit", sheet, "--bank", bank, "--report", folder / "report.json", *options)


def spoilt() -> Ints:
    """The fourth item is answered by chance, the tenth repeats the ninth, ten persons guess."""
    scores, rng = answers(ITEMS, 800), np.random.default_rng(7)
    chance = rng.random(800) < 0.7
    scores[chance, 3] = rng.integers(0, 2, int(chance.sum()))
    same = rng.random(800) < 0.8
    scores[same, 9] = scores[same, 8]
    scores[:10] = rng.integers(0, 2, (10, 12))
    return scores


def test_lsat_6_gives_the_figures_of_mirt(tmp_path: Path) -> None:
    case = REFERENCE["cases"]["LSAT6 2PL"]
    rows = ["item,model,a,b", *(f"q{k},2pl,{a},{b}" for k, (a, b) in enumerate(case["items"]))]
    (tmp_path / "bank.csv").write_text("\n".join(rows))
    patterns = [line.split(":") for line in case["answers"].split()]
    scores = np.repeat([[int(c) for c in p] for p, _ in patterns], [int(n) for _, n in patterns], axis=0)
    sheet = write_sheet(tmp_path / "answers.csv", scores)
    done = toise("fit", sheet, "--bank", tmp_path / "bank.csv", "--report", tmp_path / "report.json")
    assert done.exit_code == 0, done.output
    found = read(tmp_path / "report.json")["items"]
    for ours, theirs in (("s_x2", "chi_square"), ("s_x2_df", "df"), ("outfit_eap", "outfit"), ("infit_eap", "infit")):
        np.testing.assert_allclose([row[ours] for row in found], case[theirs], atol=1e-5)


def test_what_is_wrong_is_named_in_the_report_and_at_the_terminal(tmp_path: Path) -> None:
    done = fit(tmp_path, spoilt(), "--known")
    assert done.exit_code == 0, done.output
    report = read(tmp_path / "report.json")
    flagged = {row["item"]: row["flags"] for row in report["items"] if row["flags"]}
    assert {"noisy", "curve", "s_x2"} <= set(flagged["q3"])
    (pair,) = report["local_dependence"]["pairs"]
    assert (pair["first"], pair["second"]) == ("q8", "q9")
    assert report["person_fit"]["judged"] == 800
    assert "Questions à regarder" in done.output
    assert "trop de hasard" in done.output
    assert "Paires dont" in done.output


def test_a_bank_that_fits_says_so(tmp_path: Path) -> None:
    done = fit(tmp_path, answers(ITEMS, 800), "--known")
    assert "Aucune question ne s’écarte nettement du modèle." in done.output
    assert "Paires" not in done.output
    found = read(tmp_path / "report.json")
    assert (found["persons"], found["answers"]) == (800, 9600)
    assert found["person_fit"]["flagged"] < 70


def test_too_regular_items_are_flagged(tmp_path: Path) -> None:
    scores = answers(ITEMS, 1500)
    others = np.delete(scores, 5, axis=1).sum(axis=1)
    scores[:, 5] = others > np.median(others)
    fit(tmp_path, scores, "--known")
    assert "regular" in read(tmp_path / "report.json")["items"][5]["flags"]


def test_missing_answers_and_columns_without_any_are_allowed(tmp_path: Path) -> None:
    scores = answers(ITEMS, 400, unseen=0.5)
    scores[:, 11] = MISSING
    assert fit(tmp_path, scores).exit_code == 0
    found = read(tmp_path / "report.json")
    assert found["items"][11] | {"persons": 0, "curve": [], "infit": None, "flags": []} == found["items"][11]
    assert found["items"][0]["s_x2"] is None
    assert found["items"][0]["infit"] == pytest.approx(1, abs=0.2)


def test_persons_have_a_row_each_with_their_fit_and_effort(tmp_path: Path) -> None:
    scores = spoilt()
    seconds = np.exp(np.random.default_rng(1).normal(3.5, 0.3, scores.shape))
    seconds[5] /= 50
    seconds[6] = np.nan
    times = write_sheet(tmp_path / "times.csv", seconds)
    done = fit(tmp_path, scores, "--persons", tmp_path / "persons.csv", "--times", times, "--known")
    assert "Personnes trop rapides : 1 sur 799." in done.output.replace("\N{NO-BREAK SPACE}", " ")
    with (tmp_path / "persons.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["person"] for row in rows[:2]] == ["p0", "p1"]
    assert float(rows[5]["effort"]) == 0
    assert rows[6]["effort"] == ""
    low = [float(row["p"]) < 0.05 for row in rows]
    assert np.mean(low[:10]) > np.mean(low[10:])


def test_json_prints_the_report(tmp_path: Path) -> None:
    done = fit(tmp_path, answers(ITEMS, 100), "--json")
    assert read(tmp_path / "report.json") == json.loads(done.stdout)


def test_domains_are_tied_by_a_prior(tmp_path: Path) -> None:
    scores = answers(ITEMS[:6], 200)
    bank = "item,domain,model,a,b\n" + "".join(f"q{k},{'AB'[k % 2]},2pl,1,{k / 6}\n" for k in range(6))
    (tmp_path / "bank.csv").write_text(bank)
    (tmp_path / "prior.json").write_text('{"loading": 0.9}')
    sheet = write_sheet(tmp_path / "answers.csv", scores)
    words = ("fit", sheet, "--bank", tmp_path / "bank.csv", "--report", tmp_path / "report.json")
    apart = toise(*words).exit_code, read(tmp_path / "report.json")["items"][0]["infit"]
    tied = (
        toise(*words, "--prior", tmp_path / "prior.json").exit_code,
        read(tmp_path / "report.json")["items"][0]["infit"],
    )
    assert apart[0] == tied[0] == 0
    assert apart[1] != tied[1]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("answers.csv", "person,q0,zz\np0,1,1\n", "answers.csv, ligne 1, colonne zz : la banque n’a pas de question"),
        ("answers.csv", "person,q0\n", "answers.csv : aucune personne"),
        ("answers.csv", "person,q0\np0,2\n", "answers.csv, ligne 2, colonne q0 : attendu : un entier de 0 à 1"),
        ("times.csv", "person,q0\nzoe,3\n", "times.csv, ligne 2, colonne person : « zoe » n’est pas dans le fichier"),
        ("times.csv", "person,q0\np0,fast\n", "times.csv, ligne 2, colonne q0 : attendu : un nombre de secondes"),
        ("times.csv", "person,q0\np0,-1\n", "times.csv, ligne 2, colonne q0 : attendu : un nombre de secondes"),
        ("times.csv", "person,q0\np0,1,2\n", "times.csv, ligne 2 : 3 cases pour 2 colonnes"),
        ("times.csv", "person,zz\np0,1\n", "times.csv, ligne 1, colonne zz : answers.csv n’a pas de question"),
        ("times.csv", "person,q0,q0\np0,1,1\n", "times.csv, ligne 1, colonne q0 : cette colonne figure deux fois"),
        ("times.csv", "person;q0\n", "times.csv, ligne 1 : les colonnes sont séparées par des points-virgules"),
        ("times.csv", "person\n", "times.csv, ligne 1 : il faut une colonne pour la personne"),
    ],
)
def test_files_that_cannot_be_used_are_refused_by_their_place(tmp_path: Path, name: str, text: str, said: str) -> None:
    write_bank(tmp_path / "bank.csv", ITEMS)
    write_sheet(tmp_path / "answers.csv", answers(ITEMS[:2], 3))
    write_sheet(tmp_path / "times.csv", np.ones((3, 2)))
    (tmp_path / name).write_text(text, encoding="utf-8")
    files = ("--bank", tmp_path / "bank.csv", "--times", tmp_path / "times.csv", "--report", tmp_path / "report.json")
    done = toise("fit", tmp_path / "answers.csv", *files)
    assert done.exit_code == 1
    assert said in done.output.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert not (tmp_path / "report.json").exists()


def test_persons_of_one_name_cannot_be_timed(tmp_path: Path) -> None:
    write_bank(tmp_path / "bank.csv", ITEMS)
    sheet = write_sheet(tmp_path / "answers.csv", answers(ITEMS[:2], 2), persons=["ana", "ana"])
    times = write_sheet(tmp_path / "times.csv", np.ones((1, 2)), persons=["ana"])
    files = ("--bank", tmp_path / "bank.csv", "--report", tmp_path / "report.json", "--times", times)
    done = toise("fit", sheet, *files)
    assert done.exit_code == 1
    assert "y figure deux fois" in done.output


@pytest.mark.parametrize("place", ["answers.csv", "report.json"])
def test_nothing_is_written_in_the_place_of_another_file(tmp_path: Path, place: str) -> None:
    done = fit(tmp_path, answers(ITEMS, 20), "--persons", tmp_path / place)
    assert done.exit_code == 1
    assert "donnez-lui un autre nom" in done.output


def test_a_report_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    done = fit(tmp_path, answers(ITEMS, 20), "--report", tmp_path / "nowhere" / "report.json")
    assert done.exit_code == 1
    assert "impossible à écrire" in done.output
