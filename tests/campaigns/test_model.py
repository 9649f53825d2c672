import pytest

from app.campaigns.model import CODE_ALPHABET, CODE_LENGTH, new_code, normal_code


@pytest.mark.parametrize(
    "typed",
    [
        "SN7K2Q",
        "sn7k2q",
        " SN7 K2Q ",
        "sn7-k2q",
        "SN7–K2Q",
        "S N 7 K 2 Q",
        "SN7\u00a0K2Q\u200b",
        "ＳＮ７Ｋ２Ｑ",
        "SN7.K2O",
        "sn7k20",
    ],
)
def test_a_code_is_read_however_it_was_typed(typed: str) -> None:
    assert normal_code(typed) == "SN7K2Q"


@pytest.mark.parametrize(
    "typed", ["", "SN7K2", "SN7K2QQ", "SN7K2I", "SN7K1Q", "SNÉK2Q", "SN7K2%", "\0", "A" * 10_000, "🙂" * 6]
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert normal_code(typed) == ""


def test_drawn_codes_hold_no_letter_that_is_taken_for_another() -> None:
    codes = {new_code() for _ in range(500)}
    assert len(codes) > 490
    assert all(len(code) == CODE_LENGTH and normal_code(code) == code for code in codes)
    assert not set("0O1IL") & set(CODE_ALPHABET)
