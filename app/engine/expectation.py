"""The expectation step: what persons' answers say about how many were where.

One domain: ``P(theta_q | x) ∝ P(theta_q) prod_i P(x_i | theta_q)`` (Bock & Aitkin 1981, Psychometrika 46). Several:
given the general factor g the domains are independent, so sums of one dimension are enough (Gibbons & Hedeker 1992,
Psychometrika 57). Chunks of persons are independent of each other, whence any executor may share them out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from app.engine.design import Chunk, Design
from app.engine.grid import Floats
from app.engine.latent import Latent
from app.engine.workspace import workspace

FLOOR = -80.0
"""Log-densities are kept above this before they are raised: still a normal number in single precision."""


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What the expectation step multiplies with.

    Attributes
    ----------
    rows : per domain, shape (columns, Q): log-probability of each column's category; where category 0 has no column,
        its distance from category 0's.
    base : shape (D, Q): sum over items of category 0's log-probability where it has no column, else zero.
    latent : per group.
    """

    rows: tuple[Floats, ...]
    base: Floats
    latent: tuple[Latent, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Expected numbers of people.

    Attributes
    ----------
    counts : per domain, shape (columns, Q): people who gave this answer and are at this node.
    mass : shape (G, D, Q): people of the group at this node.
    joint : shape (G, D, K, Q): people of the group at g_k and theta_q; empty where there is one domain.
    log_likelihood : of all answers.
    """

    counts: tuple[Floats, ...]
    mass: Floats
    joint: Floats
    log_likelihood: float

    def plus(self, other: "Expected") -> "Expected":
        """The two together."""
        return Expected(
            tuple(mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True)),
            self.mass + other.mass,
            self.joint + other.joint,
            self.log_likelihood + other.log_likelihood,
        )


def total(parts: Iterable[Expected]) -> Expected:
    """Sum of chunks' expectations, in their order, so that any executor gives the same figures."""
    found = iter(parts)
    result = next(found)
    for part in found:
        result = result.plus(part)
    return result


def expect(chunk: Chunk, terms: Terms) -> Expected:
    """Expectations of one chunk, in the precision of ``terms``; sums over persons come back in double precision."""
    return _one_domain(chunk, terms) if len(terms.rows) == 1 else _several_domains(chunk, terms)


def densities(chunk: Chunk, terms: Terms) -> tuple[tuple[Floats, ...], Floats]:
    """Each person's P(theta_q | answers) per domain, shape (persons, Q), and log-likelihood, shape (persons,)."""
    if len(terms.rows) == 1:
        density, log_likelihood = _posterior_of_one(chunk, terms)
        return (density,), log_likelihood
    likelihoods, top = _likelihoods(chunk, terms)
    _, shares, log_likelihood = _general(likelihoods, top, terms.latent[chunk.group])
    conditional = terms.latent[chunk.group].conditional
    found = [own * (share @ table) for own, share, table in zip(likelihoods, shares, conditional, strict=True)]
    return tuple(found), log_likelihood


def _one_domain(chunk: Chunk, terms: Terms) -> Expected:
    density, log_likelihood = _posterior_of_one(chunk, terms, fleeting=True)
    if chunk.weight is not None:
        density *= chunk.weight[:, None].astype(density.dtype)
    mass = np.zeros((len(terms.latent), 1, density.shape[1]))
    mass[chunk.group, 0] = density.sum(axis=0)
    counts = transposed_product(chunk.designs[0], density)
    return Expected((counts,), mass, np.zeros((0, 0, 0, 0)), _sum(log_likelihood, chunk.weight))


def _posterior_of_one(chunk: Chunk, terms: Terms, *, fleeting: bool = False) -> tuple[Floats, Floats]:
    log_density = product(chunk.designs[0], terms.rows[0], place="density" if fleeting else None)
    log_density += terms.base[0] + terms.latent[chunk.group].log_density[0]
    top = log_density.max(axis=1, keepdims=True)
    density = _raised(log_density, top)
    size = density.sum(axis=1, keepdims=True)
    density /= size
    return density, (top + np.log(size))[:, 0]


def _raised(log_density: Floats, top: Floats) -> Floats:
    """``exp(log_density - top)`` in place, denormal numbers kept out."""
    log_density -= top
    np.maximum(log_density, FLOOR, out=log_density)
    return np.exp(log_density, out=log_density)


def _several_domains(chunk: Chunk, terms: Terms) -> Expected:
    latent = terms.latent[chunk.group]
    likelihoods, top = _likelihoods(chunk, terms)
    _, shares, log_likelihood = _general(likelihoods, top, latent)
    size = len(likelihoods)
    mass = np.zeros((len(terms.latent), size, likelihoods[0].shape[1]))
    joint = np.zeros((len(terms.latent), *latent.conditional.shape))
    counts = []
    for domain, (own, share, table) in enumerate(zip(likelihoods, shares, latent.conditional, strict=True)):
        density = own * (share @ table)
        if chunk.weight is not None:
            heavy = chunk.weight[:, None].astype(density.dtype)
            density, share = density * heavy, share * heavy  # noqa: PLW2901
        mass[chunk.group, domain] = density.sum(axis=0)
        joint[chunk.group, domain] = table * (share.T @ own)
        counts.append(transposed_product(chunk.designs[domain], density))
    return Expected(tuple(counts), mass, joint, _sum(log_likelihood, chunk.weight))


def _likelihoods(chunk: Chunk, terms: Terms) -> tuple[list[Floats], Floats]:
    """Likelihood of each domain's answers with a maximum of one, and the sum of the logs taken out."""
    found, out = [], np.zeros((chunk.persons, 1), dtype=terms.base.dtype)
    for domain, (design, rows, base) in enumerate(zip(chunk.designs, terms.rows, terms.base, strict=True)):
        log_likelihood = product(design, rows, place=f"likelihood {domain}")
        log_likelihood += base
        top = log_likelihood.max(axis=1, keepdims=True)
        found.append(_raised(log_likelihood, top))
        out += top
    return found, out


def _general(likelihoods: Sequence[Floats], top: Floats, latent: Latent) -> tuple[Floats, list[Floats], Floats]:
    """P(g | x), shape (persons, K); per domain P(g | x) / m_d(g); and the log-likelihoods."""
    evidence = [own @ table.T for own, table in zip(likelihoods, latent.conditional, strict=True)]
    log_general = latent.general + np.log(evidence).sum(axis=0)
    highest = log_general.max(axis=1, keepdims=True)
    general = _raised(log_general, highest)
    size = general.sum(axis=1, keepdims=True)
    general /= size
    return general, [general / each for each in evidence], (top + highest + np.log(size))[:, 0]


def product(design: Design, rows: Floats, *, place: str | None = None) -> Floats:
    """Indicators times rows, in the rows' precision; with ``place`` kept only until that is asked for again."""
    if sparse.issparse(design):
        found: Floats = design.astype(rows.dtype, copy=False) @ rows
        return found
    shape = design.shape[0], rows.shape[1]
    out: Floats = np.empty(shape, rows.dtype) if place is None else workspace(place, shape, rows.dtype)
    return np.matmul(_filled(design, rows), rows, out=out)


def transposed_product(design: Design, density: Floats) -> Floats:
    """People per column and node, summed in the density's precision, returned in double."""
    if sparse.issparse(design):
        counts: Floats = (design.T.astype(density.dtype, copy=False) @ density).astype(np.float64)
        return counts
    return (_filled(design, density).T @ density).astype(np.float64)


def _filled(design: NDArray[np.uint8], like: Floats) -> Floats:
    """Indicators in the precision of their partner: made anew each time, since bytes are what memory can hold."""
    filled: Floats = workspace("filled", design.shape, like.dtype)
    filled[...] = design
    return filled


def _sum(log_likelihood: Floats, weight: Floats | None) -> float:
    exact = log_likelihood.astype(np.float64)
    return float(exact.sum() if weight is None else exact @ weight)
