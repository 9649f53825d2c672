"""What a calibration's population looks like when its scores are to be doubted, and what to do about it.

A population narrower than the nodes are apart, one that reaches beyond them, domains that go against each other: the
model has no room for these, and blurs or holds them at its edge. That is told.
"""

from typing import Any, Final

import numpy as np
from scipy import sparse
from scipy.stats import norm

from app.console import told
from app.engine.batch import MISSING
from app.engine.grid import Floats, Ints
from app.engine.matching import Bools
from app.errors import msgid
from app.psychometrics.calibrated_abilities import calibrated_abilities, group_numbers
from app.psychometrics.calibrating import Calibrated, Wish
from app.psychometrics.prior_file import FARTHEST
from app.psychometrics.response_data import ResponseData

NARROW: Final = 0.2
"""Distance of the nodes of calibration, logits: a spread below it is blurred by them."""
BEYOND: Final = 0.01
"""Share of a population outside the nodes from which its figures, and scores with them, are pressed to the edge."""
HELD: Final = 0.01
"""Loadings below this are at the model's bound, 0."""
CERTAIN: Final = 3.0
"""Standard errors below zero from which a correlation is called negative."""
FEWEST: Final = 30
"""Persons with answers in both domains below which nothing is said of the two."""

DOUBTS: Final = {
    "narrow": msgid(
        "%(where)s : écart type %(sd)s, plus petit que l'écart de %(narrow)s entre les nœuds du calibrage ; ces"
        " réponses ne distinguent guère les personnes, et leurs scores seront tous voisins ; vérifiez la clé, ou"
        " réunissez ce groupe à un autre"
    ),
    "beyond": msgid(
        "%(where)s : moyenne %(mean)s, écart type %(sd)s ; %(share)s %% de cette population est au-delà de ±%(end)s"
        " logits, où le calibrage s'arrête ; les scores des plus éloignés sont incertains ; ajoutez des questions à"
        " leur niveau, ou laissez les pentes libres (2pl)"
    ),
}
GROUP: Final = msgid("groupe « %(group)s », domaine « %(domain)s »")
EVERYBODY: Final = msgid("domaine « %(domain)s »")
NEGATIVE: Final = msgid(
    "les réponses laissent penser que les domaines « %(held)s » et « %(other)s » vont en sens contraire (corrélation"
    " des niveaux estimés : %(correlation)s) ; le modèle tient le lien de « %(held)s » aux autres à 0 : leurs scores"
    " sont alors indépendants"
)


def population_doubts(mean: float, sd: float) -> list[str]:
    """Codes of ``DOUBTS`` that are true of one group in one domain, logits."""
    found = {"narrow": sd < NARROW, "beyond": _beyond(mean, sd) > BEYOND}
    return [code for code, true in found.items() if true]


def _beyond(mean: float, sd: float) -> float:
    """Share of a population outside the nodes."""
    return float(norm.sf((FARTHEST - mean) / sd) + norm.cdf((-FARTHEST - mean) / sd))


def doubt_facts(row: dict[str, Any]) -> dict[str, object]:
    """What the sentences of ``DOUBTS`` say of a row of the report's ``population``."""
    place = {"group": row["group"], "domain": row["domain"]}
    return {
        "where": told(GROUP if row["group"] else EVERYBODY, place),
        "mean": f"{row['mean']:.2f}",
        "sd": f"{row['sd']:.2f}",
        "share": f"{100 * _beyond(row['mean'], row['sd']):.0f}",
        "narrow": f"{NARROW:g}",
        "end": f"{FARTHEST:g}",
    }


def negative_relations(done: Calibrated, data: ResponseData, wish: Wish) -> list[dict[str, Any]]:
    """Pairs of domains of which one has its loading held at 0 and whose estimated abilities go against each other.

    With a loading of 0 the domain's abilities are estimated from its own answers alone, so that nothing of the other
    is in them. Correlations are within groups, over persons with answers in both; nearer to 0 than those of the true
    abilities, as estimates hold error. One is told where it is ``CERTAIN`` standard errors, 1 / sqrt(N), below 0.
    """
    held = np.flatnonzero(done.calibration.estimate.population.loading < HELD)
    if len(done.prepared.domains) == 1 or not held.size:
        return []
    names, theta = done.prepared.domains, calibrated_abilities(done, data, wish)
    group, answered = group_numbers(done, data, wish), _answered(done, data)
    found = []
    for one in held.tolist():
        for other in sorted({*range(len(names))} - {*held[held <= one].tolist()}):
            who = answered[:, one] & answered[:, other]
            if who.sum() < FEWEST:
                continue
            value = _within(theta[who, one], theta[who, other], group[who])
            if value * np.sqrt(who.sum()) < -CERTAIN:
                found.append({"held": names[one], "other": names[other], "correlation": value})
    return found


def _answered(done: Calibrated, data: ResponseData) -> Bools:
    """Which persons answered something in which domain, shape (N, D)."""
    domain, scores = done.prepared.responses.layout.domain, data.scores
    seen = [scores[:, np.flatnonzero(domain == number)] for number in range(len(done.prepared.domains))]
    counts = [own.getnnz(axis=1) if sparse.issparse(own) else (own != MISSING).sum(axis=1) for own in seen]
    return np.stack(counts, axis=1) > 0


def _within(one: Floats, other: Floats, group: Ints) -> float:
    """Correlation of deviations from the groups' means."""
    size = np.maximum(np.bincount(group), 1)
    x, y = (value - (np.bincount(group, weights=value) / size)[group] for value in (one, other))
    return float(x @ y / np.sqrt((x @ x) * (y @ y)))
