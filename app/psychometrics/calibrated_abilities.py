"""Abilities of the persons whose answers made a calibration, for a first look at them beside the items."""

import numpy as np
from scipy import sparse

from app.engine.estimators import estimate
from app.engine.grid import Floats, Ints
from app.psychometrics.calibrating import COMMON, Calibrated, Wish
from app.psychometrics.prior_file import HIGHEST_LOADING, PriorFile
from app.psychometrics.response_data import ResponseData
from app.psychometrics.scoring import grid_for


def calibrated_abilities(done: Calibrated, data: ResponseData, wish: Wish) -> Floats:
    """Posterior means, shape (N, D), logits of the bank; every person in the distribution of their own group."""
    scores = sparse.csr_array(data.scores) if sparse.issparse(data.scores) else data.scores
    group = group_numbers(done, data, wish)
    theta = np.empty((len(data.persons), len(done.prepared.domains)))
    for place, prior in enumerate(_priors(done)):
        own = np.flatnonzero(group == place)
        grid = grid_for(done.bank, "eap", prior)
        theta[own] = estimate(done.bank.tables(grid), scores[own], prior=prior.on(grid)).theta
    return theta


def group_numbers(done: Calibrated, data: ResponseData, wish: Wish) -> Ints:
    """Each person's group, shape (N,), as ``done.prepared.groups`` counts them."""
    if not wish.groups:
        return np.zeros(len(data.persons), dtype=np.intp)
    number = {name: place for place, name in enumerate(done.prepared.groups)}
    places = (number[wish.groups[person]] for person in data.persons)
    return np.fromiter(places, dtype=np.intp, count=len(data.persons))


def _priors(done: Calibrated) -> list[PriorFile]:
    """Each group's distribution, on the bank's scale: that of a common slope has the reference group's spread as unit.

    Loadings as scoring takes them.
    """
    population = done.calibration.estimate.population
    common = {item.domain for item, asked in zip(done.bank.items, done.asked, strict=True) if asked == COMMON}
    shared = np.array([domain in common for domain in done.prepared.domains])
    unit = np.where(shared, population.sd[0], 1.0)
    loading = tuple(np.minimum(population.loading, HIGHEST_LOADING).tolist())
    return [
        PriorFile(loading, tuple((mean / unit).tolist()), tuple((sd / unit).tolist()))
        for mean, sd in zip(population.mean, population.sd, strict=True)
    ]
