"""``toise calibrate``: files in, a bank with its uncertainty, a report and a prior out."""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.engine.grid import Floats, Ints
from app.psychometrics.bank_file import read_bank
from tests.engine.calibration_cases import MODELS, answers, second_order_abilities, two_parameter_items


def toise(*words: object) -> Result:
    return CliRunner(env={"LC_ALL": "en_GB.UTF-8"}).invoke(app, [str(word) for word in words])


def write(path: Path, scores: Ints, *, names: str = "i", first: str = "person") -> Path:
    header = [first, *(f"{names}{number}" for number in range(1, scores.shape[1] + 1))]
    rows = [
        [f"p{number}", *("" if score < 0 else score for score in row)] for number, row in enumerate(scores, start=1)
    ]
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


def lsat6(folder: Path) -> Path:
    patterns = MODELS["data"]["LSAT6"]
    rows = [[int(score) for score in pattern] for pattern, count in patterns.items() for _ in range(count)]
    return write(folder / "lsat6.csv", np.array(rows))


def calibrate(folder: Path, responses: Path, *options: object) -> Result:
    files = ["--out", folder / "bank.csv", "--report", folder / "report.json", "--prior", folder / "prior.json"]
    return toise("calibrate", responses, *files, *options)


def report(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return content


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_lsat_6_gives_published_slopes_difficulties_and_log_likelihood(tmp_path: Path) -> None:
    done = calibrate(tmp_path, lsat6(tmp_path), "--model", "2pl", "--no-priors")

    assert done.exit_code == 0, done.output
    published = MODELS["fits"]["LSAT-6 2PL"]["items"]
    for row, item in zip(rows(tmp_path / "bank.csv"), published, strict=True):
        assert float(row["a"]) == pytest.approx(item["a"], abs=5e-3)
        assert float(row["b"]) == pytest.approx(item["b"], abs=5e-3)
    facts = report(tmp_path)
    assert facts["log_likelihood"] == pytest.approx(-2466.65337758, abs=1e-3)
    assert facts["converged"]
    assert facts["parameters"] == 10
    assert facts["data_sha256"] == hashlib.sha256((tmp_path / "lsat6.csv").read_bytes()).hexdigest()
    assert "1000 persons, 5000 answers, 5 items: log-likelihood -2466.653" in done.output


def test_a_common_slope_is_the_spread_of_a_rasch_population(tmp_path: Path) -> None:
    responses = lsat6(tmp_path)

    assert calibrate(tmp_path, responses, "--model", "rasch", "--no-priors").exit_code == 0
    sd = json.loads((tmp_path / "prior.json").read_text())["sd"]["1"]
    rasch = [float(row["b"]) for row in rows(tmp_path / "bank.csv")]
    assert calibrate(tmp_path, responses, "--model", "1pl", "--no-priors").exit_code == 0
    common = rows(tmp_path / "bank.csv")

    assert sd == pytest.approx(0.7551, abs=1e-3)
    assert [float(row["a"]) for row in common] == pytest.approx([sd] * 5)
    assert [float(row["b"]) for row in common] == pytest.approx([b / sd for b in rasch])
    assert json.loads((tmp_path / "prior.json").read_text())["sd"]["1"] == 1


@pytest.mark.parametrize("model", ["rasch", "1pl"])
def test_scores_are_the_same_by_a_common_slope_and_by_a_wider_population(tmp_path: Path, model: str) -> None:
    responses = lsat6(tmp_path)
    calibrate(tmp_path, responses, "--model", model, "--no-priors")
    files = ["--bank", tmp_path / "bank.csv", "--prior", tmp_path / "prior.json", "--out", tmp_path / "scores.csv"]

    assert toise("score", responses, *files).exit_code == 0

    sd = json.loads((tmp_path / "prior.json").read_text())["sd"]["1"]
    theta = [float(row["theta"]) * (0.7551 / sd if model == "1pl" else 1) for row in rows(tmp_path / "scores.csv")]
    assert theta[0] == pytest.approx(-1.4432, abs=0.02)


def test_parameters_and_their_covariances_are_read_back(tmp_path: Path) -> None:
    calibrate(tmp_path, lsat6(tmp_path), "--model", "3pl")

    items = read_bank(tmp_path / "bank.csv").items

    assert [item.model for item in items] == ["3pl"] * 5
    assert all(item.covariance is not None and np.linalg.eigvalsh(item.covariance).min() > 0 for item in items)


def five_domains(folder: Path, *, persons: int = 1500) -> tuple[Path, Path, Floats]:
    rng = np.random.default_rng(1)
    loadings = [0.9, 0.8, 0.7, 0.8, 0.85]
    theta, xi = second_order_abilities(rng, persons, loadings), two_parameter_items(rng, 40)
    domain = np.repeat(np.arange(5), 8)
    scores = np.hstack([answers(rng, theta[:, d], "2pl", xi[domain == d]) for d in range(5)])
    mapped = folder / "map.csv"
    mapped.write_text("item,domain\n" + "".join(f"i{k + 1},SN{d + 1}\n" for k, d in enumerate(domain)))
    return write(folder / "five.csv", scores), mapped, np.array(loadings)


def test_domains_are_tied_by_loadings_that_scoring_reads_back(tmp_path: Path) -> None:
    responses, mapped, loadings = five_domains(tmp_path)

    done = calibrate(tmp_path, responses, "--model", "2pl", "--domains", mapped)

    assert done.exit_code == 0, done.output
    found = report(tmp_path)["lambda"]
    assert list(found) == ["SN1", "SN2", "SN3", "SN4", "SN5"]
    for (domain, each), truth in zip(found.items(), loadings, strict=True):
        assert abs(each["value"] - truth) < 4 * each["se"] + 0.01, domain
    files = ["--bank", tmp_path / "bank.csv", "--prior", tmp_path / "prior.json", "--out", tmp_path / "scores.csv"]
    assert toise("score", responses, *files).exit_code == 0


def test_groups_have_means_relative_to_the_reference(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    group = np.arange(2000) % 2
    scores = answers(rng, rng.normal(0.5 * group, 1), "2pl", two_parameter_items(rng, 15))
    responses = write(tmp_path / "responses.csv", scores)
    groups = tmp_path / "groups.csv"
    groups.write_text("person,group\n" + "".join(f"p{k + 1},{'Lyon' if g else 'Lille'}\n" for k, g in enumerate(group)))

    done = calibrate(tmp_path, responses, "--model", "2pl", "--groups", groups, "--reference", "Lyon")

    assert done.exit_code == 0, done.output
    lyon, lille = report(tmp_path)["population"]
    assert (lyon["group"], lyon["mean"], lyon["se_mean"]) == ("Lyon", 0, 0)
    assert lille["group"] == "Lille"
    assert abs(lille["mean"] + 0.5) < 4 * lille["se_mean"]


def split_groups(folder: Path, *, unseen: slice) -> list[object]:
    """Two domains, two groups; the second group saw none of the items of a slice."""
    rng = np.random.default_rng(3)
    theta = second_order_abilities(rng, 600, [0.84, 0.84])
    scores = np.hstack([answers(rng, theta[:, d], "2pl", two_parameter_items(rng, 8)) for d in (0, 1)])
    scores[300:, unseen] = -1
    (folder / "map.csv").write_text("item,domain\n" + "".join(f"i{k + 1},d{k // 8}\n" for k in range(16)))
    rows = "".join(f"p{k + 1},{'heard' if k < 300 else 'mute'}\n" for k in range(600))
    (folder / "groups.csv").write_text("person,group\n" + rows)
    responses = write(folder / "responses.csv", scores)
    return [responses, "--model", "2pl", "--groups", folder / "groups.csv", "--domains", folder / "map.csv"]


def test_what_nothing_determines_has_no_standard_error_and_the_report_stays_json(tmp_path: Path) -> None:
    responses, *options = split_groups(tmp_path, unseen=slice(8, 16))

    done = calibrate(tmp_path, Path(str(responses)), *options)

    assert done.exit_code == 0, done.output
    assert "Infinity" not in (tmp_path / "report.json").read_text(encoding="utf-8")
    assert [row["se_mean"] is None for row in report(tmp_path)["population"]] == [False, False, False, True]
    assert max(float(row["se_b"]) for row in rows(tmp_path / "bank.csv")) < 1


def test_a_group_without_any_answer_is_refused_by_its_name(tmp_path: Path) -> None:
    responses, *options = split_groups(tmp_path, unseen=slice(None))

    done = calibrate(tmp_path, Path(str(responses)), *options)

    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert "mute" in done.output


def test_anchors_keep_their_rows_and_give_the_others_their_scale(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    xi = two_parameter_items(rng, 20)
    responses = write(tmp_path / "responses.csv", answers(rng, rng.normal(0.7, 1, 3000), "2pl", xi))
    anchors = tmp_path / "anchors.csv"
    lines = [f"i{k + 1},2pl,{float(np.exp(a))!r},{b!r}" for k, (a, b) in enumerate(xi[:12].tolist())]
    anchors.write_text("item,model,a,b\n" + "\n".join(lines) + "\n")

    done = calibrate(tmp_path, responses, "--model", "2pl", "--anchors", anchors)

    assert done.exit_code == 0, done.output
    bank = read_bank(tmp_path / "bank.csv")
    assert np.array([item.mean for item in bank.items[:12]]) == pytest.approx(xi[:12])
    assert all(item.covariance is None for item in bank.items[:12])
    assert np.array([item.mean for item in bank.items[12:]]) == pytest.approx(xi[12:], abs=0.35)
    assert report(tmp_path)["population"][0]["mean"] == pytest.approx(0.7, abs=0.1)


def test_the_map_may_name_models(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    theta = rng.normal(size=800)
    graded = np.tile([0.2, -0.8, 0.3], (3, 1))
    scores = np.hstack([answers(rng, theta, "2pl", two_parameter_items(rng, 5)), answers(rng, theta, "grm", graded)])
    mapped = tmp_path / "map.csv"
    mapped.write_text("item,domain,model\n" + "".join(f"i{k},d,{'grm' if k > 5 else ''}\n" for k in range(1, 9)))

    done = calibrate(tmp_path, write(tmp_path / "r.csv", scores), "--model", "2pl", "--domains", mapped)

    assert done.exit_code == 0, done.output
    assert [row["model"] for row in rows(tmp_path / "bank.csv")] == ["2pl"] * 5 + ["grm"] * 3


def test_priors_of_ones_own_are_those_used(tmp_path: Path) -> None:
    priors = tmp_path / "priors.json"
    priors.write_text('{"guess": {"mean": -1.4, "sd": 0.5}}')
    patterns = MODELS["data"]["LSAT7"]
    scores = np.array([[int(s) for s in pattern] for pattern, count in patterns.items() for _ in range(count)])

    done = calibrate(tmp_path, write(tmp_path / "lsat7.csv", scores), "--model", "3pl", "--priors", priors)

    assert done.exit_code == 0, done.output
    assert report(tmp_path)["log_likelihood"] == pytest.approx(-2659.16101512, abs=1e-3)
    assert report(tmp_path)["log_prior"] == pytest.approx(-1.203023, abs=1e-3)


def test_the_report_is_the_answer_in_json(tmp_path: Path) -> None:
    done = calibrate(tmp_path, lsat6(tmp_path), "--model", "2pl", "--json")

    assert json.loads(done.stdout) == report(tmp_path)


def test_items_to_look_at_are_told(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    scores = answers(rng, rng.normal(size=400), "2pl", two_parameter_items(rng, 8))
    scores[:, 3] = rng.integers(0, 2, 400)

    done = calibrate(tmp_path, write(tmp_path / "r.csv", scores), "--model", "2pl", "--no-priors")

    assert "i4: slope close to zero: check the key" in done.output
    assert "flat_slope" in report(tmp_path)["item_statistics"][3]["warnings"]


def test_what_has_not_converged_is_written_said_and_exit_code_one(tmp_path: Path) -> None:
    done = calibrate(tmp_path, lsat6(tmp_path), "--model", "2pl", "--max-iterations", 2)

    assert done.exit_code == 1
    assert "the parameters still move after 2 iterations" in done.output
    assert report(tmp_path)["converged"] is False


def test_hopeless_items_are_all_named(tmp_path: Path) -> None:
    scores = np.array([[0, 1, 1, -1, 0], [1, 0, 1, -1, 2], [1, 1, 1, -1, 0]])

    done = calibrate(tmp_path, write(tmp_path / "r.csv", scores), "--model", "2pl")

    assert done.exit_code == 1
    assert "r.csv, line 1, column i3: all answers are 1: nothing to estimate" in done.output
    assert "r.csv, line 1, column i4: nobody answered; remove the column" in done.output
    assert "r.csv, line 1, column i5: the model has only 0 and 1, this item goes up to 2" in done.output
    assert not (tmp_path / "bank.csv").exists()


def test_no_file_is_written_over_one_that_is_read(tmp_path: Path) -> None:
    responses = lsat6(tmp_path)

    done = toise("calibrate", responses, "--model", "2pl", "--out", responses)

    assert done.exit_code == 1
    assert "is used twice" in done.output
    assert len(rows(responses)) == 1000


def test_sparse_files_and_weights_of_many_scores_are_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    scores = answers(rng, rng.normal(size=3000), "2pl", two_parameter_items(rng, 20))
    scores[rng.random(scores.shape) < 0.8] = -1

    done = calibrate(tmp_path, write(tmp_path / "r.csv", scores), "--model", "2pl", "--threads", 2)

    assert done.exit_code == 0, done.output
    assert report(tmp_path)["answers"] == np.count_nonzero(scores >= 0)
