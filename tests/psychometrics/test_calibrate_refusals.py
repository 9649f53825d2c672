"""``toise calibrate`` refuses what it cannot use, and says where it is and what to do."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app

GOOD = "person,i1,i2\np1,0,1\np2,1,0\np3,1,1\np4,0,0\n"


THREE = "person,i1,i2,i3\np1,0,1,1\np2,1,0,0\np3,1,1,0\np4,0,0,1\n"
DOMAINS, ANCHORS, PRIORS, GROUPS = (["--domains", "m"], ["--anchors", "b"], ["--priors", "p"], ["--groups", "g"])


@pytest.mark.parametrize(
    ("files", "options", "message"),
    [
        ({"r": "person,i1,i2\n"}, [], "r.csv: no person"),
        ({"r": "person,i1,i2\np1,0,1.5\n"}, [], "r.csv, line 2, column i2: expected: a whole number"),
        ({"m": "item,area\ni1,x\n"}, DOMAINS, "m.csv, line 1: the header must have a column named domain"),
        ({"m": "item,domain\ni1,x\n"}, DOMAINS, "m.csv: a row for the item “i2” is missing"),
        ({"m": "item,domain\ni1,x\ni2,\n"}, DOMAINS, "m.csv, line 3, column domain: this cell is empty"),
        ({"m": "item,domain\ni1,x\ni1,y\n"}, DOMAINS, "m.csv, line 3, column item: “i1” is there twice"),
        ({"m": "item;domain\ni1;x\n"}, DOMAINS, "semicolons"),
        ({"m": "item,domain,model\ni1,x,5pl\ni2,x,\n"}, DOMAINS, "there is no model “5pl”"),
        ({"m": "item,domain,model\ni1,x,1pl\ni2,x,\n"}, DOMAINS, "m.csv, i2: in a domain where items share one slope"),
        ({"g": "person,group\np1,x\n"}, GROUPS, "g.csv: a row for the person “p2” is missing"),
        (
            {"g": "person,group\np1,x\np2,y\np3,x\np4,y\n"},
            [*GROUPS, "--reference", "z"],
            "nobody is in the group “z”; there are: x, y",
        ),
        (
            {"g": "person,group\np1,x\np2,y\np3,x\np4,y\n"},
            [*GROUPS, "--model", "1pl"],
            "g.csv: with groups, take rasch or 2pl",
        ),
        ({}, ["--reference", "z"], "--reference is of use only with --groups"),
        ({"b": "item,a,b\nother,1,0\n"}, ANCHORS, "none of these items is in the file of responses"),
        (
            {"r": "person,i1,i2\np1,0,2\np2,1,0\n", "b": "item,a,b\ni2,1,0\n"},
            ANCHORS,
            "score 2, while the anchor goes up to 1 only",
        ),
        (
            {"r": THREE, "b": "item,domain,a,b\ni1,x,1,0\ni2,y,1,0\n"},
            ANCHORS,
            "the anchors have several domains: give that of “i3” with --domains",
        ),
        ({"b": "item,a,b\ni2,1,0\n"}, [*ANCHORS, "--model", "1pl"], "r.csv, i2: beside anchors, a common slope (1pl)"),
        ({"p": "["}, PRIORS, 'p.csv: expected: {"slope"'),
        ({"p": "[]"}, PRIORS, 'p.csv: expected: {"slope"'),
        ({"p": '{"sloop": {"mean": 0, "sd": 1}}'}, PRIORS, "p.csv, sloop: unknown parameter; expected: slope, loc"),
        ({"p": '{"slope": {"mean": 0}}'}, PRIORS, 'p.csv, slope: expected: {"mean"'),
        ({"p": '{"slope": {"mean": 0, "sd": -1}}'}, PRIORS, "sd a positive number"),
        ({"p": "{}"}, [*PRIORS, "--no-priors"], "--no-priors and --priors exclude each other"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_place(
    tmp_path: Path, files: dict[str, str], options: list[str], message: str
) -> None:
    for name, text in {"r": GOOD, **files}.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    given = [str(tmp_path / f"{word}.csv") if word in files else word for word in options]

    words = ["calibrate", tmp_path / "r.csv", "--model", "2pl", "--out", tmp_path / "bank.csv", *given]
    done = CliRunner(env={"LC_ALL": "en_GB.UTF-8"}).invoke(app, [str(word) for word in words])

    assert done.exit_code == 1
    assert message in done.output
    assert not (tmp_path / "bank.csv").exists()
