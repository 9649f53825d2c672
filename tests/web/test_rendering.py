"""Every page, read as a browser and a screen reader read it."""

import re
from collections import Counter
from itertools import pairwise
from xml.etree import ElementTree as ET

import html5lib
import pytest

from app.web import rendering
from framework.model import LOCALES, Locale
from tests.web.examples import Example, examples, question

X = "{http://www.w3.org/1999/xhtml}"
CASES = [pytest.param(locale, e, id=f"{e.name}-{locale}") for locale in LOCALES for e in examples(locale)]
JARGON = re.compile(r"\b(th[eê]ta|logits?|IRT|posterior|a posteriori)\b", re.IGNORECASE)


def source(example: Example, locale: Locale) -> str:
    return bytes(rendering.render(example.template, example.view, locale, status=example.status).body).decode()


def read(example: Example, locale: Locale) -> ET.Element:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=True)
    return parser.parse(source(example, locale))  # type: ignore[no-any-return]


def words(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


@pytest.mark.parametrize(("locale", "example"), CASES)
class TestEveryPage:
    def test_has_one_first_heading_one_main_part_and_a_title(self, locale: Locale, example: Example) -> None:
        page = read(example, locale)
        assert len(list(page.iter(f"{X}h1"))) == 1
        assert len(list(page.iter(f"{X}main"))) == 1
        assert re.fullmatch(r"\S.* – Toise", page.findtext(f".//{X}title") or "")

    def test_says_its_language(self, locale: Locale, example: Example) -> None:
        assert read(example, locale).get("lang") == locale

    def test_repeats_no_id_and_points_at_none_that_is_missing(self, locale: Locale, example: Example) -> None:
        page = read(example, locale)
        ids = Counter(element.get("id") for element in page.iter() if element.get("id"))
        assert not [name for name, count in ids.items() if count > 1]
        named = " ".join(e.get(a, "") for e in page.iter() for a in ("aria-describedby", "aria-labelledby", "for"))
        assert set(named.split()) <= set(ids)

    def test_gives_every_field_a_label(self, locale: Locale, example: Example) -> None:
        page = read(example, locale)
        labelled = {label.get("for") for label in page.iter(f"{X}label")}
        inside = {id(field) for label in page.iter(f"{X}label") for field in label.iter(f"{X}input")}
        fields = [field for kind in ("input", "select") for field in page.iter(f"{X}{kind}")]
        fields = [field for field in fields if field.get("type") != "hidden"]
        assert all(field.get("id") in labelled or id(field) in inside for field in fields)

    def test_has_no_style_or_script_of_its_own(self, locale: Locale, example: Example) -> None:
        page = read(example, locale)
        attributes = {attribute for element in page.iter() for attribute in element.attrib}
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
        assert not list(page.iter(f"{X}style"))
        assert all(script.get("src") and not words(script) for script in page.iter(f"{X}script"))

    def test_levels_of_headings_do_not_jump(self, locale: Locale, example: Example) -> None:
        levels = [
            int(e.tag[-1]) for e in read(example, locale).iter() if re.fullmatch(rf"{re.escape(X)}h\d", str(e.tag))
        ]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))

    def test_uses_no_word_of_the_trade(self, locale: Locale, example: Example) -> None:
        body = read(example, locale).find(f"{X}body")
        assert body is not None
        assert not JARGON.search(words(body))


def test_markup_in_texts_is_shown_not_obeyed() -> None:
    html = source(Example("q", "question.html", question("fr", stem="<b>gras</b> & <script>")), "fr")
    assert "&lt;b&gt;gras&lt;/b&gt; &amp; &lt;script&gt;" in html


@pytest.mark.parametrize(
    ("remaining", "said"),
    [
        ((8, 15), "Question 12, il en reste environ 8 à 15"),
        ((8, 8), "Question 12, il en reste environ 8"),
        ((1, 4), "Question 12, il en reste 4 au plus"),
        ((1, 1), "Question 12, la dernière"),
        (None, "Question 12"),
    ],
)
def test_progress_is_said_in_words(remaining: tuple[int, int] | None, said: str) -> None:
    page = read(Example("q", "question.html", question("fr", remaining=remaining)), "fr")
    heading = page.find(f".//{X}h1")
    assert heading is not None
    assert words(heading) == said


def test_nothing_is_chosen_beforehand_and_the_step_goes_with_the_answer() -> None:
    page = read(Example("q", "question.html", question("fr")), "fr")
    fields = list(page.iter(f"{X}input"))
    assert not [field for field in fields if "checked" in field.attrib]
    assert [field.get("value") for field in fields if field.get("name") == "step"] == ["12"]


def test_the_first_button_answers_and_the_second_skips() -> None:
    page = read(Example("q", "question.html", question("fr")), "fr")
    form = next(form for form in page.iter(f"{X}form") if form.get("action") == "/test/answers")
    assert [(words(b), b.get("name")) for b in form.iter(f"{X}button")] == [
        ("Valider", None),
        ("Je ne sais pas, passer", "skip"),
    ]


def test_the_clock_is_there_only_with_a_limit() -> None:
    assert "data-clock" not in source(Example("q", "question.html", question("fr")), "fr")
    page = read(Example("q", "question.html", question("fr", seconds_left=1394)), "fr")
    assert "Temps restant : 23 min 14 s" in words(page)


def test_a_static_address_changes_with_its_content() -> None:
    assert re.fullmatch(r"/static/toise\.css\?v=[0-9a-f]{12}", rendering.asset("toise.css"))


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("La télésanté", "la télésanté"),
        ("Health data", "health data"),
        ("INS", "INS"),
        ("À venir", "à venir"),
        ("", ""),
    ],
)
def test_a_name_is_lowered_inside_a_sentence_unless_it_is_an_acronym(name: str, inside: str) -> None:
    assert rendering.within_sentence(name) == inside


def test_a_page_says_its_status_and_language_to_programs() -> None:
    response = rendering.render("home.html", examples("en")[0].view, "en", status=404)
    assert (response.status_code, response.headers["content-language"]) == (404, "en")
