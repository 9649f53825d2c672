"""``--plot`` of the commands: what each draws of its files, and what is refused before any work."""

import json
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from app.psychometrics.bank_file import read_bank
from tests.engine.calibration_cases import answers, two_parameter_items
from tests.psychometrics.analysis_files import toise, write_groups, write_sheet

XI = two_parameter_items(np.random.default_rng(1), 14)
NAMES = [f"q{number}" for number in range(14)]


@pytest.fixture
def responses(tmp_path: Path) -> Path:
    """Three hundred persons, fourteen items of which the last has not been seen by all."""
    rng = np.random.default_rng(2)
    scores = answers(rng, rng.normal(size=300), "2pl", XI)
    scores[:200, 13] = -1
    return write_sheet(tmp_path / "responses.csv", scores)


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    lines = [f"{name},{float(np.exp(a))!r},{float(b)!r},.1,.1" for name, (a, b) in zip(NAMES, XI, strict=True)]
    path = tmp_path / "bank.csv"
    path.write_text("\n".join(["item,a,b,se_a,se_b", *lines]) + "\n")
    return path


def texts(path: Path) -> set[str]:
    return {"".join(each.itertext()).strip() for each in ET.parse(path).iter("{http://www.w3.org/2000/svg}text")}


def observed(path: Path) -> int:
    """Items whose observed shares are drawn as points."""
    return path.read_text(encoding="utf-8").count("PathCollection")


def test_calibrate_draws_item_curves_on_pages_of_twelve(tmp_path: Path, responses: Path) -> None:
    done = toise("calibrate", responses, "--model", "2pl", "--out", tmp_path / "b.csv", "--plot", tmp_path / "i.svg")

    assert done.exit_code == 0, done.output
    assert set(NAMES[:12]) <= texts(tmp_path / "i-1.svg")
    assert set(NAMES[12:]) <= texts(tmp_path / "i-2.svg")
    assert f"{tmp_path / 'i-1.svg'}, {tmp_path / 'i-2.svg'}" in done.output
    assert observed(tmp_path / "i-1.svg") == 0


def test_calibrate_draws_as_many_kinds_as_are_asked(tmp_path: Path, responses: Path) -> None:
    asked = ["--plot", f"information={tmp_path / 'f.svg'}", "--plot", f"wright={tmp_path / 'w.svg'}"]

    done = toise("calibrate", responses, "--model", "2pl", "--out", tmp_path / "b.csv", *asked)

    assert done.exit_code == 0, done.output
    assert "Information du test (logits⁻²)" in texts(tmp_path / "f.svg")
    assert {"Personnes (300)", "Questions (14)", *NAMES} <= texts(tmp_path / "w.svg")


def bars(path: Path) -> str:
    """The left half of a Wright map: everything that depends on the persons alone."""
    return path.read_text(encoding="utf-8").split('id="axes_2"')[0]


@pytest.mark.parametrize("model", ["2pl", "1pl"])
def test_persons_of_a_calibration_stand_where_scoring_puts_them(tmp_path: Path, responses: Path, model: str) -> None:
    files = ["--out", tmp_path / "b.csv", "--prior", tmp_path / "p.json"]
    toise("calibrate", responses, "--model", model, *files, "--plot", f"wright={tmp_path / 'c.svg'}")

    scored = ["--bank", tmp_path / "b.csv", "--prior", tmp_path / "p.json", "--out", tmp_path / "s.csv"]
    done = toise("score", responses, *scored, "--plot", tmp_path / "s.svg")

    assert done.exit_code == 0, done.output
    assert bars(tmp_path / "c.svg") == bars(tmp_path / "s.svg")
    assert str(tmp_path / "s.svg") in done.output


def test_persons_stand_in_the_distribution_of_their_own_group(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    group = np.arange(400) % 2
    scores = answers(rng, rng.normal(3.0 * group - 1.5, 0.5), "2pl", XI)
    scores[:, 1:][rng.random((400, 13)) < 0.8] = -1
    responses = write_sheet(tmp_path / "r.csv", scores)
    groups = write_groups(tmp_path / "g.csv", ["low" if each == 0 else "high" for each in group])
    files = ["--groups", groups, "--out", tmp_path / "b.csv", "--prior", tmp_path / "p.json"]
    done = toise("calibrate", responses, "--model", "rasch", *files, "--plot", f"wright={tmp_path / 'c.svg'}")
    assert done.exit_code == 0, done.output

    scored = ["--bank", tmp_path / "b.csv", "--prior", tmp_path / "p.json", "--out", tmp_path / "s.csv"]
    toise("score", responses, *scored, "--plot", tmp_path / "s.svg")

    assert bars(tmp_path / "c.svg") != bars(tmp_path / "s.svg")


def test_fit_draws_what_was_answered_beside_the_curves(tmp_path: Path, responses: Path, bank: Path) -> None:
    files = ["--bank", bank, "--report", tmp_path / "fit.json"]
    asked = ["--plot", tmp_path / "i.svg", "--plot", f"wright={tmp_path / 'w.svg'}"]

    done = toise("fit", responses, *files, *asked)

    assert done.exit_code == 0, done.output
    assert (observed(tmp_path / "i-1.svg"), observed(tmp_path / "i-2.svg")) == (12, 2)
    assert "Personnes (300)" in texts(tmp_path / "w.svg")
    assert str(tmp_path / "i-2.svg") in done.output


def test_simulate_draws_its_report(tmp_path: Path, bank: Path) -> None:
    policy = tmp_path / "policy.json"
    rules = {"at_least": 4, "at_most": 4}
    content = {"length": rules, "per_domain": rules, "per_competence": rules, "exposure_cap": 0.4}
    policy.write_text(json.dumps(content))
    asked = ["--policy", policy, "--n", 150, "--plot", tmp_path / "s.svg"]

    done = toise("simulate", "--bank", bank, *asked)

    assert done.exit_code == 0, done.output
    found = texts(tmp_path / "s.svg")
    assert {"Longueur", "Erreur", "Exposition", "Questions posées (en moyenne 4)", "plafond 0,4"} <= found
    assert str(tmp_path / "s.svg") in done.output


def test_drawings_leave_json_alone(tmp_path: Path, responses: Path, bank: Path) -> None:
    files = ["--bank", bank, "--out", tmp_path / "s.csv"]

    done = toise("score", responses, *files, "--json", "--plot", tmp_path / "s.png")

    assert json.loads(done.stdout)["persons"] == 300
    assert (tmp_path / "s.png").read_bytes().startswith(b"\x89PNG")


COMMANDS = {
    "calibrate": ["calibrate", "responses.csv", "--model", "2pl", "--out", "out.csv"],
    "score": ["score", "responses.csv", "--bank", "bank.csv", "--out", "out.csv"],
    "fit": ["fit", "responses.csv", "--bank", "bank.csv", "--report", "out.csv"],
    "simulate": ["simulate", "--bank", "bank.csv", "--report", "out.csv"],
}


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("drawn.pdf", "drawn.pdf : un dessin se termine par .svg, .png"),
        ("curves=drawn.svg", "--plot : dessin inconnu : « curves » ; attendu : "),
        ("out.svg", "out.svg est un des fichiers"),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_any_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, asked: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)  # where no file is, so that reading one would be refused for that
    words = [word.replace("out.csv", "out.svg") for word in COMMANDS[name]]

    done = toise(*words, "--plot", asked)

    assert done.exit_code == 1
    assert said in done.output.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_missing_matplotlib_is_refused_before_any_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    done = toise(*COMMANDS[name], "--plot", "drawn.svg")

    assert done.exit_code == 1
    assert 'pip install "toise[plot]"' in done.output


def test_a_path_with_an_equals_sign_follows_its_kind(tmp_path: Path, responses: Path) -> None:
    asked = ["--plot", f"information={tmp_path / 'a=b.svg'}"]

    toise("calibrate", responses, "--model", "2pl", "--out", tmp_path / "b.csv", *asked)

    assert len(read_bank(tmp_path / "b.csv").items) == 14
    assert (tmp_path / "a=b.svg").exists()
