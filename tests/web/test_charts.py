import re
from collections.abc import Callable, Sequence
from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup

from app.web import charts
from tests.web import example_results as examples

SVG = "{http://www.w3.org/2000/svg}"
Draw = Callable[[Sequence[charts.Rod], Sequence[charts.Band], charts.ChartWords], Markup]
WORDS = charts.ChartWords(title="Profil <5>", description="Lu & dit", withheld="pas assez de réponses", level="niveau")
PAGE = examples.result("fr")
UNSURE = examples.result("fr", *examples.CONTRAST[:4], examples.withheld("SN5"))


def parsed(markup: Markup) -> ET.Element:
    return ET.fromstring(str(markup).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def numbers(path: str | None) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+", path or "")]


def test_the_logo_is_a_rule_with_eight_graduations_one_of_them_warm() -> None:
    paths = parsed(charts.logo()).findall(f"{SVG}path")
    assert [path.get("class") for path in paths].count("tick") == 7
    assert [path.get("class") for path in paths].count("here") == 1


@pytest.mark.parametrize(("done", "x"), [(-1, 10), (0, 10), (0.5, 320), (1, 630), (7, 630)])
def test_you_are_here_stays_on_the_rule(done: float, x: float) -> None:
    circle = parsed(charts.progress_rule(done)).find(f"{SVG}circle")
    assert circle is not None
    assert float(circle.get("cx", "")) == x


@pytest.mark.parametrize("draw", [charts.standing_rods, charts.lying_rods])
class TestProfile:
    def test_is_named_and_told_in_words(self, draw: Draw) -> None:
        svg = parsed(draw(PAGE.domains, PAGE.bands, WORDS))
        assert svg.get("role") == "img"
        named = (svg.get("aria-labelledby") or "").split()
        assert [svg.findtext(f"{SVG}{tag}") for tag in ("title", "desc")] == [WORDS.title, WORDS.description]
        assert [svg.find(f"{SVG}{tag}").get("id") for tag in ("title", "desc")] == named  # type: ignore[union-attr]

    def test_has_one_rod_a_domain_with_a_point_inside_its_interval(self, draw: Draw) -> None:
        rods = parsed(draw(PAGE.domains, PAGE.bands, WORDS)).findall(f"{SVG}g")
        assert len(rods) == 5
        for rod in rods:
            point, reach = rod.find(f"{SVG}circle"), rod.find(f"{SVG}rect")
            assert point is not None
            assert reach is not None
            axis, size = ("y", "height") if draw is charts.standing_rods else ("x", "width")
            start = float(reach.get(axis, ""))
            assert start < float(point.get(f"c{axis}", "")) < start + float(reach.get(size, ""))

    def test_names_the_bands(self, draw: Draw) -> None:
        told = [text.text for text in parsed(draw(PAGE.domains, PAGE.bands, WORDS)).iter(f"{SVG}text")]
        assert {"Novice", "Indépendant", "Avancé", "Expert"} <= set(told)

    def test_draws_a_withheld_domain_empty_and_says_so(self, draw: Draw) -> None:
        rod = parsed(draw(UNSURE.domains, UNSURE.bands, WORDS)).findall(f"{SVG}g")[-1]
        assert rod.find(f"{SVG}circle") is None
        assert rod.find(f"{SVG}path").get("class") == "frame empty"  # type: ignore[union-attr]
        assert WORDS.withheld in " ".join(text.text or "" for text in rod.iter(f"{SVG}text"))

    def test_stays_inside_its_box(self, draw: Draw) -> None:
        svg = parsed(draw(UNSURE.domains, UNSURE.bands, WORDS))
        _, _, width, height = numbers(svg.get("viewBox"))
        for shape in svg.iter():
            assert all(0 <= float(shape.get(axis, "0")) <= width for axis in ("x", "cx"))
            assert all(0 <= float(shape.get(axis, "0")) <= height for axis in ("y", "cy"))

    def test_carries_no_style_of_its_own(self, draw: Draw) -> None:
        assert "style=" not in draw(PAGE.domains, PAGE.bands, WORDS)


def test_a_higher_ability_is_drawn_higher() -> None:
    heights = {
        rod.get("class", "")[-1]: float(rod.find(f"{SVG}circle").get("cy", ""))  # type: ignore[union-attr]
        for rod in parsed(charts.standing_rods(PAGE.domains, PAGE.bands, WORDS)).findall(f"{SVG}g")
    }
    assert sorted(heights, key=lambda hue: heights[hue]) == ["2", "1", "3", "4", "5"]
