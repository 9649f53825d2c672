from hypothesis import example, given, settings
from hypothesis import strategies as st

from framework import LocalizedText
from itembank import Item
from itembank.formats import native
from itembank.formats.native import write
from tests.items import bank_file, bank_text, make_item, make_short_text, make_ticks
from tests.strategies import items, vignettes

NAMES = {"bank": "essai", "framework_id": "fr-socle-numerique-sante", "framework_version": "2026.1"}


@st.composite
def banks(draw: st.DrawFn) -> tuple[Item, ...]:
    """One to three questions, some of them of one case."""
    case = draw(vignettes("T-V01"))
    return tuple(
        draw(items(item_id=f"T-{number:03}", case=case if draw(st.booleans()) else None))
        for number in range(draw(st.integers(1, 3)))
    )


@given(banks())
@example(
    (make_item(stem=LocalizedText("\u0085\u2028x\ufeff", "no")), make_short_text("~", "null", "1_000", "2026-11-21"))
)
def test_what_is_written_reads_back_the_same(bank: tuple[Item, ...]) -> None:
    reading = native.read({"bank.yaml": write(bank, **NAMES).encode()})
    assert reading.problems == ()
    assert reading.items == bank
    assert (reading.bank, reading.framework_id, reading.framework_version) == tuple(NAMES.values())


@given(banks())
@settings(max_examples=20)
def test_writing_again_what_was_read_gives_the_same_bytes(bank: tuple[Item, ...]) -> None:
    text = write(bank, **NAMES)
    assert write(native.read({"bank.yaml": text.encode()}).items, **NAMES) == text


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    item = make_item()
    content = b"\xef\xbb\xbf" + bank_file(item).replace(b"\n", b"\r\n")
    reading = native.read({"bank.yaml": content})
    assert (reading.items, reading.problems) == ((item,), ())


def test_items_of_one_competence_say_it_once() -> None:
    assert bank_text(make_item("SN1.1-001"), make_item("SN1.1-002")).count("competence:") == 1


def test_items_of_several_competences_each_say_their_own() -> None:
    bank = (make_item("SN1.1-001"), make_item("SN1.2-001", competence="SN1.2", capacity="SN1.2.a"))
    assert bank_text(*bank).count("competence:") == 2
    assert native.read({"bank.yaml": bank_file(*bank)}).items == bank


def test_what_goes_without_saying_is_not_written() -> None:
    text = bank_text(make_item())
    assert text.count("correct:") == 1
    assert not any(f"{key}:" in text for key in ("shuffle", "scoring", "match", "enemies", "parameters"))


def test_a_multiple_choice_question_always_says_how_it_is_scored() -> None:
    assert "scoring: all_or_nothing" in bank_text(make_ticks((True, True, False), scoring="all_or_nothing"))


def test_items_come_back_in_the_order_of_the_files() -> None:
    files = {f"{n}.yaml": bank_file(make_item(f"T-{n}")) for n in (3, 1, 2)}
    assert [item.id for item in native.read(files).items] == ["T-3", "T-1", "T-2"]
