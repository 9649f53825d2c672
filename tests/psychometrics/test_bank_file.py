"""BANK.csv: every family there and back in either metric, and every bad cell by its place."""

import csv
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.console import told
from app.engine.grid import make_grid
from app.psychometrics.bank import BankFile, BankItem
from app.psychometrics.bank_columns import Metric
from app.psychometrics.bank_file import read_bank
from app.psychometrics.bank_writer import FIRST, write_bank
from app.psychometrics.model import BadFile
from tests.engine.families import NAMES
from tests.psychometrics.banks import bank_items, banks, same

metrics: st.SearchStrategy[Metric] = st.sampled_from(["logistic", "normal"])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("banks") / "bank.csv"


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def refusal(path: Path, content: str | bytes) -> BadFile:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BadFile) as caught:
        read_bank(path)
    return caught.value


def in_french(error: BadFile) -> str:
    """What a person reads, in the typewriter's quotes and spaces."""
    sentence = f"{told(error.place, error.facts)} {told(error.cause, error.facts)}"
    return sentence.replace("\N{NO-BREAK SPACE}", " ").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data(), metric=metrics)
def test_an_item_written_is_read_back(place: Path, name: str, data: st.DataObject, metric: Metric) -> None:
    item = data.draw(bank_items(name))
    write_bank(place, BankFile((item,)), metric=metric)
    (found,) = read_bank(place).items
    same(found, item)


@given(bank=banks(), metric=metrics)
def test_a_bank_of_mixed_families_is_read_back(place: Path, bank: BankFile, metric: Metric) -> None:
    write_bank(place, bank, metric=metric)
    found = read_bank(place)
    assert found.domains == bank.domains
    for one, other in zip(found.items, bank.items, strict=True):
        same(one, other)


@given(bank=banks(), metric=metrics)
def test_a_bank_read_and_written_again_is_the_same_file(place: Path, bank: BankFile, metric: Metric) -> None:
    """Up to the last digits of the numbers, which go through logarithms."""
    again = place.with_name("again.csv")
    write_bank(place, bank, metric=metric)
    write_bank(again, read_bank(place), metric=metric)
    first, second = (rows(path) for path in (place, again))
    for one, other in zip(first, second, strict=True):
        assert [one[name] for name in FIRST] == [other[name] for name in FIRST]
        filled = [name for name, text in one.items() if text and name not in FIRST]
        found, expected = (np.array([float(row[name]) for name in filled]) for row in (other, one))
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-12)


def test_the_file_says_its_metric_and_names_its_columns(place: Path) -> None:
    two = BankItem("q1", "SN1", "2pl", np.array([np.log(1.7), 0.5]), np.diag([0.04, 0.25]))
    three = BankItem("q2", "SN2", "nrm", np.array([1.7, -0.85, 0.2, 0.1]), None)
    write_bank(place, BankFile((two, three)), metric="normal")
    assert place.read_text(encoding="utf-8").splitlines() == [
        "item,domain,model,metric,a,b,a1,a2,c1,c2,se_a,se_b",
        "q1,SN1,2pl,normal,1.0,0.5,,,,,0.2,0.5",
        "q2,SN2,nrm,normal,,,1.0,-0.5,0.2,0.1,,",
    ]


def test_slopes_in_the_normal_metric_are_multiplied_row_by_row(place: Path) -> None:
    text = "item,model,metric,a,b,se_a,cov_a_b,se_b\nq1,2pl,normal,1,0.5,0.1,0.02,0.5\nq2,2pl,,1.7,0.5,0.17,0.034,0.5\n"
    one, other = read_bank(written(place, text)).items
    same(BankItem("q2", "1", "2pl", one.mean, one.covariance), other, tolerance=1e-14)
    assert np.exp(other.mean[0]) == pytest.approx(1.7)


def test_a_model_of_unit_slope_is_written_in_its_own_metric(place: Path) -> None:
    write_bank(place, BankFile((BankItem("q1", "1", "rasch", np.array([0.3]), None),)), metric="normal")
    assert place.read_text(encoding="utf-8").splitlines()[1] == "q1,1,rasch,logistic,0.3"


def test_standard_errors_are_carried_to_first_order(place: Path) -> None:
    text = "item,model,a,b,c,se_a,se_b,se_c,cov_a_c\nq1,3pl,2,0.5,0.2,0.1,0.3,0.04,0.002\n"
    (item,) = read_bank(written(place, text)).items
    slope = 1 / (0.2 * 0.8)
    expected = [[0.0025, 0, 0.002 / 2 * slope], [0, 0.09, 0], [0.002 / 2 * slope, 0, (0.04 * slope) ** 2]]
    assert item.covariance is not None
    np.testing.assert_allclose(item.covariance, np.array(expected), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("row", "model", "mean"),
    [
        ("1pl,,0.3,,", "1pl", [0.3]),
        ("1pl,1.5,0.3,,", "2pl", [np.log(1.5), 0.3]),
        (",1.5,0.3,,", "2pl", [np.log(1.5), 0.3]),
        (",1.5,,-0.5,0.5", "gpcm", [np.log(1.5), -0.5, 0.5]),
        ("GRM,1.5,,-0.5,0.5", "grm", [np.log(1.5), -0.5, 0.0]),
        ("pcm,1,,-0.5,0.5", "pcm", [-0.5, 0.5]),
    ],
)
def test_what_a_row_leaves_out(place: Path, row: str, model: str, mean: list[float]) -> None:
    (item,) = read_bank(written(place, f"item,model,a,b,b1,b2\nq1,{row}\n")).items
    assert item.model == model
    np.testing.assert_allclose(item.mean, mean, atol=1e-15)
    assert item.categories == (3 if "b1" in item.family.natural_parameters(item.categories) else 2)


def test_ten_steps_are_read_in_the_order_of_their_numbers(place: Path) -> None:
    names = [f"b{number}" for number in (10, 2, 1, 3, 4, 5, 6, 7, 8, 9)]
    values = ",".join(str(int(name[1:]) / 10) for name in names)
    (item,) = read_bank(written(place, f"item,model,{','.join(names)}\nq1,pcm,{values}\n")).items
    np.testing.assert_allclose(item.mean, np.arange(1, 11) / 10)


REFUSED: dict[str, tuple[str, str]] = {
    "item,model,a,b\nq1,2pl,-1,0\n": ("ligne 2, colonne a :", "une pente est positive"),
    "item,model,a,b\nq1,2pl,0,0\n": ("ligne 2, colonne a :", "une clé fausse"),
    "item,model,a,b\nq1,2pl,1,0\nq2,2pl,nan,0\n": ("ligne 3, colonne a :", "un nombre fini"),
    "item,model,a,b\nq1,2pl,1,-inf\n": ("ligne 2, colonne b :", "un nombre fini"),
    "item,model,a,b\nq1,2pl,1,1e9\n": ("ligne 2, colonne b :", "entre -1000 et 1000"),
    "item,model,a,b\nq1,2pl,1_0,0\n": ("ligne 2, colonne a :", "un nombre à point décimal"),
    "item,model,a,b\nq1,2pl,NA,0\n": ("ligne 2, colonne a :", "reçu : « NA »"),
    'item,model,a,b\nq1,2pl,"1,5",0\n': ("ligne 2, colonne a :", "un nombre à point décimal"),
    "item,model,a,b\nq1,2pl,1,\n": ("ligne 2, colonne b :", "cette case est vide"),
    "item,model,a,b\n,2pl,1,0\n": ("ligne 2, colonne item :", "cette case est vide"),
    "item,model,a,b,c\nq1,3pl,1,0,1\n": ("ligne 2, colonne c :", "entre 0 et 1"),
    "item,model,a,b,c\nq1,3pl,1,0,0\n": ("ligne 2, colonne c :", "2pl s'il n'y en a pas"),
    "item,model,a,b,c,d\nq1,4pl,1,0,0.3,0.3\n": ("ligne 2, colonne d :", "entre c = 0.3 et 1"),
    "item,model,a,b,c,d\nq1,4pl,1,0,0.3,1\n": ("ligne 2, colonne d :", "3pl s'il n'y en a pas"),
    "item,model,a,b,c,d\nq1,4pl,1,0,0.3,\n": ("ligne 2, colonne d :", "cette case est vide"),
    "item,model,a,b,d\nq1,2pl,1,0,0.9\n": ("ligne 2, colonne d :", "vide ou vaut 1"),
    "item,model,a,b,c\nq1,2pl,1,0,0.2\n": ("ligne 2, colonne c :", "vide ou vaut 0"),
    "item,model,a,b,se_c\nq1,2pl,1,0,0.2\n": ("ligne 2, colonne se_c :", "vide ou vaut 0"),
    "item,model,a,b\nq1,rasch,1.3,0\n": ("ligne 2, colonne a :", "vide ou vaut 1"),
    "item,model,a,b,b1\nq1,2pl,1,0,1\n": ("ligne 2, colonne b1 :", "n'a pas ce paramètre"),
    "item,model,a,b,b1\nq1,gpcm,1,0,1\n": ("ligne 2, colonne b :", "n'a pas ce paramètre"),
    "item,model,a,b\nq1,5pl,1,0\n": ("ligne 2, colonne model :", "rasch, 1pl, 2pl, 3pl, 4pl, pcm, gpcm, grm, nrm"),
    "item,model,metric,a,b\nq1,2pl,probit,1,0\n": ("ligne 2, colonne metric :", "logistic, normal"),
    "item,model,metric,b\nq1,rasch,normal,0\n": ("ligne 2, colonne metric :", "prenez le modèle 1pl"),
    "item,model,metric,b1\nq1,pcm,normal,0\n": ("ligne 2, colonne metric :", "prenez le modèle gpcm"),
    "item,model,a,b1,b2,b3\nq1,grm,1,0,-0.5,1\n": ("ligne 2, colonne b2 :", "b1 = 0 puis b2 = -0.5"),
    "item,model,a,b1,b2,b3\nq1,grm,1,0,1,1\n": ("ligne 2, colonne b3 :", "ceux du modèle gpcm"),
    "item,model,a,b1,b3\nq1,gpcm,1,0,1\n": ("ligne 2, colonne b1 :", "sans trou"),
    "item,model,a,b1,b2\nq1,gpcm,1,,1\n": ("ligne 2, colonne b1 :", "sans trou"),
    "item,model,a,b\nq1,pcm,,0\n": ("ligne 2, colonne b1 :", "sans trou"),
    "item,model,a1,a2,c1\nq1,nrm,1,2,0\n": ("ligne 2, colonne c2 :", "reçu : 2 et 1"),
    "item,model,a1,a2,c1,c2\nq1,nrm,1,2,,\n": ("ligne 2, colonne c1 :", "sans trou"),
    "item,a1,d,g,u\nq1,1.2,0.5,0,1\n": ("ligne 2, colonne a1 :", "b = -d / a1"),
    "item,model,a1,d1,d2\nq1,grm,1.2,0.5,-1\n": ("ligne 2, colonne a1 :", "coef(fit, IRTpars = TRUE)"),
    "item,model,a,b,a1\nq1,2pl,1,0,1\n": ("ligne 2, colonne a1 :", "n'a pas ce paramètre"),
    "item;model;a;b\nq1;2pl;1;0\n": ("ligne 1 :", "des points-virgules"),
    "item;model;a;b\nq1;2pl;1,5;0\n": ("ligne 1 :", "des points-virgules"),
    "item\tmodel\ta\tb\nq1\t2pl\t1\t0\n": ("ligne 1 :", "des tabulations"),
    "item,model,a,b\nq1,2pl,1,0\n\nq1,2pl,1,0\n": ("ligne 4, colonne item :", "sert déjà ligne 2"),
    "item,model,a,b,se_a\nq1,2pl,1,0,-1\n": ("ligne 2, colonne se_a :", "négatif"),
    "item,model,a,b,se_a\nq1,2pl,1,0,0.1\nq2,2pl,0.001,0,0.1\n": ("ligne 3, colonne se_a :", "n'est pas connu"),
    "item,model,a,b,se_a,se_b,cov_a_b\nq1,2pl,1,0,0.1,0.1,0.5\n": ("ligne 2 :", "une matrice de covariance"),
    "item,model,a,b,cov_a_b\nq1,2pl,1,0,-0.5\n": ("ligne 2 :", "une matrice de covariance"),
    "item,model,a,b\nq1,2pl,1,0,7\n": ("ligne 2 :", "5 cases pour 4 colonnes"),
    "item,a,a\nq1,1,1\n": ("ligne 1, colonne a :", "deux fois"),
    "name,a,b\nq1,1,1\n": ("ligne 1 :", "une colonne nommée item"),
    "item,a,b\n": ("bank.csv :", "aucune question"),
    "": ("ligne 1 :", "une colonne nommée item"),
    'item,a,b\n"q1,1,1\n': ("ligne 2 :", "ligne illisible"),
}


@pytest.mark.parametrize("content", REFUSED)
def test_a_bad_bank_is_refused_where_it_is_bad(tmp_path: Path, content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    where, why = REFUSED[content]
    sentence = in_french(refusal(tmp_path / "bank.csv", content))
    assert sentence.startswith("bank.csv")
    assert where in sentence
    assert why in sentence


@pytest.mark.parametrize(("lines", "row"), [(1, 2), (3, 4), (4_000, 4_001)])
def test_another_encoding_is_refused_by_its_line(tmp_path: Path, lines: int, row: int) -> None:
    """Also where text is decoded in blocks of many lines."""
    good = "".join(f"q{number},2pl,1,0\n" for number in range(1, lines))
    content = f"item,model,a,b\n{good}bé,2pl,1,0\nfin,2pl,1,0\n".encode("latin-1")
    error = refusal(tmp_path / "bank.csv", content)
    assert (error.facts["row"], error.facts["byte"]) == (row, "0xe9")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_refused(tmp_path: Path, encoding: str) -> None:
    error = refusal(tmp_path / "bank.csv", "item,model,a,b\nq1,2pl,1,0\n".encode(encoding))
    assert error.facts["row"] == 1


def test_a_byte_order_mark_and_windows_line_ends_are_read(place: Path) -> None:
    place.write_bytes("item,model,a,b\r\nq1,2pl,1,0\r\n".encode("utf-8-sig"))
    assert [item.id for item in read_bank(place).items] == ["q1"]


@pytest.mark.parametrize("wide", [{"se_a": 9.9}, {"se_b": 9.9}, {"se_c": 1.5}])
def test_the_widest_posteriors_that_are_read_can_be_used(place: Path, wide: dict[str, Any]) -> None:
    names = ",".join(wide)
    values = ",".join(str(value) for value in wide.values())
    bank = read_bank(written(place, f"item,model,a,b,c,{names}\nq1,3pl,1,0,0.2,{values}\n"))
    p = np.exp(bank.tables(make_grid()).log_p)
    np.testing.assert_allclose(p.sum(axis=0), 1, atol=1e-12)


@pytest.mark.parametrize("where", ["nowhere/bank.csv", "."])
def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path, where: str) -> None:
    bank = BankFile((BankItem("q1", "1", "rasch", np.array([0.3]), None),))
    with pytest.raises(BadFile, match="bad-file"):
        write_bank(tmp_path / where, bank)
    assert list(tmp_path.iterdir()) == []


def test_a_hundred_thousand_items_take_seconds(place: Path) -> None:
    """Against reading the same cells by themselves, so that a slow machine is no failure."""
    rng = np.random.default_rng(0)
    numbers = rng.uniform(0.5, 1.5, size=(100_000, 4))
    lines = "".join(f"q{i},SN1,2pl,{a},{b},{c / 10},{d / 10}\n" for i, (a, b, c, d) in enumerate(numbers))
    written(place, f"item,domain,model,a,b,se_a,se_b\n{lines}")
    started = time.perf_counter()
    assert len(rows(place)) == 100_000
    bare, started = time.perf_counter() - started, time.perf_counter()
    assert len(read_bank(place).items) == 100_000
    assert time.perf_counter() - started < 30 * bare
