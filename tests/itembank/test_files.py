from pathlib import Path

import pytest

from itembank import SHIPPED, gather


def test_a_folder_gives_its_yaml_files_in_order(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "notes.txt"):
        (tmp_path / name).write_bytes(name.encode())
    assert gather(tmp_path) == {"a.yml": b"a.yml", "b.yaml": b"b.yaml"}


def test_one_file_is_taken_whatever_its_ending(tmp_path: Path) -> None:
    (tmp_path / "bank.txt").write_bytes(b"x")
    assert gather(tmp_path / "bank.txt") == {"bank.txt": b"x"}


def test_a_huge_file_is_read_just_far_enough_to_be_refused(tmp_path: Path) -> None:
    with (tmp_path / "huge.yaml").open("wb") as file:
        file.truncate(1_000_000_000)
    assert len(gather(tmp_path)["huge.yaml"]) == 5_000_001


def test_a_missing_path_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        gather(tmp_path / "nowhere.yaml")


def test_the_shipped_bank_is_found() -> None:
    assert "SN1.1.yaml" in gather(SHIPPED / "socle-sante")
