"""What a person meets on every page, in a real browser and under the real policy."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from framework.model import LOCALES, Locale
from tests.browser.gallery import axe_findings, chromium, serving
from tests.web.examples import examples

pytestmark = pytest.mark.browser

NAMES = [example.name for example in examples("fr")]
TARGETS = (
    ".act, .second, .quiet, .choice, .field input, .gapped input, select, .mark, .colophon a, .places a, .pages a, "
    "summary, .aside a"
)
SHORT_TARGETS = f"""[...document.querySelectorAll({TARGETS!r})]
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML)"""
WIDER_THAN_PAGE = """[...document.querySelectorAll('body *')]
  .filter(e => !e.closest('.scroll, .unseen, .skip, thead, svg') && e.getBoundingClientRect().right > innerWidth + 0.5)
  .map(e => e.outerHTML.slice(0, 200))"""
SHIFT = """new Promise(done => {
  let total = 0;
  new PerformanceObserver(list => { for (const e of list.getEntries()) total += e.value; })
    .observe({type: 'layout-shift', buffered: true});
  requestAnimationFrame(() => requestAnimationFrame(() => done(total)));
})"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page whose console must stay silent: an error or a breach of the policy fails the test."""
    opened = browser.new_page(reduced_motion="reduce")  # a colour on its way to another has no contrast to judge
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    opened.close()
    assert said == []


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", NAMES)
class TestEveryPage:
    def test_axe_finds_nothing_light_and_narrow_or_dark_and_wide(
        self, page: Page, address: str, name: str, locale: Locale
    ) -> None:
        page.set_viewport_size({"width": 360, "height": 800})
        page.emulate_media(color_scheme="light")
        page.goto(f"{address}/{locale}/{name}")
        assert axe_findings(page) == []
        page.set_viewport_size({"width": 1280, "height": 800})
        page.emulate_media(color_scheme="dark")
        assert axe_findings(page) == []

    def test_fits_every_width_with_targets_large_enough_for_a_thumb(
        self, page: Page, address: str, name: str, locale: Locale
    ) -> None:
        page.goto(f"{address}/{locale}/{name}")
        for width in (1280, 768, 320):
            page.set_viewport_size({"width": width, "height": 640})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(WIDER_THAN_PAGE) == []
            assert page.evaluate(SHORT_TARGETS) == []

    def test_weighs_little_and_never_moves_under_the_reader(
        self, page: Page, address: str, name: str, locale: Locale
    ) -> None:
        weights: list[int] = []
        page.on("response", lambda response: weights.append(len(response.body())))
        page.goto(f"{address}/{locale}/{name}", wait_until="networkidle")
        assert sum(weights) <= 100_000
        assert page.evaluate(SHIFT) == 0


def test_the_chart_lies_down_on_a_narrow_page_and_stands_on_a_wide_one(page: Page, address: str) -> None:
    page.goto(f"{address}/fr/result")
    for width, standing in ((360, False), (1280, True)):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.locator(".standing").is_visible() is standing
        assert page.locator(".lying").is_visible() is not standing


def test_a_table_of_a_case_needs_no_scrolling_sideways_on_a_telephone_and_stays_a_table(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/fr/question-case")
    table = page.locator(".case table.wide")
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert table.evaluate("table => table.scrollWidth <= table.parentElement.clientWidth")
        found = [table.get_by_role(role).count() for role in ("columnheader", "rowheader", "cell")]
        assert found == [4, 3, 9]
        assert table.locator(".column").first.is_visible() == (width == 360)


def test_a_tab_from_the_top_offers_to_skip_to_the_content(page: Page, address: str) -> None:
    page.goto(f"{address}/fr/result")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Aller au contenu"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "MAIN"


def test_a_printed_result_leaves_the_furniture_out(page: Page, address: str) -> None:
    page.goto(f"{address}/fr/result")
    page.emulate_media(media="print")
    assert not page.locator(".colophon").is_visible()
    assert page.locator("table.domains").is_visible()
