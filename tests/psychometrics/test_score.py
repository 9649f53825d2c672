"""``toise score``: files in, abilities out, and every bad cell by its place."""

import csv
import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import app

REFERENCE = json.loads((Path(__file__).parents[1] / "engine" / "reference" / "estimators.json").read_text())
BANK = (
    "item,domain,model,a,b,c,se_a,se_b\nq1,SN1,2pl,1.2,0.5,,0.1,0.2\nq2,SN1,3pl,1.1,-0.4,0.2,,\nq3,SN2,rasch,,0.3,,,\n"
)
RESPONSES = "person,q1,q2,q3\nanna,1,0,1\nbéa,,1,\n"


def toise(*words: object) -> Result:
    return CliRunner(env={"LC_ALL": "en_GB.UTF-8"}).invoke(app, [str(word) for word in words])


def score(folder: Path, *options: str, bank: str = BANK, responses: str = RESPONSES) -> Result:
    (folder / "bank.csv").write_text(bank, encoding="utf-8")
    (folder / "responses.csv").write_text(responses, encoding="utf-8")
    files = (folder / "responses.csv", "--bank", folder / "bank.csv", "--out", folder / "scores.csv")
    return toise("score", *files, *options)


def scores(folder: Path) -> list[dict[str, str]]:
    with (folder / "scores.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def sheet(rows: Sequence[Mapping[str, object]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(names), *(",".join(str(row.get(name, "")) for name in names) for row in rows)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("method", ["eap", "map", "ml", "wle"])
def test_files_give_the_figures_of_r_mirt(tmp_path: Path, method: str) -> None:
    reference = REFERENCE["LSAT-7 3PL"]
    people = {f"p{pattern}": pattern for pattern in reference["scores"]}
    ids = [item["item"] for item in reference["items"]]
    responses = sheet([{"person": name, **dict(zip(ids, pattern, strict=True))} for name, pattern in people.items()])
    done = score(tmp_path, "--method", method, bank=sheet(reference["items"]), responses=responses)
    assert done.exit_code == 0, done.output
    for row in scores(tmp_path):
        theta, se = reference["scores"][people[row["person"]]][method]
        assert float(row["theta"]) == pytest.approx(float(theta), abs=1e-3)
        assert row["se"] == "" if se is None else float(row["se"]) == pytest.approx(se, abs=1e-3)


def test_each_person_has_a_row_for_each_domain(tmp_path: Path) -> None:
    assert score(tmp_path).exit_code == 0
    found = [(row["person"], row["domain"], row["answers"]) for row in scores(tmp_path)]
    assert found == [("anna", "SN1", "2"), ("anna", "SN2", "1"), ("béa", "SN1", "1"), ("béa", "SN2", "0")]


def test_domains_tied_by_a_prior_inform_each_other(tmp_path: Path) -> None:
    (tmp_path / "prior.json").write_text('{"loading": {"SN1": 0.8, "SN2": 0.8}}')
    assert score(tmp_path, "--prior", str(tmp_path / "prior.json")).exit_code == 0
    second = scores(tmp_path)[3]
    assert float(second["theta"]) > 0.1
    assert float(second["se"]) < 1


def test_uncertain_parameters_widen_the_error(tmp_path: Path) -> None:
    exact = "item,model,a,b\nq1,2pl,2,0\nq2,2pl,2,0\nq3,2pl,2,0\n"
    score(tmp_path, bank=exact)
    known = float(scores(tmp_path)[0]["se"])
    score(tmp_path, bank="item,model,a,b,se_a,se_b\nq1,2pl,2,0,0.8,0.7\nq2,2pl,2,0,0.8,0.7\nq3,2pl,2,0,0.8,0.7\n")
    assert float(scores(tmp_path)[0]["se"]) > known


def test_the_summary_is_json_when_asked(tmp_path: Path) -> None:
    told = json.loads(score(tmp_path, "--json").stdout)
    assert (told["persons"], told["answers"], told["method"]) == (2, 4, "eap")


def test_scores_do_not_depend_on_the_order_of_columns(tmp_path: Path) -> None:
    score(tmp_path)
    first = scores(tmp_path)
    score(tmp_path, responses="person,q3,q1,q2\nanna,1,1,0\nbéa,,,1\n")
    assert scores(tmp_path) == first


BAD_RESPONSES = {
    "person,q1,q2,q3\na,2,0,1\n": "line 2, column q1",
    "person,q1,q2,q3\na,0,0,1\nb,yes,0,1\n": "line 3, column q1",
    "person,q1,q2,q3\na,0,0,1\nb,0.0,0,1\n": "line 3, column q1",
    "person,q1,q2,q3\na,-1,0,1\n": "line 2, column q1",
    "person,q1,q2,q3\na,nan,0,1\n": "line 2, column q1",
    "person,q1,q2,q3\na,0,0\n": "line 2:",
    "person,q1,q9,q3\na,0,0,1\n": "line 1, column q9",
    "person,q1,q1,q3\na,0,0,1\n": "line 1, column q1",
    "person\na\n": "line 1:",
    "person;q1;q2\na;0;1\n": "line 1: the columns are separated by semicolons",
    "": "line 1:",
}


@pytest.mark.parametrize("responses", BAD_RESPONSES)
def test_a_bad_response_is_named_by_its_place_and_nothing_is_written(tmp_path: Path, responses: str) -> None:
    refused = score(tmp_path, responses=responses)
    assert refused.exit_code == 1
    assert BAD_RESPONSES[responses] in refused.output
    assert not list(tmp_path.glob("scores*"))


BAD_BANKS = {
    "item,model,a,b\nq1,2pl,-1,0\n": "line 2, column a",
    "item,model,a,b\nq1,2pl,0,0\n": "line 2, column a",
    "item,model,a,b\nq1,2pl,nan,0\n": "line 2, column a",
    "item,model,a,b\nq1,2pl,1,inf\n": "line 2, column b",
    "item,model,a,b\nq1,2pl,1,\n": "line 2, column b",
    'item,model,a,b\nq1,2pl,"1,5",0\n': "line 2, column a",
    "item,model,a,b,c\nq1,3pl,1,0,1\n": "line 2, column c",
    "item,model,a,b,c\nq1,3pl,1,0,0\n": "line 2, column c",
    "item,model,a,b,d\nq1,2pl,1,0,0.9\n": "line 2, column d",
    "item,model,a,b\nq1,5pl,1,0\n": "line 2, column model",
    "item,model,a,b\nq1,rasch,1.3,0\n": "line 2, column a",
    "item,model,a,b,c\nq1,2pl,1,0,0.2\n": "line 2, column c",
    "item;model;a;b\nq1;2pl;1;0\n": "line 1: the columns are separated by semicolons",
    "item,model,a,b1,b3\nq1,gpcm,1,0,1\n": "line 2, column b1",
    "item,model,a,b\nq1,2pl,1,0\n\nq1,2pl,1,0\n": "line 4, column item",
    "item,model,a,b,se_a\nq1,2pl,1,0,-1\n": "line 2, column se_a",
    "item,model,a,b,se_a,se_b,cov_a_b\nq1,2pl,1,0,0.1,0.1,0.5\n": "line 2:",
    "item,model,a,b\nq1,2pl,1,0,7\n": "line 2:",
    "item,a,a\nq1,1,1\n": "line 1, column a",
    "name,a,b\nq1,1,1\n": "line 1:",
    "item,a,b\n": "bank.csv:",
}


@pytest.mark.parametrize("bank", BAD_BANKS)
def test_a_bad_bank_is_named_by_its_place(tmp_path: Path, bank: str) -> None:
    refused = score(tmp_path, bank=bank)
    assert refused.exit_code == 1
    assert BAD_BANKS[bank] in refused.output


@pytest.mark.parametrize(
    "prior", ["", "[]", '{"loading": 1}', '{"loading": 0.99}', '{"loading": {"SN1": 0.5}}', '{"loading": true}']
)
def test_a_bad_prior_is_refused(tmp_path: Path, prior: str) -> None:
    (tmp_path / "prior.json").write_text(prior)
    refused = score(tmp_path, "--prior", str(tmp_path / "prior.json"))
    assert refused.exit_code == 1
    assert "prior.json" in refused.output


def test_a_slope_common_to_a_1pl_test_counts(tmp_path: Path) -> None:
    score(tmp_path, bank="item,model,a,b\nq1,1pl,1.7,0\nq2,1pl,1.7,0.2\nq3,1pl,1.7,-0.2\n")
    steep = scores(tmp_path)
    score(tmp_path, bank="item,model,a,b\nq1,2pl,1.7,0\nq2,2pl,1.7,0.2\nq3,2pl,1.7,-0.2\n")
    assert scores(tmp_path) == steep


@pytest.mark.parametrize("method", ["ml", "wle"])
def test_a_prior_is_refused_where_it_would_be_ignored(tmp_path: Path, method: str) -> None:
    (tmp_path / "prior.json").write_text('{"loading": 0.5}')
    refused = score(tmp_path, "--prior", str(tmp_path / "prior.json"), "--method", method)
    assert refused.exit_code == 1
    assert "--prior serves the methods eap and map only" in refused.output


def test_a_file_that_is_read_is_not_written_over(tmp_path: Path) -> None:
    score(tmp_path)
    bank = tmp_path / "bank.csv"
    refused = toise("score", tmp_path / "responses.csv", "--bank", bank, "--out", bank)
    assert refused.exit_code == 1
    assert bank.read_text() == BANK


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    score(tmp_path)
    out = tmp_path / "nowhere" / "scores.csv"
    refused = toise("score", tmp_path / "responses.csv", "--bank", tmp_path / "bank.csv", "--out", out)
    assert refused.exit_code == 1
    assert "scores.csv: cannot be written" in refused.output


def test_a_file_in_another_encoding_is_refused_by_line(tmp_path: Path) -> None:
    score(tmp_path)
    (tmp_path / "responses.csv").write_bytes("person,q1\nanna,1\nbéa,1\n".encode("latin-1"))
    refused = toise("score", tmp_path / "responses.csv", "--bank", tmp_path / "bank.csv", "--out", tmp_path / "o.csv")
    assert refused.exit_code == 1
    assert "UTF-8" in refused.output


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    refused = toise("score", tmp_path / "none.csv", "--bank", tmp_path / "none.csv", "--out", tmp_path / "o.csv")
    assert refused.exit_code == 1
    assert "none.csv" in refused.output


def test_a_failed_run_leaves_an_earlier_file_as_it_was(tmp_path: Path) -> None:
    score(tmp_path)
    before = (tmp_path / "scores.csv").read_text()
    assert score(tmp_path, responses="person,q1\na,1\nb,7\n").exit_code == 1
    assert (tmp_path / "scores.csv").read_text() == before


def test_plausible_values_stand_beside_the_estimates_and_come_again_with_the_seed(tmp_path: Path) -> None:
    assert score(tmp_path, "--plausible", "3", "--seed", "5").exit_code == 0
    first = scores(tmp_path)
    assert list(first[0]) == ["person", "domain", "theta", "se", "answers", "pv1", "pv2", "pv3"]
    assert len({row[name] for row in first for name in ("pv1", "pv2", "pv3")}) == 12
    score(tmp_path, "--plausible", "3", "--seed", "5")
    assert scores(tmp_path) == first
    score(tmp_path, "--plausible", "3", "--seed", "6")
    assert scores(tmp_path)[0]["pv1"] != first[0]["pv1"]
    told = json.loads(score(tmp_path, "--plausible", "3", "--seed", "6", "--json").stdout)
    assert (told["plausible"], told["seed"]) == (3, 6)


def test_plausible_values_of_a_file_have_the_moments_it_reports(tmp_path: Path) -> None:
    (tmp_path / "prior.json").write_text('{"loading": 0.8}')
    people = "".join(f"p{number},1,0,1\n" for number in range(300))
    options = ("--prior", str(tmp_path / "prior.json"), "--plausible", "40")
    assert score(tmp_path, *options, responses="person,q1,q2,q3\n" + people).exit_code == 0
    for domain in ("SN1", "SN2"):
        rows = [row for row in scores(tmp_path) if row["domain"] == domain]
        drawn = [float(row[f"pv{number}"]) for row in rows for number in range(1, 41)]
        assert statistics.fmean(drawn) == pytest.approx(float(rows[0]["theta"]), abs=0.04)
        assert statistics.stdev(drawn) == pytest.approx(float(rows[0]["se"]), rel=0.03)


@pytest.mark.parametrize("method", ["ml", "wle"])
def test_plausible_values_need_a_method_with_a_prior(tmp_path: Path, method: str) -> None:
    refused = score(tmp_path, "--plausible", "2", "--method", method)
    assert refused.exit_code == 1
    assert "--plausible" in refused.output
