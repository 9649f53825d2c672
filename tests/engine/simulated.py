"""Plans and students for the tests of the simulator, and the one-by-one path they are compared with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from app.engine.content import Blueprint
from app.engine.grid import Floats, Ints, make_grid
from app.engine.plan import Plan, make_plan
from app.engine.prior import second_order_prior
from app.engine.simulation_desk import REASONS, Sittings, prepared
from app.engine.simulation_rules import Masks
from app.engine.simulation_sitting import sit
from app.engine.simulation_truth import BankBelief, ItemBelief, bank_belief
from app.engine.sitting import Decision, decide
from app.engine.tables import item_rows, make_tables

CUTS = np.array([-1.5, -0.5, 0.5, 1.5])


def items_of(
    rng: np.random.Generator, count: int, *, guessing: float = 0.0, steps: Sequence[int] = (1,), sd: float = 0.0
) -> list[ItemBelief]:
    """Two- or three-parameter items, and partial credit ones where more than one step is drawn."""
    found = []
    for _ in range(count):
        size = int(rng.choice(steps))
        mean = [rng.normal(scale=0.3), *rng.normal(size=size)]
        family = "2pl" if size == 1 else "gpcm"
        if guessing and size == 1:
            family, mean = "3pl", [*mean, np.log(guessing / (1 - guessing))]
        covariance = np.diag(np.full(len(mean), sd**2)) if sd else None
        found.append(ItemBelief(family, np.array(mean), covariance))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """A plan with what is believed of its items."""

    plan: Plan
    belief: BankBelief


def setting(
    rng: np.random.Generator,
    *,
    count: int = 120,
    domains: int = 1,
    competences: int = 1,
    length: tuple[int, int] = (12, 12),
    per_domain: tuple[int, int] = (0, 500),
    per_competence: tuple[int, int] = (0, 500),
    se_target: float = 0.05,
    loading: float = 0.75,
    groups: int = 0,
    guessing: float = 0.0,
    steps: Sequence[int] = (1,),
    sd: float = 0.0,
    **rules: object,
) -> Setting:
    grid, items = make_grid(), items_of(rng, count, guessing=guessing, steps=steps, sd=sd)
    competence = rng.integers(competences, size=count)
    home = np.arange(competences) % domains
    rows = [item_rows(grid, item.family, item.mean, item.covariance) for item in items]
    plan = make_plan(
        make_tables(grid, rows, home[competence].tolist(), domains=domains),
        second_order_prior(grid, [loading] * domains),
        Blueprint(length, np.tile(per_domain, (domains, 1)), np.tile(per_competence, (competences, 1)), home),
        competence=competence,
        enemies=grouped_enemies(rng, competence, groups),
        se_target=se_target,
        **rules,  # type: ignore[arg-type]
    )
    return Setting(plan, bank_belief(items))


def grouped_enemies(rng: np.random.Generator, competence: Ints, groups: int) -> tuple[Ints, ...]:
    """Groups of two or three items of one competence that all exclude each other."""
    foes: list[set[int]] = [set() for _ in competence]
    free = set(range(competence.size))
    for _ in range(groups):
        first = int(rng.choice(sorted(free)))
        near = [item for item in sorted(free) if competence[item] == competence[first] and item != first]
        group = [first, *near[: int(rng.integers(1, 3))]]
        free -= set(group)
        for item in group:
            foes[item] |= set(group) - {item}
    return tuple(np.array(sorted(found), dtype=np.intp) for found in foes)


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """Students, true to the means of the items' posteriors."""

    plan: Plan
    truth: Floats
    uniform: Floats
    seeds: np.ndarray[tuple[int], np.dtype[np.uint64]]
    scores: Callable[[Ints, Floats, Floats], Ints]

    def answer(self, persons: Ints, items: Ints, step: int) -> Ints:
        theta = self.truth[persons, self.plan.tables.domain[items]]
        return self.scores(items, theta, self.uniform[persons, step])


def class_of(found: Setting, size: int, rng: np.random.Generator) -> Class:
    truth = rng.normal(size=(size, found.plan.tables.domains))
    uniform = rng.random((size, found.plan.longest))
    seeds = rng.integers(0, 2**62, size=size, dtype=np.uint64)
    return Class(found.plan, truth, uniform, seeds, found.belief.draw(rng).scores)


def run_alone(found: Class, person: int, allowed: Masks | None) -> tuple[list[int], list[int], Decision]:
    """One sitting by ``decide``, step by step."""
    at_hand = np.ones(found.plan.size, dtype=np.bool_) if allowed is None else allowed[person]
    items: list[int] = []
    scores: list[int] = []
    decision = decide(found.plan, at_hand, int(found.seeds[person]), items, scores)
    while decision.pick is not None:
        score = found.answer(np.array([person]), np.array([decision.pick.item]), len(items))
        items, scores = [*items, decision.pick.item], [*scores, int(score[0])]
        decision = decide(found.plan, at_hand, int(found.seeds[person]), items, scores)
    return items, scores, decision


def assert_equal_to_alone(found: Class, *, allowed: Masks | None = None) -> Sittings:
    """Picks, answers, end, EAP and SD of every sitting are those of the one-by-one path."""
    together = sit(prepared(found.plan), found.answer, seeds=found.seeds, allowed=allowed)
    for person in range(found.seeds.size):
        items, scores, decision = run_alone(found, person, allowed)
        count = len(items)
        assert together.length[person] == count
        assert together.items[person, :count].tolist() == items
        assert together.scores[person, :count].tolist() == scores
        assert np.all(together.items[person, count:] == -1)
        assert REASONS[together.stop[person]] == decision.stop
        post = decision.state.posterior
        np.testing.assert_allclose(together.mean[person], post.mean, rtol=0, atol=1e-10)
        np.testing.assert_allclose(together.sd[person], post.sd, rtol=0, atol=1e-10)
        np.testing.assert_allclose(together.density[person], post.domain, rtol=0, atol=1e-10)
        assert together.broken[person] == (decision.state.ahead.needed > 0)
    return together
