"""``toise link``: a bank on another scale, what drifted, what it refuses."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import Result

from app.engine.families import FAMILIES
from app.engine.linking import METHODS
from app.engine.rescaling import rescale
from app.psychometrics.bank_file import read_bank
from tests.engine.fit_cases import Item
from tests.psychometrics.analysis_files import read, toise, two_parameter, write_bank

ITEMS = two_parameter(12)


def moved(items: list[Item], slope: float = 1.25, intercept: float = -0.3) -> list[Item]:
    return [(model, rescale(model, xi, slope, intercept).mean) for model, xi in items]


def link(folder: Path, *options: object) -> Result:
    files = ("--from", folder / "old.csv", "--to", folder / "new.csv")
    return toise("link", *files, "--out", folder / "linked.csv", "--report", folder / "report.json", *options)


def two_banks(folder: Path, *, harder: float = 0.0) -> None:
    """The new bank has eight of the old one's items and one of its own, on another scale; the third got harder."""
    there = moved(ITEMS)[:8]
    there[2] = (there[2][0], there[2][1] + [0, harder])
    write_bank(folder / "old.csv", ITEMS, se=0.05)
    names = [f"q{k}" for k in range(8)]
    write_bank(folder / "new.csv", [*there, two_parameter(1)[0]], se=0.05, names=[*names, "other"])


@pytest.mark.parametrize("method", METHODS)
def test_the_bank_is_carried_onto_the_other_scale(tmp_path: Path, method: str) -> None:
    two_banks(tmp_path)
    done = link(tmp_path, "--method", method)
    assert done.exit_code == 0, done.output
    assert "Aucune question commune n’a dérivé." in done.output
    (domain,) = read(tmp_path / "report.json")["domains"]
    assert (domain["slope"], domain["intercept"]) == pytest.approx((1.25, -0.3), abs=1e-5)
    assert (domain["items"], domain["common"]) == (12, 8)
    for found, (_, xi) in zip(read_bank(tmp_path / "linked.csv").items, moved(ITEMS), strict=True):
        np.testing.assert_allclose(found.mean, xi, atol=1e-4)


def test_carried_items_are_less_certain_by_the_links_error(tmp_path: Path) -> None:
    two_banks(tmp_path)
    link(tmp_path)
    found = read_bank(tmp_path / "linked.csv").items[0].covariance
    (domain,) = read(tmp_path / "report.json")["domains"]
    assert found is not None
    b = ITEMS[0][1][1]
    assert found[1, 1] >= (1.25 * 0.05) ** 2
    assert domain["slope_se"] > 0
    assert np.isfinite(b)


def said_of_errors(folder: Path, *options: str) -> tuple[str, dict[str, Any]]:
    done = link(folder, *options)
    assert done.exit_code == 0, done.output
    (domain,) = read(folder / "report.json")["domains"]
    return done.output.replace("\N{NO-BREAK SPACE}", " ").replace("’", "'"), domain


def with_covariances(path: Path, value: float) -> None:
    header, *lines = path.read_text().splitlines()
    path.write_text("\n".join([header + ",cov_a_b", *(f"{line},{value}" for line in lines)]))


def test_the_jackknifes_errors_come_first_and_the_delta_methods_are_called_a_lower_bound(tmp_path: Path) -> None:
    two_banks(tmp_path)
    for name in ("old.csv", "new.csv"):
        with_covariances(tmp_path / name, 0.0005)
    said, domain = said_of_errors(tmp_path)
    assert said.index("jackknife") < said.index("Par la méthode delta")
    assert f"{domain['slope_se']:.3f} et {domain['intercept_se']:.3f} au moins" in said
    assert (domain["covariances_between_items"], domain["covariances_within_items"]) == (False, True)


def test_standard_errors_without_any_covariance_are_not_called_a_bound(tmp_path: Path) -> None:
    two_banks(tmp_path)
    with_covariances(tmp_path / "new.csv", 0.0005)
    said, domain = said_of_errors(tmp_path)
    assert "à peu près, car BANK.csv ne donne ni" in said
    assert not domain["covariances_within_items"]


def test_items_of_one_parameter_have_no_covariance_to_miss(tmp_path: Path) -> None:
    for name, shift in (("old.csv", 0.0), ("new.csv", 0.4)):
        rows = [f"q{k},rasch,{k / 2 + shift},0.1" for k in range(5)]
        (tmp_path / name).write_text("\n".join(["item,model,b,se_b", *rows]))
    said, domain = said_of_errors(tmp_path, "--method", "mean-mean")
    assert domain["covariances_within_items"]
    assert "0.063 au moins" in said


def test_banks_without_standard_errors_leave_the_delta_methods_unknown(tmp_path: Path) -> None:
    for name in ("old.csv", "new.csv"):
        write_bank(tmp_path / name, ITEMS[:5])
    assert "Par la méthode delta : inconnues" in said_of_errors(tmp_path)[0]


def test_an_item_that_drifted_is_named_and_does_not_make_the_link(tmp_path: Path) -> None:
    two_banks(tmp_path, harder=1.0)
    done = link(tmp_path)
    (domain,) = read(tmp_path / "report.json")["domains"]
    assert [row["item"] for row in domain["drift"] if row["drifted"]] == ["q2"]
    assert [row["item"] for row in domain["drift"] if not row["anchor"]] == ["q2"]
    assert domain["slope"] == pytest.approx(1.25, abs=1e-3)
    assert "q2 » est devenue plus difficile" in done.output.replace("\N{NO-BREAK SPACE}", " ")


def test_all_common_items_make_the_link_when_asked(tmp_path: Path) -> None:
    two_banks(tmp_path, harder=-1.0)
    done = link(tmp_path, "--keep-all")
    (domain,) = read(tmp_path / "report.json")["domains"]
    assert all(row["anchor"] for row in domain["drift"])
    assert abs(domain["slope"] - 1.25) > 1e-2
    assert "q2 » est devenue plus facile" in done.output.replace("\N{NO-BREAK SPACE}", " ")


def test_each_domain_has_its_own_link_and_exact_items_stay_exact(tmp_path: Path) -> None:
    rows = ["item,domain,model,a,b"]
    other = list(rows)
    for domain, slope, intercept in (("A", 1.25, -0.3), ("B", 0.8, 0.5)):
        for number, (model, xi) in enumerate(ITEMS[:5]):
            for lines, here in ((rows, xi), (other, rescale(model, xi, slope, intercept).mean)):
                a, b = FAMILIES[model].natural(here)
                lines.append(f"{domain}{number},{domain},{model},{a},{b}")
    (tmp_path / "old.csv").write_text("\n".join(rows))
    (tmp_path / "new.csv").write_text("\n".join(other))
    done = link(tmp_path, "--json")
    report = json.loads(done.stdout)
    assert report == read(tmp_path / "report.json")
    found = [(domain["slope"], domain["intercept"]) for domain in report["domains"]]
    np.testing.assert_allclose(found, [(1.25, -0.3), (0.8, 0.5)], atol=1e-5)
    assert all(item.covariance is None for item in read_bank(tmp_path / "linked.csv").items)


@pytest.mark.parametrize(
    ("old", "new", "options", "said"),
    [
        ("q1,2pl,1,0", "q2,2pl,1,0", (), "old.csv : domaine 1 : 0 question commune avec new.csv, il en faut 1"),
        (
            "q1,2pl,1,0",
            "q1,2pl,1,0",
            ("--method", "mean-sigma"),
            "domaine 1 : 1 question commune avec new.csv, il en faut 2",
        ),
        ("q1,2pl,1,0,,", "q1,gpcm,1,,0,1", (), "old.csv : « q1 » a 2 catégories, et 3 dans new.csv"),
        ("q1,nrm,,,,,1,1", "q1,nrm,,,,,1,1", ("--method", "mean-mean"), "old.csv : « q1 » est nominale"),
        ("q1,2pl,1,0\nq2,2pl,1,0", "q1,2pl,1,0\nq2,2pl,1,1", ("--method", "mean-sigma"), "sont toutes égales"),
        ("q1,2pl,-1,0", "q1,2pl,1,0", (), "old.csv, ligne 2, colonne a : une pente est positive"),
    ],
)
def test_banks_that_cannot_be_linked_are_refused(
    tmp_path: Path, old: str, new: str, options: tuple[str, ...], said: str
) -> None:
    for name, row in (("old.csv", old), ("new.csv", new)):
        (tmp_path / name).write_text(f"item,model,a,b,b1,b2,a1,c1\n{row}\n")
    done = link(tmp_path, *options)
    assert done.exit_code == 1
    assert said in done.output.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert not (tmp_path / "linked.csv").exists()


def test_a_bank_is_not_overwritten(tmp_path: Path) -> None:
    two_banks(tmp_path)
    assert link(tmp_path, "--out", tmp_path / "new.csv").exit_code == 1
