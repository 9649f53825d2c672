"""Which items can be best for any of many like sittings: one bound for all of them, then exact gains of few items.

For one domain of items scored 0 or 1. Sittings are taken in blocks of like ability, so only the nodes around it hold
any mass, and with the curves P_i, the densities p and ``F[q] = p[q] (theta[q] - mean) / variance`` the worth of item i
to a sitting is

    gain_i / variance^2 = x_i^2 / (1/4 - y_i^2)     x_i = sum_q F[q] (P_i[q] - 1/2),  y_i = sum_q p[q] (P_i[q] - 1/2).

On those nodes a few polynomials carry every curve: ``P_i - 1/2 = sum_r V[r, i] B_r + error``. The products of a block's
F and p with B_r lie within intervals c_r ± h_r, so for each of its sittings

    |x_i| <= |sum_r c_r V[r, i]| + sum_r h_r |V[r, i]| + max |F|.|error|

and likewise y_i, which bounds the worth of every item to all of them at once. Where an answer is rare,
``gain_i <= E[(theta - mean)^2 P(that answer)] / (1 - p)`` (Cauchy-Schwarz) says more. The items whose bound is high are
worked out for each sitting; no other item can be the best of one that finds a better one there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.polynomial.chebyshev import chebvander

from app.engine.grid import Floats, Ints
from app.engine.plan import Plan
from app.engine.simulation_rules import Ledger, Masks, candidates
from app.engine.simulation_top import ABSOLUTE, CLEAR, Bytes, Top, highest

BLOCK: Final = 1024
"""Most sittings of a block: what is computed of them stays in a core's cache."""
COMPANY: Final = 160
"""Sittings that a block must have: a short list costs about as much as the bounds of the whole bank of so many."""
WIDTH: Final = 0.8
"""Most that posterior means in a block may be apart, in posterior standard deviations."""
REACH: Final = 5.5
"""Standard deviations around the means whose nodes are looked at; the mass outside is bounded."""
CROWD: Final = 512
"""Sittings that must be there for blocks to be looked for at all."""
DENSE: Final = 3
"""Nodes per polynomial."""
SAMPLE: Final = 12
"""Sittings of a block that tell how high an item's bound must be to be looked at."""
MARGIN: Final = 0.95
"""How far below what those find is looked."""
MOST: Final = 256
"""Items looked at, at most."""
FLAT: Final = 1e-5
"""Probabilities of an answer below about this are not worked out here."""
SLACK: Final = 1e-9
"""Relative rounding of the bounds."""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """What bounds need of K nodes.

    Attributes
    ----------
    shapes : shape (R + 1, K): B, and the squares of e[q] = max_i |error_i[q]|.
    curves : shape (K, n), ``P_i - 1/2``. outward, size : shape (R, n), V and its absolute values.
    rare : shape (n,), highest probability of the answer that is rare there.
    """

    shapes: Floats
    curves: Floats
    outward: Floats
    size: Floats
    rare: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Screen:
    """A bank's curves.

    Attributes
    ----------
    theta : shape (Q,). curves : shape (Q, n), ``P_i - 1/2``.
    share : shape (n,), ``exp(-price)``; None without prices. windows : those made, by first and last node.
    """

    theta: Floats
    curves: Floats
    share: Floats | None
    windows: dict[tuple[int, int], Window] = field(default_factory=dict)

    @property
    def every(self) -> Ints:
        """The whole bank."""
        return np.arange(self.curves.shape[1])

    def priced(self, worth: Floats) -> Floats:
        """What items are ranked by, shape (n,)."""
        return worth if self.share is None else worth * self.share

    @property
    def reach(self) -> float:
        """Logits from the first to the last node."""
        return float(self.theta[-1] - self.theta[0])

    def window(self, low: int, high: int) -> Window:
        """The window of these nodes, made once."""
        found = self.windows.get((low, high))
        if found is None:
            found = self.windows[low, high] = _window(self.theta[low:high], self.curves[low:high])
        return found


def screen(plan: Plan) -> Screen | None:
    """The curves of a plan's bank; None with several domains or more categories."""
    tables = plan.tables
    if tables.domains != 1 or tables.above[0].shape[1] != tables.kinds:
        return None
    share = None if plan.price is None else np.exp(-plan.price)
    return Screen(tables.grid.theta, tables.per_item(tables.above[0]) - 0.5, share)


def _window(theta: Floats, curves: Floats) -> Window:
    """Polynomials that are orthonormal under about the posteriors' own weight."""
    place = np.linspace(-1.0, 1.0, theta.size)
    weight = np.exp(-((REACH * place) ** 2) / 4)
    across = np.linalg.qr(weight[:, None] * chebvander(place, theta.size // DENSE + 1))[0]
    inward = across / weight[:, None]
    outward = across.T @ (weight[:, None] * curves)
    error = np.abs(curves - inward @ outward).max(axis=1)
    shapes = np.concatenate([inward.T, error[None] ** 2])
    rare = 0.5 + np.minimum(curves.max(axis=0), -curves.min(axis=0))
    return Window(shapes, np.ascontiguousarray(curves), outward, np.abs(outward), rare)


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """Sittings in one domain.

    Attributes
    ----------
    density : shape (B, Q), posteriors; mean, sd : shape (B,), logits. ledger, may : as in ``candidates``.
    """

    density: Floats
    mean: Floats
    sd: Floats
    ledger: Ledger
    may: Masks | None

    def at_hand(self, rows: Ints, items: Ints | None = None) -> Bytes:
        return candidates(self.ledger, self.may, rows, items)


def best_screened(found: Screen, crowd: Crowd, *, count: int) -> Top:
    """The highest gains, over the squared variance; their lower bounds are -1 where no short list is enough."""
    size = crowd.mean.size
    best, lost, spread, others = Top.empty(size, count), np.ones(size), np.zeros(size), np.full(size, np.inf)
    best.items[:], best.values[:] = 0, 0.0
    for rows in _blocks(crowd.mean, crowd.sd):
        block = _Block.of(found, crowd, rows)
        items, others[rows] = block.looked_at(rows, count - 1)
        lost[rows], (worth, spread[rows]) = block.lost, block.worked_out(items, crowd.at_hand(rows, items))
        for column, (place, value) in enumerate(highest(worth, count)):
            best.items[rows, column], best.values[rows, column] = items[place], value
    _limits(best, crowd.sd**2, lost, spread, others, reach=found.reach)
    return best


def _blocks(mean: Floats, sd: Floats) -> Iterator[Ints]:
    """Sittings of like ability, where there are enough of them."""
    order = np.argsort(mean)
    rising, width = mean[order], WIDTH * sd.mean()
    start = 0
    while start + COMPANY <= order.size:
        end = min(start + BLOCK, int(np.searchsorted(rising, rising[start] + width, side="right")))
        if end - start >= COMPANY:
            yield order[start:end]
        start = end


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Sittings of like ability on the nodes where they have their mass.

    Attributes
    ----------
    both : shape (2 B, K), variance times F, and then p. variance, lost : shape (B,), and the mass outside.
    """

    found: Screen
    crowd: Crowd
    window: Window
    both: Floats
    variance: Floats
    lost: Floats

    @classmethod
    def of(cls, found: Screen, crowd: Crowd, rows: Ints) -> "_Block":
        mean, sd = crowd.mean[rows], crowd.sd[rows]
        low, high = _reach(found.theta, mean, sd)
        both = np.empty((2, rows.size, high - low))
        both[1] = crowd.density[rows, low:high]
        np.subtract(found.theta[low:high], mean[:, None], out=both[0])
        both[0] *= both[1]
        lost = np.maximum(1 - both[1].sum(axis=1), 0.0) + 1e-14
        return cls(found, crowd, found.window(low, high), both.reshape(2 * rows.size, -1), sd * sd, lost)

    def looked_at(self, rows: Ints, among: int) -> tuple[Ints, float]:
        """Items that may be worth about as much as what some sittings of the block find in its middle.

        Returns
        -------
        The items, and more than what any other can be worth.
        """
        middle, worth = rows.size // 2, self._bounds()
        x, y = self.both[[middle, rows.size + middle]] @ self.window.curves
        typical = self.found.priced(x * x / np.maximum(0.25 - y * y, FLAT)) / self.variance[middle] ** 2
        high = self.crowd.at_hand(rows[:: -(-rows.size // SAMPLE)]) * typical
        high = high.max(axis=1) if among == 1 else np.partition(high, -among, axis=1)[:, -among]
        least = MARGIN * float(high.min())
        items = np.flatnonzero(worth >= least)
        if items.size <= MOST:
            return items, least
        return self.found.every, 0.0

    def _bounds(self) -> Floats:
        """At most every item's worth to any of the block, shape (n,).

        What the polynomials leave out is at most ``sum p e <= sqrt(sum p e^2)`` for y, and for x, by Cauchy-Schwarz,
        ``sqrt(sum p e^2 / variance)``.
        """
        window, reach, smallest, gone = self.window, self.found.reach, self.variance.min(), self.lost.max()
        products = (window.shapes @ self.both.T).reshape(len(window.shapes), 2, -1)
        products[:, 0] /= self.variance
        left_out = np.maximum(products[-1, 1], 0.0)
        high, low = products[:-1].max(axis=2), products[:-1].min(axis=2)
        moved, away = np.abs((high + low).T @ window.outward) / 2 + ((high - low).T @ window.size) / 2
        moved += np.sqrt((left_out / self.variance).max()) + reach / 2 * gone / smallest + SLACK
        away += np.sqrt(left_out.max()) + gone + SLACK
        spread = 0.25 - np.minimum(away, 0.5) ** 2
        worth = np.where(spread > FLAT, moved**2 / np.maximum(spread, FLAT), np.inf)
        often = 1 - window.rare - gone - SLACK
        rarely = (window.rare + SLACK) / smallest + gone * (reach / smallest) ** 2
        return self.found.priced(np.minimum(worth, np.where(often > FLAT, rarely / np.maximum(often, FLAT), np.inf)))

    def worked_out(self, items: Ints, at_hand: Bytes) -> tuple[Floats, Floats]:
        """The items' gains on these nodes, shape (B, items), and the least ``1/4 - y^2``, shape (B,)."""
        products = self.both @ self.window.curves.take(items, axis=1)
        products *= products
        worth, square = products[: len(at_hand)], products[len(at_hand) :]
        spread = 0.25 - square.max(axis=1)
        worth /= np.maximum(np.subtract(0.25, square, out=square), FLAT, out=square)
        if self.found.share is not None:
            worth *= self.found.share[items]
        worth *= at_hand
        return worth, spread


def _limits(best: Top, variance: Floats, lost: Floats, spread: Floats, others: Floats, *, reach: float) -> None:
    """Turn gains into upper and lower bounds of worths, given what the mass outside may change.

    It changes x by at most ``reach lost / (2 variance)`` and ``1/4 - y^2`` by at most ``lost``.
    """
    wide, spread = spread > FLAT + lost, np.maximum(spread, FLAT)
    root, moved = np.sqrt(best.values) / variance[:, None], (reach / 2 * lost / variance / np.sqrt(spread))[:, None]
    share = np.minimum(lost / spread, 0.5)[:, None]
    lower = np.maximum(root - moved, 0.0) ** 2 / (1 + share)
    least = (1 - CLEAR) * lower - (ABSOLUTE / variance)[:, None]
    best.values[:] = np.where(best.values > 0, (root + moved) ** 2 / (1 - share), 0.0)
    # an item that is worth nothing on these nodes may be worth the second of these
    limit = np.maximum((1 + SLACK) * others[:, None], moved**2 / (1 - share))
    best.least[:] = np.where(wide[:, None] & (least > limit), least, -1.0)


def _reach(theta: Floats, mean: Floats, sd: Floats) -> tuple[int, int]:
    """First node and the one after the last, fourth ones, so that few windows serve all."""
    low, high = np.searchsorted(theta, [(mean - REACH * sd).min(), (mean + REACH * sd).max()]).tolist()
    return max(low - 1, 0) // 4 * 4, min(-(-high // 4) * 4, theta.size)
