"""Acceleration of a fixed-point iteration (Anderson 1965, J. ACM 12; Walker & Ni 2011, SIAM J. Numer. Anal. 49).

Of the last few points x with their steps f = G(x) - x, the combination with the smallest step is the best guess of the
fixed point. It costs a least-squares problem of a few columns, nothing beside an expectation step. It promises no
ascent: the caller compares objectives and calls ``forget`` when one fell.
"""

from typing import Final

import numpy as np

from app.engine.grid import Floats

MEMORY: Final = 6
DROPPED: Final = 1e-8
"""Directions with singular values below this share of the largest say nothing."""


class Anderson:
    """The memory of one iteration."""

    def __init__(self) -> None:
        self._points: list[Floats] = []
        self._steps: list[Floats] = []

    def forget(self) -> None:
        """Start again from the next point."""
        self._points.clear()
        self._steps.clear()

    def next(self, point: Floats, image: Floats) -> Floats:
        """The next point to try, shape (p,), from a point and its image under the iteration."""
        self._points = [*self._points, point][-MEMORY - 1 :]
        self._steps = [*self._steps, image - point][-MEMORY - 1 :]
        if len(self._steps) == 1:
            return image
        steps, points = np.array(self._steps), np.array(self._points)
        change = np.diff(steps, axis=0).T
        size = np.linalg.norm(change, axis=0)
        share = np.linalg.lstsq(change / size, steps[-1], rcond=DROPPED)[0] / size
        mixed: Floats = image - (np.diff(points, axis=0).T + change) @ share
        return mixed
