"""RESPONSES.csv: every way in which it can be wrong, by file, row, column, cause and repair."""

import os
import re
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from app.cli import app
from app.console import told
from app.psychometrics.model import BadFile
from app.psychometrics.response_file import ROWS, Persons, open_responses

HEAD = b"person,q1,q2,q3\n"
GOOD = b"anna,1,0,2\n"


@pytest.fixture(autouse=True)
def _in_french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")


def plain(text: str) -> str:
    """With ordinary spaces and apostrophes, as in the sources."""
    return re.sub("[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", " ", text).replace(
        "\N{RIGHT SINGLE QUOTATION MARK}", "'"
    )


def read(path: Path, highest: list[int] | None = None) -> Persons:
    with open_responses(path) as sheet:
        found = list(sheet.chunks(highest))
    names = [name for part in found for name in part.names]
    return Persons(names, np.concatenate([part.scores for part in found]) if found else np.empty((0, 0), np.int16))


def written(folder: Path, content: bytes) -> Path:
    path = folder / "responses.csv"
    path.write_bytes(content)
    return path


def refusal(folder: Path, content: bytes) -> str:
    with pytest.raises(BadFile) as refused:
        read(written(folder, content), [1, 1, 2])
    said = f"{told(refused.value.place, refused.value.facts)} {told(refused.value.cause, refused.value.facts)}"
    return plain(said)


CELLS = {
    cell: f"responses.csv, ligne 3, colonne q2 : attendu : un entier de 0 à 1, "
    f"ou rien si la question n'a pas été vue ; reçu : « {cell.strip()} »"
    for cell in (
        "NaN",
        "nan",
        "inf",
        "-inf",
        "NA",
        "N/A",
        "-1",
        "0.5",
        "1.0",
        "1e0",
        "2",
        "1000",
        "yes",
        "²",
        " x ",
        "é",
    )
}
FILES = {
    HEAD + GOOD + b"b,1,0\n": "ligne 3 : 3 cases pour 4 colonnes",
    HEAD + GOOD + b"b,1,0,1,1\n": "ligne 3 : 5 cases pour 4 colonnes",
    HEAD + GOOD + b"b\n": "ligne 3 : 1 cases pour 4 colonnes",
    HEAD + b"\n\n,,,\nb,1,0\n": "ligne 5 : 3 cases pour 4 colonnes",
    HEAD + b'"b\nc\r\nd",1,0,0\ne,1,0,7\n': "ligne 5, colonne q3 :",
    HEAD + GOOD + b'b,"1,0,0\n': "ligne 3 : ligne illisible",
    HEAD + b'b,9,0,0\nc,"1"x,0,0\n': "ligne 2, colonne q1 :",
    HEAD + GOOD + b'c,"1"x,0,0\n': "ligne 3 : ligne illisible",
    b'person,"q1\n': "ligne 1 : ligne illisible",
    b"": "ligne 1 : il faut une colonne pour la personne et une au moins pour une question",
    b"\n\n": "ligne 2 : il faut une colonne",
    b"person\n": "ligne 1 : il faut une colonne",
    b"person;q1;q2\na;0;1\n": "ligne 1 : les colonnes sont séparées par des points-virgules",
    b"person,q1,q2,q1\n": "ligne 1, colonne q1 : cette colonne figure deux fois ; gardez-en une",
    b"person,q1, q1\n": "ligne 1, colonne q1 : cette colonne figure deux fois",
    b"q1,q1\n": "ligne 1, colonne q1 : cette colonne figure deux fois",
    b"person,q1,,q3\n": "ligne 1 : la colonne 3 n'a pas de nom",
    "person,q1,qé,q3\n".encode("latin-1"): "ligne 1 : ce n'est pas de l'UTF-8 (octet 0xe9)",
    "person,q1,q2,q3\n".encode("utf-16"): "ligne 1 : ce n'est pas de l'UTF-8 (octet 0xff)",
    HEAD + GOOD * 3_000 + "béa,1,0,0\n".encode("latin-1") + GOOD: "ligne 3002 : ce n'est pas de l'UTF-8 (octet 0xe9)",
    HEAD + "béa,1,0,0\n".encode() + "béa,1,0,0\n".encode("cp1252"): "ligne 3 : ce n'est pas de l'UTF-8 (octet 0xe9)",
    HEAD + GOOD + b"b,1,\xff,0\n": "ligne 3, colonne q2 : ce n'est pas de l'UTF-8 (octet 0xff)",
    HEAD + GOOD + b"b\0,1,0,0\n": "ligne 3 : il y a un octet nul dans ce texte",
    HEAD + GOOD + b"b,\0,0,0\n": "ligne 3, colonne q1 : il y a un octet nul dans ce texte",
}


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_that_is_no_score_is_refused_by_its_place(tmp_path: Path, cell: str) -> None:
    assert refusal(tmp_path, HEAD + GOOD + f"b,1,{cell},0\n".encode()) == CELLS[cell]


@pytest.mark.parametrize("content", FILES, ids=range(len(FILES)))
def test_a_file_that_is_no_table_of_scores_is_refused_by_its_place(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path, content).startswith("responses.csv, " + FILES[content])


@pytest.mark.parametrize("line", [2, ROWS, ROWS + 1, ROWS + 2, 2 * ROWS + 7])
def test_the_place_is_exact_however_far_down(tmp_path: Path, line: int) -> None:
    rows = [GOOD] * (2 * ROWS + 20)
    rows[line - 2] = b"x,1,0,3\n"
    assert refusal(tmp_path, HEAD + b"".join(rows)).startswith(f"responses.csv, ligne {line}, colonne q3 :")


def test_the_first_of_several_faults_is_the_one_named(tmp_path: Path) -> None:
    assert "ligne 3, colonne q1 :" in refusal(tmp_path, HEAD + GOOD + b"b,5,0,9\nc,0,0\n\xff,,,\n")


VARIANTS = [
    HEAD + b"anna,1,0,2\nben,,1,0\n",
    b"\xef\xbb\xbf" + HEAD + b"anna,1,0,2\nben,,1,0",
    HEAD.replace(b"\n", b"\r\n") + b"anna,1,0,2\r\nben,,1,0\r\n",
    HEAD.replace(b"\n", b"\r") + b"anna,1,0,2\rben,,1,0\r",
    b'"person","q1","q2","q3"\n"anna",1,0,2\n"ben",,1,0\n',
    b"\n" + HEAD + b"\nanna,1,0,2\n,,,\n\nben,,1,0\n\n",
    HEAD + b"anna, 1,00,002\nben, ,1 ,0\n",
]


@pytest.mark.parametrize("content", VARIANTS, ids=range(len(VARIANTS)))
def test_ways_to_write_the_same_table_read_the_same(tmp_path: Path, content: bytes) -> None:
    found = read(written(tmp_path, content), [1, 1, 2])
    assert found.names == ["anna", "ben"]
    assert found.scores.tolist() == [[1, 0, 2], [-1, 1, 0]]


def test_two_rows_of_one_name_and_a_row_without_a_name_are_persons(tmp_path: Path) -> None:
    found = read(written(tmp_path, HEAD + b"anna,1,0,2\nanna,0,1,1\n,1,1,1\n"), [1, 1, 2])
    assert found.names == ["anna", "anna", ""]
    assert found.scores[1].tolist() == [0, 1, 1]


def test_names_may_be_in_any_script_and_hold_commas_quotes_and_line_ends(tmp_path: Path) -> None:
    content = HEAD + '"Zoë, ""Z""\nde Bruïn",1,0,2\n李雷,1,0,0\n'.encode()
    assert read(written(tmp_path, content), [1, 1, 2]).names == ['Zoë, "Z"\nde Bruïn', "李雷"]


def test_without_a_known_highest_any_score_up_to_999_is_read(tmp_path: Path) -> None:
    assert read(written(tmp_path, HEAD + b"a,0,999,12\n")).scores.tolist() == [[0, 999, 12]]


def test_no_person_is_no_fault(tmp_path: Path) -> None:
    assert read(written(tmp_path, HEAD)).names == []


def test_a_pipe_has_no_size_and_is_read_all_the_same(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(HEAD + GOOD,))
    writer.start()
    with open_responses(pipe) as sheet:
        assert sheet.bytes is None
        assert [part.names for part in sheet.chunks([1, 1, 2])] == [["anna"]]
    writer.join()


def test_how_far_the_file_was_read_ends_at_its_size(tmp_path: Path) -> None:
    with open_responses(written(tmp_path, HEAD + GOOD * 5_000)) as sheet:
        seen = [sheet.bytes_read for _ in sheet.chunks([1, 1, 2])]
    assert len(seen) == 2
    assert seen[0] < seen[1] == sheet.bytes == len(HEAD + GOOD * 5_000)


@given(rows=st.lists(st.lists(st.sampled_from(["", "0", "1", " 1", "01"]), min_size=3, max_size=3), max_size=8))
def test_the_quick_way_and_the_careful_one_read_the_same(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    """A blank or a leading zero in one cell sends the whole chunk the careful way."""
    lines = [f"p,{','.join(row)}\n" for row in [*rows, ["1", "1", "1"]]]
    found = read(written(tmp_path_factory.mktemp("drawn"), HEAD + "".join(lines).encode()), [1, 1, 2])
    assert found.scores.tolist() == [[int(cell) if cell else -1 for cell in row] for row in rows] + [[1, 1, 1]]


def test_a_folder_in_the_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as refused:
        read(tmp_path)
    assert refused.value.facts["file"] == tmp_path.name


def test_an_item_that_the_bank_lacks_is_named_with_the_repair(tmp_path: Path) -> None:
    (tmp_path / "bank.csv").write_text("item,model,a,b\nq1,2pl,1,0\n")
    path = written(tmp_path, b"person,q1,q9\na,1,1\n")
    words = ["score", str(path), "--bank", str(tmp_path / "bank.csv"), "--out", str(tmp_path / "o.csv")]
    refused = CliRunner(env={"LC_ALL": "fr_FR.UTF-8"}).invoke(app, words)
    assert refused.exit_code == 1
    assert "responses.csv, ligne 1, colonne q9 : la banque n'a pas de question de ce nom" in plain(refused.output)
    assert "retirez la colonne ou complétez la banque" in refused.output
