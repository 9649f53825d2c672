"""A bank and courses through it, for tests of the flow."""

from typing import Any

import numpy as np

from app.bank.pool import Pool
from app.sessions.flow import Course, make_course
from tests.builders import make_items, make_policy, make_pool

POOL = make_pool(make_items(8))


SHORT: dict[str, Any] = {
    "length": {"at_least": 0, "at_most": 8},
    "per_domain": {"at_most": 8},
    "per_competence": {"at_most": 8},
}


def course_of(pool: Pool = POOL, *, seed: int = 7, ineligible: frozenset[str] = frozenset(), **rules: Any) -> Course:
    return make_course(pool, make_policy(**rules), seed=seed, ineligible=ineligible)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)
