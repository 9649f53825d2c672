"""One step of Toise after the same answers: the bare engine over one and five domains, and the whole decision."""

from collections.abc import Callable
from typing import Any

import numpy as np

from app.bank.pool import make_pool
from app.engine.posterior import posterior
from app.engine.prior import second_order_prior
from app.engine.selection import expected_gain, influence
from app.engine.tables import log_likelihood
from app.sessions.flow import decide, make_course
from app.sessions.policy import Policy
from benchmarks.loop import Case, answer, repeated
from benchmarks.synthetic import make_bank, make_items
from framework import load

LOADINGS = {1: (0.0,), 5: (0.75,) * 5}


def prepare(data: list[dict[str, Any]]) -> dict[str, Case]:
    cases: dict[str, Case] = {}
    for bank in data:
        size = len(bank["a"])
        cases |= {f"engine {domains} {size}": repeated(_engine(bank, domains)) for domains in LOADINGS}
        cases[f"decide 5 {size}"] = repeated(_decision(bank))
    return cases


def _engine(data: dict[str, Any], domains: int) -> Callable[[], object]:
    """Likelihood of the log, exact joint posterior with means and errors, exact criterion of every item, the best."""
    tables = make_bank(len(data["a"])).tables(domains=domains)
    prior = second_order_prior(tables.grid, LOADINGS[domains])
    items, scores = np.array(data["items"]), np.array(data["scores"])
    weights = np.append(np.ones(domains), 0.0)

    def step() -> object:
        post = posterior(prior, log_likelihood(tables, items, scores))
        gain = expected_gain(tables, post, influence(prior, post), weights)
        gain[items] = -1.0
        return int(gain.argmax()), post.mean, post.sd

    return step


def _decision(data: dict[str, Any]) -> Callable[[], object]:
    """What the service does: also content rules to the end of the test, stopping, the draw among the best five.

    The target is out of reach, so that a question follows the last answer.
    """
    framework = load()
    pool = make_pool(make_items(len(data["a"]), framework), framework, name="bench@1")
    course = make_course(pool, Policy(se_target=0.3), seed=1, ineligible=frozenset())
    items: tuple[int, ...] = ()
    for place in range(len(data["scores"])):
        pick = decide(course, items, data["scores"][:place]).pick
        assert pick is not None
        items = (*items, pick.item)
    scores = tuple(data["scores"])
    assert decide(course, items, scores).pick is not None
    return lambda: decide(course, items, scores)


if __name__ == "__main__":
    answer(prepare)
