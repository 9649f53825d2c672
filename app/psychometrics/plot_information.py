"""What a whole bank could tell: information by ability, and the standard error it allows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from app.console import told
from app.engine.grid import Floats
from app.errors import msgid
from app.psychometrics.plot_style import ABILITY, hue, new_figure, numbered, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LARGEST_ERROR: Final = 1.5
"""The error's panel ends here at the latest: beyond, a test says next to nothing."""


def information_curves(theta: Floats, information: Floats, names: Sequence[str]) -> "Figure":
    """Test information above, its standard error ``1 / sqrt(information)`` below, a line for each domain.

    Parameters
    ----------
    theta : shape (Q,), logits.
    information : shape (D, Q), per squared logit.
    names : the domains.
    """
    with np.errstate(divide="ignore"):
        error = 1 / np.sqrt(information)
    with style():
        figure = new_figure(6.4, 5.6)
        upper, lower = figure.subplots(2, 1, sharex=True)
        for index, name in enumerate(names):
            upper.plot(theta, information[index], label=name, **hue(index))
            lower.plot(theta, error[index], **hue(index))
        upper.set_ylim(0, 1.06 * information.max())
        lower.set_ylim(0, min(LARGEST_ERROR, 1.06 * error.max()))
        upper.set_ylabel(told(msgid("Information du test (logits⁻²)")))
        lower.set_ylabel(told(msgid("Erreur type (logits)")))
        lower.set_xlabel(told(ABILITY))
        lower.set_xlim(theta[0], theta[-1])
        for axes in (upper, lower):
            numbered(axes)
        if len(names) > 1:
            figure.legend(loc="outside upper left", ncols=min(5, len(names)), handlelength=3.2)
    return figure
