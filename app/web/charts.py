"""Drawings made of one idea, the measuring rod with eight graduations: logo, progress, profile.

Pure functions from data to SVG markup. Colours are classes (the style sheet knows light, dark, print
and forced colours); shapes alone carry the meaning, so grey is enough to read them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from markupsafe import Markup, escape

GRADUATIONS = 8


class Rod(Protocol):
    """One measured domain; places run from 0 (foot of the rod) to the number of levels (its top)."""

    @property
    def label(self) -> str: ...
    @property
    def hue(self) -> int: ...
    @property
    def level(self) -> int | None: ...
    @property
    def place(self) -> float | None: ...
    @property
    def reach(self) -> tuple[float, float] | None: ...


class Band(Protocol):
    """A named group of levels, first and last included."""

    @property
    def label(self) -> str: ...
    @property
    def first(self) -> int: ...
    @property
    def last(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartWords:
    """What the drawing says: its name, its reading in sentences, « not enough answers », and « level »."""

    title: str
    description: str
    withheld: str
    level: str


def logo() -> Markup:
    """Return the mark: a short rule with eight graduations, one of them warm, « you are here »."""
    ticks = Markup("").join(_logo_tick(k) for k in range(GRADUATIONS))
    return _svg("logo", "0 0 14 34", Markup('<path class="rule" d="M2 1v32"/>') + ticks)


def _logo_tick(k: int) -> Markup:
    y = 31 - 4 * k
    here = k == 5  # noqa: PLR2004 - the sixth graduation, above the middle: where the eye rests
    end = 13 if here else 9 if k % 2 else 7
    return Markup('<path class="{}" d="M2 {}H{}"/>').format("here" if here else "tick", y, end)


def tall_rule() -> Markup:
    """Return a tall rule for the margin of the first page."""
    ticks = "".join(f"M1 {5 + 70 * k}h{28 if k % 2 == 0 else 18}" for k in range(GRADUATIONS + 1))
    here = Markup('<path class="here" d="M1 215h44"/>')
    return _svg("tall-rule", "0 0 48 570", Markup('<path d="M1 5v560{}"/>').format(ticks) + here)


def progress_rule(done: float) -> Markup:
    """Return a lying rule with « you are here » at a share ``done`` of the way (0 to 1)."""
    x = 10 + 620 * min(max(done, 0.0), 1.0)
    ticks = "".join(f"M{10 + 77.5 * k:g} 10v{10 if k % 2 == 0 else 6}" for k in range(GRADUATIONS + 1))
    return _svg(
        "progress",
        "0 0 640 20",
        Markup('<path class="rule" d="M10 10H630{}"/><path class="done" d="M10 10H{:.1f}"/>').format(ticks, x)
        + Markup('<circle class="here" cx="{:.1f}" cy="10" r="6"/>').format(x),
    )


def standing_rods(rods: Sequence[Rod], bands: Sequence[Band], words: ChartWords) -> Markup:
    """Return the profile for wide pages: rods side by side against the named bands."""
    foot = _STANDING.top + _STANDING.unit * bands[-1].last
    width = _STANDING.left + _STANDING.column * len(rods) + 14
    height = foot + 74
    body = Markup("").join(
        [*_standing_bands(bands, width), *(_standing_rod(rod, k, bands[-1].last, words) for k, rod in enumerate(rods))]
    )
    return _figure("standing", f"0 0 {width} {height}", words, body)


@dataclass(frozen=True, slots=True)
class _Standing:
    """Sizes of the wide drawing, in its own units (a CSS pixel at full width)."""

    left: int = 128
    column: int = 126
    top: int = 10
    unit: int = 38
    half: int = 8


_STANDING = _Standing()


def _standing_bands(bands: Sequence[Band], width: int) -> Iterator[Markup]:
    s, levels = _STANDING, bands[-1].last
    for k, band in enumerate(bands):
        y, height = s.top + s.unit * (levels - band.last), s.unit * (band.last - band.first + 1)
        if k % 2 == 0:
            yield Markup('<rect class="band" x="0" y="{}" width="{}" height="{}"/>').format(y, width, height)
        yield Markup('<text class="band-name" x="12" y="{}">{}</text>').format(y + height / 2 + 5, band.label)
    for level in range(1, levels + 1):
        middle = s.top + s.unit * (levels - level + 0.5) + 5
        yield Markup('<text class="number" x="{}" y="{:g}">{}</text>').format(s.left - 8, middle, level)


def _standing_rod(rod: Rod, column: int, levels: int, words: ChartWords) -> Markup:
    s = _STANDING
    x = s.left + s.column * column + s.column // 2
    foot = s.top + s.unit * levels
    parts = [_standing_frame(x, levels, measured=rod.place is not None)]
    if rod.place is not None and rod.reach is not None:
        low, high = (foot - s.unit * place for place in rod.reach)
        y = foot - s.unit * rod.place
        parts.append(
            Markup('<rect class="reach" x="{}" y="{:.1f}" width="{}" height="{:.1f}"/>').format(
                x - s.half, high, 2 * s.half, low - high
            )
        )
        parts.append(
            Markup('<path class="ends" d="M{0} {2:.1f}H{1}M{0} {3:.1f}H{1}"/>').format(
                x - s.half - 4, x + s.half + 4, high, low
            )
        )
        parts.append(Markup('<circle class="point" cx="{}" cy="{:.1f}" r="9"/>').format(x, y))
        parts.append(Markup('<text class="level" x="{}" y="{:.1f}">{}</text>').format(x + 20, y + 7, rod.level))
    parts.extend(_lines(rod.label, x, foot + 26))
    if rod.place is None:
        parts.extend(_lines(words.withheld, x, s.top + s.unit * levels / 2 - 6, offset=True))
    return Markup('<g class="rod hue-{}">{}</g>').format(rod.hue, Markup("").join(parts))


def _standing_frame(x: int, levels: int, *, measured: bool) -> Markup:
    s = _STANDING
    ticks = "".join(f"M{x + s.half} {s.top + s.unit * k}h-{s.half}" for k in range(1, levels))
    return Markup('<path class="{}" d="M{} {}h{}v{}h-{}z{}"/>').format(
        "frame" if measured else "frame empty", x - s.half, s.top, 2 * s.half, s.unit * levels, 2 * s.half, ticks
    )


def lying_rods(rods: Sequence[Rod], bands: Sequence[Band], words: ChartWords) -> Markup:
    """Return the profile for narrow pages: rods laid one under the other, each under its name."""
    levels = bands[-1].last
    height = 26 + _LYING.row * len(rods) + 20
    body = Markup("").join(
        [
            *_lying_bands(bands, height),
            *(_lying_rod(rod, 26 + _LYING.row * k, levels, words) for k, rod in enumerate(rods)),
            *_lying_numbers(levels, height - 6),
        ]
    )
    return _figure("lying", f"0 0 {2 * _LYING.left + _LYING.unit * levels:g} {height}", words, body)


@dataclass(frozen=True, slots=True)
class _Lying:
    """Sizes of the narrow drawing, in its own units (a CSS pixel on a 360 px telephone)."""

    left: int = 6
    unit: float = 39
    row: int = 72
    rod: int = 34
    half: int = 7


_LYING = _Lying()


def _lying_bands(bands: Sequence[Band], height: int) -> Iterator[Markup]:
    s = _LYING
    for k, band in enumerate(bands):
        x, width = s.left + s.unit * (band.first - 1), s.unit * (band.last - band.first + 1)
        if k % 2 == 0:
            yield Markup('<rect class="band" x="{}" y="0" width="{}" height="{}"/>').format(x, width, height)
        yield Markup('<text class="band-name middle" x="{}" y="16">{}</text>').format(x + width / 2, band.label)


def _lying_numbers(levels: int, y: int) -> Iterator[Markup]:
    s = _LYING
    for level in range(1, levels + 1):
        yield Markup('<text class="number" x="{}" y="{}">{}</text>').format(s.left + s.unit * (level - 0.5), y, level)


def _lying_rod(rod: Rod, top: int, levels: int, words: ChartWords) -> Markup:
    s = _LYING
    y, end = top + s.rod + s.half, s.left + s.unit * levels
    told = words.withheld if rod.level is None else f"{words.level} {rod.level}"
    parts = [
        Markup('<text class="name" x="{}" y="{}">{}</text>').format(s.left, top + 22, rod.label),
        Markup('<text class="{}" x="{}" y="{}">{}</text>').format(
            "said" if rod.level is None else "said level", end, top + 22, told
        ),
        _lying_frame(y, levels, measured=rod.place is not None),
    ]
    if rod.place is not None and rod.reach is not None:
        low, high = (s.left + s.unit * place for place in rod.reach)
        parts.append(
            Markup('<rect class="reach" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/>').format(
                low, y - s.half, high - low, 2 * s.half
            )
        )
        parts.append(
            Markup('<path class="ends" d="M{2:.1f} {0}V{1}M{3:.1f} {0}V{1}"/>').format(
                y - s.half - 3, y + s.half + 3, low, high
            )
        )
        parts.append(Markup('<circle class="point" cx="{:.1f}" cy="{}" r="8"/>').format(s.left + s.unit * rod.place, y))
    return Markup('<g class="rod hue-{}">{}</g>').format(rod.hue, Markup("").join(parts))


def _lying_frame(y: int, levels: int, *, measured: bool) -> Markup:
    s = _LYING
    ticks = "".join(f"M{s.left + s.unit * k:g} {y - s.half}v{s.half}" for k in range(1, levels))
    return Markup('<path class="{}" d="M{} {}h{:g}v{}h-{:g}z{}"/>').format(
        "frame" if measured else "frame empty", s.left, y - s.half, s.unit * levels, 2 * s.half, s.unit * levels, ticks
    )


LINE = 16
"""Longest line of a label under a standing rod, in characters."""


def wrap(text: str, longest: int = LINE) -> tuple[str, ...]:
    """Cut a label into lines at spaces; a word longer than a line stays whole.

    >>> wrap("Les outils numériques en santé")
    ('Les outils', 'numériques en', 'santé')
    """
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= longest:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return tuple(lines)


def _lines(text: str, x: int, y: float, *, offset: bool = False) -> Iterator[Markup]:
    for k, line in enumerate(wrap(text, 9 if offset else LINE)):
        yield Markup('<text class="{}" x="{}" y="{}">{}</text>').format(
            "said-aside" if offset else "name middle", x + 16 if offset else x, y + 19 * k, line
        )


def _svg(name: str, box: str, body: Markup) -> Markup:
    return Markup('<svg class="{}" viewBox="{}" aria-hidden="true" focusable="false">{}</svg>').format(name, box, body)


def _figure(name: str, box: str, words: ChartWords, body: Markup) -> Markup:
    return Markup(
        '<svg class="rods {0}" viewBox="{1}" role="img" aria-labelledby="{0}-title {0}-desc">'
        '<title id="{0}-title">{2}</title><desc id="{0}-desc">{3}</desc>{4}</svg>'
    ).format(name, box, escape(words.title), escape(words.description), body)
