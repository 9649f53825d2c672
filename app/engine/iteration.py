"""One iteration of calibration as a map of all parameters onto better ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import DTypeLike

from app.engine.beliefs import Beliefs, Role, log_prior, updated
from app.engine.expectation import Expected, Terms, expect, total
from app.engine.grid import Floats, Ints, make_grid
from app.engine.latent import Population, discretise, standard_population
from app.engine.maximisation import (
    Batch,
    at_bounds,
    batch_counts,
    make_batches,
    maximise,
    prior_of,
    rescaled,
    rows_of,
    within_bounds,
)
from app.engine.packing import packed, unpacked
from app.engine.responses import Responses
from app.engine.scaling import MOVED, Abilities, best_scale, pull_of
from app.engine.spread import Spread
from app.engine.starting import starting_parameters
from app.engine.structure import Moments, maximise_population, moments_of

NEWTON_STEPS = 2
SLOPES = {Role.SLOPE, Role.NOMINAL_SLOPE}
NOMINAL = {Role.NOMINAL_SLOPE, Role.NOMINAL_INTERCEPT}
ON_THE_SCALE = (Role.SLOPE, Role.LOCATION, Role.GAP, Role.NOMINAL_SLOPE, Role.NOMINAL_INTERCEPT)
Anchors = Mapping[int, Floats]
"""Items whose parameters are known: item → log-probabilities, shape (categories, Q)."""


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """Abilities (Q,) and values of the general factor (K,) on which everything is computed, logits."""

    theta: Floats
    general: Floats


def standard_nodes() -> Nodes:
    """61 nodes on [-6, 6] for abilities, 41 for the general factor, which is never as sharp."""
    return Nodes(make_grid().theta, make_grid(size=41).theta)


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Parameters of everything.

    Attributes
    ----------
    items : per batch, shape (b, p), transformed parameters.
    population : the groups' abilities.
    beliefs : the priors, with what was estimated of them.
    lift : shape (D,), force on each log-slope that holds the scale against the priors of the difficulties.
    """

    items: tuple[Floats, ...]
    population: Population
    beliefs: Beliefs
    lift: Floats


class Iteration:
    """The map, bound to answers, response models and nodes."""

    def __init__(
        self, responses: Responses, families: Sequence[str], nodes: Nodes, spread: Spread, anchors: Anchors
    ) -> None:
        self.responses, self.nodes, self.spread, self.anchors = responses, nodes, spread, anchors
        self.layout = responses.layout
        _require_anchors(anchors, self.layout.categories, nodes.theta.size)
        self.batches = make_batches(self.layout, families, left_out=anchors)
        self.anchored = np.zeros(self.layout.domains, dtype=np.bool_)
        """Per domain: True where anchors hold the scale, so that every group's mean and spread are estimated."""
        self.anchored[self.layout.domain[list(anchors)]] = True
        sloped = ~self.anchored
        for batch in self.batches:
            if not SLOPES & set(batch.roles):
                sloped[batch.domain] = False
        self.free_scale = sloped
        """Per domain: True where the items' slopes take up the scale of abilities, whose variance is then one."""
        self.sizes = np.zeros(responses.groups)
        """People of each group."""
        self.seen = np.zeros((responses.groups, self.layout.domains), dtype=np.bool_)
        """Shape (G, D): True where somebody of the group answered an item of the domain; elsewhere nothing moves."""
        for chunk in responses.chunks:
            self.sizes[chunk.group] += chunk.persons if chunk.weight is None else chunk.weight.sum()
            self.seen[chunk.group] |= [self.layout.complete or bool(design.sum()) for design in chunk.designs]

    def start(self, beliefs: Beliefs) -> Estimate:
        """Parameters from each item's shares of categories."""
        items = tuple(starting_parameters(batch, self.responses.counts) for batch in self.batches)
        population = standard_population(self.layout.domains, groups=self.responses.groups)
        return Estimate(items, population, beliefs, np.zeros(self.layout.domains))

    def expect(self, estimate: Estimate, dtype: DTypeLike) -> Expected:
        """The expectation step over all chunks."""
        return total(self.spread.each(expect, self.terms(estimate, dtype)))

    def terms(self, estimate: Estimate, dtype: DTypeLike) -> Terms:
        """What the expectation step multiplies with."""
        layout, theta = self.layout, self.nodes.theta
        stacked = np.zeros((sum(int(first[-1]) for first in layout.columns), theta.size))
        base = np.zeros((layout.domains, theta.size))
        for item, log_p in self.anchors.items():
            self._place(stacked, base, np.array([item]), log_p[None])
        for batch, xi in zip(self.batches, estimate.items, strict=True):
            self._place(stacked, base, batch.items, batch.family.log_p(theta, xi))
        ends = np.cumsum([int(first[-1]) for first in layout.columns])[:-1]
        latent = [
            discretise(estimate.population, group, theta, self.nodes.general, dtype)
            for group in range(self.responses.groups)
        ]
        return Terms(tuple(np.split(stacked.astype(dtype), ends)), base.astype(dtype), tuple(latent))

    def _place(self, stacked: Floats, base: Floats, items: Ints, log_p: Floats) -> None:
        """Put items' log-probabilities, shape (b, C, Q), where their columns are."""
        if self.layout.complete:
            np.add.at(base, self.layout.domain[items], log_p[:, 0])
            log_p = log_p[:, 1:] - log_p[:, :1]
        stacked[rows_of(self.layout, items, log_p.shape[1])] = log_p

    def improved(self, estimate: Estimate, expected: Expected, *, expanded: bool) -> tuple[Estimate, list[Floats]]:
        """The maximisation step, and each batch's curvature there.

        ``expanded``: the reference group's mean and standard deviation are estimated too, and the items moved so that
        they are 0 and 1 again; the same maximum where the priors do not fix the scale.
        """
        found = [
            maximise(
                batch,
                xi,
                self.counts(batch, expected),
                self.nodes.theta,
                prior_of(estimate.beliefs, batch, estimate.lift),
                steps=NEWTON_STEPS,
            )
            for batch, xi in zip(self.batches, estimate.items, strict=True)
        ]
        curvature = [each for _, each in found]
        sums = moments_of(expected, self.nodes.theta, self.nodes.general)
        expanded = expanded or not self.expansion_is_a_detour(estimate)
        free = maximise_population(
            estimate.population,
            sums,
            centred=~self.anchored & ~np.bool_(expanded),
            scaled=self.free_scale & ~np.bool_(expanded),
        )
        if self.expands_exactly(estimate):
            free.mean[0], free.sd[0] = self._best_scale(estimate, [xi for xi, _ in found], sums)
        shift = np.where(self.anchored, 0.0, free.mean[0])
        scale = np.where(self.free_scale, free.sd[0], 1.0)
        items = tuple(
            within_bounds(batch, rescaled(batch, xi, shift[batch.domain], scale[batch.domain]))
            for batch, (xi, _) in zip(self.batches, found, strict=True)
        )
        population = Population(
            np.where(self.seen, (free.mean - shift) / scale, estimate.population.mean),
            np.where(self.seen, free.sd / scale, estimate.population.sd),
            free.loading,
        )
        beliefs = self._beliefs(estimate, items, curvature)
        return Estimate(items, population, beliefs, self._lift(beliefs, curvature)), curvature

    def counts(self, batch: Batch, expected: Expected) -> Floats:
        """Expected people per item of the batch, category and node."""
        return batch_counts(batch, self.layout, expected)

    def _beliefs(self, estimate: Estimate, items: Sequence[Floats], curvature: Sequence[Floats]) -> Beliefs:
        if not any(belief.estimated for belief in estimate.beliefs.values()):
            return estimate.beliefs
        variances = [np.einsum("ipp->ip", np.linalg.inv(each)) for each in curvature]
        return updated(estimate.beliefs, by_role(self.batches, items), by_role(self.batches, variances))

    def expansion_is_a_detour(self, estimate: Estimate) -> bool:
        """True where something speaks of the scale of abilities, so that an expanded step ends beside the maximum.

        Priors do, except where the best scale under them can be found, and so do parameters at a bound, which cannot
        move with the scale.
        """
        if self.expands_exactly(estimate):
            return False
        return any(role in estimate.beliefs for role in ON_THE_SCALE) or self._stopped(estimate)

    def expands_exactly(self, estimate: Estimate) -> bool:
        """True where the scale is put where priors and abilities together want it: one domain, nothing nominal."""
        roles = {role for batch in self.batches for role in batch.roles}
        return (
            bool(self.free_scale.size == 1 and self.free_scale[0])
            and not roles & NOMINAL
            and not self._stopped(estimate)
        )

    def _best_scale(self, estimate: Estimate, items: Sequence[Floats], sums: Moments) -> tuple[float, float]:
        size = float(sums.size[0, 0])
        mean = float(sums.theta[0, 0]) / size
        values = by_role(self.batches, items)
        known = {role: estimate.beliefs[role] for role in MOVED & values.keys() & estimate.beliefs.keys()}
        pulls = {role: pull_of(values[role], belief) for role, belief in known.items()}
        lift = float(estimate.lift[0]) * values[Role.SLOPE].size if Role.SLOPE in known else 0.0
        return best_scale(Abilities(size, mean, float(sums.theta2[0, 0]) / size - mean**2), pulls, lift=lift)

    def _stopped(self, estimate: Estimate) -> bool:
        """Whether a parameter that moves with the scale is at a bound."""
        return any(
            role in ON_THE_SCALE and bool(stopped.any())
            for batch, xi in zip(self.batches, estimate.items, strict=True)
            for role, stopped in zip(batch.roles, at_bounds(batch, xi).T, strict=True)
        )

    def _lift(self, beliefs: Beliefs, curvature: Sequence[Floats]) -> Floats:
        """What holds the scale of abilities against the priors of the difficulties, shape (D,).

        Drawing all difficulties together, with steeper slopes to match, costs the answers little and pleases n priors
        at once: the mode of all parameters together ends there, far from where the probability is, as soon as items
        are as many as persons. The volume of parameters on each scale, scale^n, weighs against it: a constant force on
        each log-slope, ``(n - sum of Var(b) / sd^2) / number of slopes`` of the domain.
        """
        places, slopes = np.zeros(self.layout.domains), np.zeros(self.layout.domains)
        belief = beliefs.get(Role.LOCATION)
        if belief is None:
            return places
        for batch, each in zip(self.batches, curvature, strict=True):
            if Role.SLOPE in batch.roles:
                own = [place for place, role in enumerate(batch.roles) if role is Role.LOCATION]
                variance = np.einsum("ipp->ip", np.linalg.inv(each))[:, own]
                np.add.at(places, batch.domain, (1 - np.minimum(variance / belief.sd**2, 1)).sum(axis=1))
                np.add.at(slopes, batch.domain, 1.0)
        return np.where(self.free_scale, places / np.maximum(slopes, 1), 0.0)

    def log_prior(self, estimate: Estimate, beliefs: Beliefs) -> float:
        """Log-density of the item parameters."""
        return log_prior(beliefs, by_role(self.batches, estimate.items))

    def objective(self, estimate: Estimate, like: Estimate) -> float:
        """What is maximised beside the log-likelihood, under the priors and the lift of ``like``."""
        lifted = 0.0
        for batch, xi in zip(self.batches, estimate.items, strict=True):
            for place, role in enumerate(batch.roles):
                if role is Role.SLOPE and role in like.beliefs:
                    lifted += float(like.lift[batch.domain] @ xi[:, place])
        return self.log_prior(estimate, like.beliefs) - lifted

    def gain(self, here: Estimate, there: Estimate, curvature: Sequence[Floats]) -> float:
        """Log-likelihood that the way from here to there is worth, ``step' H step / 2``.

        More than its worth near the maximum, since the curvature is that of complete data.
        """
        steps = [after - before for before, after in zip(here.items, there.items, strict=True)]
        items = sum(np.einsum("ip,ipk,ik->", step, h, step) for step, h in zip(steps, curvature, strict=True))
        before, after = here.population, there.population
        moved = ((after.mean - before.mean) / before.sd) ** 2 + 2 * np.log(after.sd / before.sd) ** 2
        tied = 2 * (np.arctanh(after.loading) - np.arctanh(before.loading)) ** 2
        return float(0.5 * (items + (self.sizes @ moved).sum() + self.sizes.sum() * tied.sum()))

    def packed(self, estimate: Estimate) -> Floats:
        """Everything estimated as one vector on unbounded scales."""
        return np.concatenate([packed(estimate.items, estimate.population, estimate.beliefs), estimate.lift])

    def unpacked(self, vector: Floats, like: Estimate) -> Estimate:
        """The estimate a vector stands for."""
        rest, lift = np.split(vector, [vector.size - like.lift.size])
        items, population, beliefs = unpacked(rest, like.items, like.population, like.beliefs)
        kept = tuple(within_bounds(batch, xi) for batch, xi in zip(self.batches, items, strict=True))
        return Estimate(kept, population, beliefs, np.maximum(lift, 0.0))

    def extrapolated(self, vector: Floats, image: Estimate) -> Estimate:
        """The estimate a combination of steps stands for; what the last step's image has at a bound stays there."""
        found = self.unpacked(vector, image)
        items = tuple(
            np.where(at_bounds(batch, stopped), stopped, xi)
            for batch, stopped, xi in zip(self.batches, image.items, found.items, strict=True)
        )
        return replace(found, items=items)


def _require_anchors(anchors: Anchors, categories: Ints, size: int) -> None:
    for item, log_p in anchors.items():
        if not 0 <= item < categories.size:
            raise ValueError(f"anchors must be among items 0 … {categories.size - 1}, got {item}")
        expected = (int(categories[item]), size)
        if log_p.shape != expected or not np.isfinite(log_p).all():
            raise ValueError(f"anchors: item {item} must be finite with shape {expected}, got {log_p.shape}")


def by_role(batches: Sequence[Batch], values: Sequence[Floats]) -> dict[Role, Floats]:
    """Parameters of all batches, shape (b, p) each, gathered by what they do."""
    found: dict[Role, list[Floats]] = {}
    for batch, own in zip(batches, values, strict=True):
        for place, role in enumerate(batch.roles):
            found.setdefault(role, []).append(own[:, place])
    return {role: np.concatenate(parts) for role, parts in found.items()}
