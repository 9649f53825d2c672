"""Drawings: files of their kind that say what they show, the same twice, and what cannot be drawn is refused."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from matplotlib.image import imread

from app.console import told
from app.engine.empirical_curves import EmpiricalCurve
from app.psychometrics.bank import BankFile, BankItem
from app.psychometrics.model import BadFile
from app.psychometrics.plot_style import LONGEST, number
from app.psychometrics.plots import (
    SimulationFigures,
    locations,
    plot_information,
    plot_items,
    plot_simulation,
    plot_wright,
    ready,
)

MEANS = {
    "2pl": [0.2, -0.5],
    "gpcm": [0.0, -0.8, 0.1, 0.9],
    "grm": [0.3, -1.0, 0.2, -0.1],
    "nrm": [0.6, 1.4, 0.5, -0.8],
}
ABILITIES = np.random.default_rng(4).normal(size=(300, 1))
SIMULATED = SimulationFigures(
    ability=np.linspace(-2, 2, 5),
    bias=np.array([0.1, 0.05, 0.0, -0.05, -0.1]),
    rmse=np.full(5, 0.36),
    mean_se=np.full(5, 0.35),
    coverage=np.array([0.94, 0.95, 0.96, 0.95, 0.93]),
    coverage_error=np.full(5, 0.005),
    lengths=np.array([0, 0, 0, 5, 20, 10, 2]),
    exposure=np.array([0.25, 0.2, 0.1, 0.0, 0.0]),
    cap=0.25,
)


def bank(count: int, *models: str, domains: int = 1) -> BankFile:
    return BankFile(
        tuple(
            BankItem(f"q{index}", f"SN{index % domains + 1}", name, np.array(MEANS[name]), None)
            for index, name in zip(range(count), models * count, strict=False)
        )
    )


MIXED = bank(8, *MEANS)
DRAWINGS: dict[str, tuple[Callable[[Path], list[Path]], set[str]]] = {
    "items": (
        lambda path: plot_items(path, MIXED),
        {"Niveau θ (logits)", "Probabilité (0/1 : d’une bonne réponse)", "q0", "q7", "0,5"},
    ),
    "right answers": (lambda path: plot_items(path, bank(2, "2pl")), {"Probabilité d’une bonne réponse"}),
    "scores": (lambda path: plot_items(path, bank(2, "grm")), {"Probabilité de chaque score", "0", "1", "2", "3"}),
    "information": (
        lambda path: plot_information(path, bank(9, "2pl", "grm", domains=3)),
        {"Information du test (logits⁻²)", "Erreur type (logits)", "Niveau θ (logits)", "SN1", "SN3"},
    ),
    "information of one domain": (lambda path: plot_information(path, bank(9, "2pl")), {"Erreur type (logits)"}),
    "persons and questions": (
        lambda path: plot_wright(path, MIXED, ABILITIES),
        {"Niveau θ (logits)", "Personnes (300)", "Questions (8)", "q0", "q7"},
    ),
    "many questions": (lambda path: plot_wright(path, bank(1200, "2pl"), ABILITIES), {"Questions (1 200)"}),
    "many steps": (lambda path: plot_wright(path, bank(50, "grm"), ABILITIES), {"Seuils (150, de 50 questions)"}),
    "simulation": (
        lambda path: plot_simulation(path, SIMULATED),
        {"Longueur", "Erreur (logits)", "biais", "Exposition", "plafond 0,25", "Part qui contient le vrai niveau"},
    ),
}


@pytest.fixture(autouse=True)
def in_french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")


def texts(path: Path) -> set[str]:
    found = {"".join(node.itertext()) for node in ET.parse(path).iter("{http://www.w3.org/2000/svg}text")}
    return {plain(text) for text in found}


def plain(text: str) -> str:
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")


def refusal(path: Path, draw: Callable[[Path], object]) -> str:
    with pytest.raises(BadFile) as caught:
        draw(path)
    return plain(told(caught.value.place, caught.value.facts) + told(caught.value.cause, caught.value.facts))


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_says_what_it_shows(tmp_path: Path, name: str) -> None:
    draw, expected = DRAWINGS[name]
    (path,) = draw(tmp_path / "drawn.svg")
    assert expected - texts(path) == set()


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_the_same_to_the_byte_twice(tmp_path: Path, name: str) -> None:
    draw, _ = DRAWINGS[name]
    (one,), (other,) = draw(tmp_path / "one.svg"), draw(tmp_path / "other.svg")
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("name", ["items", "information", "persons and questions", "simulation"])
def test_a_drawing_as_png_is_an_image_with_something_on_it(tmp_path: Path, name: str) -> None:
    (path,) = DRAWINGS[name][0](tmp_path / "drawn.PNG")
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    image = imread(path, format="png")
    assert min(image.shape[:2]) > 300
    assert 0.005 < (image[..., :3].min(axis=2) < 0.9).mean() < 0.5


def test_numbers_and_dates_leave_no_trace_of_the_day_or_the_program(tmp_path: Path) -> None:
    (path,) = plot_simulation(tmp_path / "drawn.svg", SIMULATED)
    assert "<dc:date>" not in path.read_text(encoding="utf-8")


def test_more_than_twelve_items_take_more_than_one_file(tmp_path: Path) -> None:
    paths = plot_items(tmp_path / "items.svg", bank(25, "2pl"))
    assert [path.name for path in paths] == ["items-1.svg", "items-2.svg", "items-3.svg"]
    assert {"q12", "q23"} <= texts(paths[1])
    assert {"q11", "q24"} & texts(paths[1]) == set()


def test_a_wright_map_is_drawn_for_each_domain(tmp_path: Path) -> None:
    paths = plot_wright(tmp_path / "map.svg", bank(6, "2pl", domains=2), np.zeros((5, 2)))
    assert [path.name for path in paths] == ["map-1.svg", "map-2.svg"]
    assert {"SN2", "q1", "q5"} <= texts(paths[1])


def test_persons_without_a_finite_ability_are_counted(tmp_path: Path) -> None:
    theta = np.array([[0.0], [np.inf], [np.nan]])
    (path,) = plot_wright(tmp_path / "map.svg", MIXED, theta)
    assert {"Personnes (1)", "personnes sans niveau fini, non dessinées : 2"} <= texts(path)
    path = plot_wright(tmp_path / "map.svg", bank(2, "2pl", domains=2), np.repeat(theta, 2, axis=1))[0]
    assert "SN1 — personnes sans niveau fini, non dessinées : 2" in texts(path)


def test_what_was_observed_stands_beside_the_model(tmp_path: Path) -> None:
    share = np.array([[0.8, 0.2], [0.3, 0.7]])
    seen = EmpiricalCurve(np.array([-1.0, 1.0]), np.array([40.0, 10.0]), share, share, share * 0, 0.0)
    (path,) = plot_items(tmp_path / "items.svg", bank(1, "2pl"))
    without = path.read_text(encoding="utf-8")
    plot_items(path, bank(1, "2pl"), observed={"q0": seen})
    assert without.count("PathCollection") == 0
    assert path.read_text(encoding="utf-8").count("PathCollection") == 1


@pytest.mark.parametrize("name", ["$x_{$", "<b>&amp;", "\N{SNOWMAN} 質問", "x" * 40])
def test_any_name_can_be_drawn(tmp_path: Path, name: str) -> None:
    item = BankFile((BankItem(name, "SN1", "2pl", np.array([0.0, 0.0]), None),))
    for (path,) in (plot_items(tmp_path / "a.svg", item), plot_wright(tmp_path / "b.svg", item, ABILITIES)):
        assert (name if len(name) <= LONGEST else "x" * (LONGEST - 1) + "…") in texts(path)


def test_a_simulation_of_one_group_without_a_cap_is_drawn(tmp_path: Path) -> None:
    one = np.array([0.4])
    found = SimulationFigures(one * 0, one, one, one, one, one * 0, np.array([0, 7]), np.array([1.0, 1.0]))
    (path,) = plot_simulation(tmp_path / "one.svg", found)
    assert not any(text.startswith("plafond") for text in texts(path))


@pytest.mark.parametrize(
    ("name", "mean", "expected"),
    [
        ("rasch", [0.4], [0.4]),
        ("4pl", [0.0, 0.4, -1.0, 2.0], [0.4]),
        ("grm", [0.0, -1.0, 0.0], [-1.0, 0.0]),
        ("gpcm", [0.0, 1.0, 0.0], [1.0, 0.0]),
        ("nrm", [2.0, 1.0, 3.0, 1.0, 0.0, 4.0], [-0.5, -2.0]),
    ],
)
def test_where_an_item_separates_persons(name: str, mean: list[float], expected: list[float]) -> None:
    np.testing.assert_allclose(locations(BankItem("q", "1", name, np.array(mean), None)), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("language", "expected"), [("fr_FR.UTF-8", "−1 234,5"), ("en_GB.UTF-8", "−1,234.5")], ids=["French", "English"]
)
def test_numbers_are_in_the_reader_s_language(monkeypatch: pytest.MonkeyPatch, language: str, expected: str) -> None:
    monkeypatch.setenv("LC_ALL", language)
    assert number(-1234.5).replace("\N{NARROW NO-BREAK SPACE}", " ") == expected


@pytest.mark.parametrize("name", ["drawn.pdf", "drawn", "drawn.svgz"])
def test_another_ending_is_refused_by_name(tmp_path: Path, name: str) -> None:
    said = refusal(tmp_path / name, lambda path: plot_items(path, MIXED))
    assert ".svg, .png" in said
    assert Path(name).suffix in said
    assert list(tmp_path.iterdir()) == []


def test_a_missing_matplotlib_is_refused_with_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert 'pip install "toise[plot]"' in refusal(tmp_path / "drawn.svg", ready)


def test_a_bank_of_too_many_pages_is_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path / "drawn.svg", lambda path: plot_items(path, bank(601, "2pl")))
    assert "au plus 600" in said


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    assert "drawn.svg" in refusal(tmp_path / "no" / "drawn.svg", lambda path: plot_simulation(path, SIMULATED))


def test_matplotlib_is_not_loaded_before_something_is_drawn() -> None:
    script = "import sys, app.psychometrics.plots; sys.exit('matplotlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
