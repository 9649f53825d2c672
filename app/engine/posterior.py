"""The exact joint posterior of all domains, from one-dimensional sums.

With L_d[q] the likelihood of the answers in domain d and T_d[k, q] = P(theta_q | g_k):

    m_d[k]             = sum_q T_d[k, q] L_d[q]
    P(g_k | all)       ∝ P(g_k) prod_d m_d[k]
    P(theta_d = q | all) = L_d[q] sum_k T_d[k, q] P(g_k | all) / m_d[k]

No iteration, no sampling. Everything broadcasts over leading axes (persons).
"""

from dataclasses import dataclass

import numpy as np

from app.engine.grid import Floats
from app.engine.prior import SecondOrderPrior
from app.engine.tables import LOG_FLOOR


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """What the answers say about every domain and about the general ability.

    Attributes
    ----------
    general : shape (..., K), P(g_k | all answers).
    domain : shape (..., D, Q), P(theta_d = theta_q | all answers).
    mean, sd : shape (..., D), logits: expected a posteriori ability and its posterior standard deviation.
    general_mean, general_sd : shape (...), the same for the general ability.
    likelihood : shape (..., D, Q), the answers' likelihood scaled to a maximum of one per domain.
    evidence : shape (..., D, K), m_d[k] for that likelihood.
    weight : shape (..., D, K), P(g_k | all) / m_d[k], from which joint probabilities are rebuilt.
    """

    general: Floats
    domain: Floats
    mean: Floats
    sd: Floats
    general_mean: Floats
    general_sd: Floats
    likelihood: Floats
    evidence: Floats
    weight: Floats


def posterior(prior: SecondOrderPrior, log_likelihood: Floats) -> Posterior:
    """Update the prior by the answers' log-likelihood.

    Parameters
    ----------
    log_likelihood : shape (..., D, Q), natural logs, on any additive scale per domain.

    Raises
    ------
    ValueError
        If the shape does not end in (D, Q) or a value is NaN or infinite.
    """
    expected = prior.conditional.shape[0], prior.grid.size
    if log_likelihood.shape[-2:] != expected:
        raise ValueError(f"log_likelihood must end in shape {expected}, got {log_likelihood.shape}")
    if log_likelihood.shape[:-1] == (1,):
        return _alone(prior, log_likelihood)
    if not np.isfinite(log_likelihood).all():
        raise ValueError("log_likelihood must be finite")
    likelihood = np.exp(np.maximum(log_likelihood - log_likelihood.max(axis=-1, keepdims=True), LOG_FLOOR))
    evidence = _by_domain(likelihood, prior.conditional.transpose(0, 2, 1))
    log_general = prior.log_general + np.log(evidence).sum(axis=-2)
    general = np.exp(log_general - log_general.max(axis=-1, keepdims=True))
    general /= general.sum(axis=-1, keepdims=True)
    weight = general[..., None, :] / evidence
    domain = likelihood * _by_domain(weight, prior.conditional)
    domain /= domain.sum(axis=-1, keepdims=True)
    mean, sd = moments(domain, prior.grid.theta)
    general_mean, general_sd = moments(general, prior.grid.theta)
    return Posterior(general, domain, mean, sd, general_mean, general_sd, likelihood, evidence, weight)


def _alone(prior: SecondOrderPrior, log_likelihood: Floats) -> Posterior:
    """One person in one domain: the same with the sums that fall together, for here every call counts.

    Before normalising P(g_k) m[k], its quotient by m is the prior P(g_k); both densities share their moments' calls.
    """
    theta, conditional = prior.grid.theta, prior.conditional[0]
    highest = log_likelihood.max()
    if not np.isfinite(highest + log_likelihood.min()):
        raise ValueError("log_likelihood must be finite")
    likelihood = np.exp(np.maximum(log_likelihood - highest, LOG_FLOOR))
    evidence = conditional.dot(likelihood[0])
    both = np.empty((2, theta.size))
    np.multiply(likelihood[0], prior.marginal[0], out=both[0])
    np.multiply(prior.general, evidence, out=both[1])
    mass = np.add.reduce(both, axis=1)
    both /= mass[:, None]
    mean = both.dot(theta)
    centred = theta - mean[:, None]
    sd = np.sqrt(np.vecdot(both, centred * centred))
    weight = prior.general / mass[1]
    return Posterior(both[1], both[:1], mean[:1], sd[:1], mean[1], sd[1], likelihood, evidence[None], weight[None])


def _by_domain(values: Floats, matrices: Floats) -> Floats:
    """Multiply (..., D, A) by the domains' (D, A, B) matrices: one matrix product per domain for all persons."""
    if values.ndim == 2:  # noqa: PLR2004 - one person: nothing to gather
        one: Floats = np.vecmat(values, matrices)
        return one
    persons = values.reshape(-1, *values.shape[-2:]).transpose(1, 0, 2)
    product: Floats = np.matmul(persons, matrices).transpose(1, 0, 2)
    return product.reshape(*values.shape[:-1], product.shape[-1])


def moments(density: Floats, theta: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation, in logits, of densities (..., Q) on the nodes."""
    mean = density @ theta
    return mean, np.sqrt(np.vecdot(density, (theta - mean[..., None]) ** 2))


def conditional_means(prior: SecondOrderPrior, post: Posterior) -> Floats:
    """E[theta_d | g_k, answers in d], shape (..., D, K), logits."""
    return _by_domain(post.likelihood * prior.grid.theta, prior.conditional.transpose(0, 2, 1)) / post.evidence


def correlations(prior: SecondOrderPrior, post: Posterior) -> Floats:
    """Posterior correlations between the domains' abilities, shape (..., D, D).

    Centred before multiplied: the difference of raw moments keeps no digit of a tiny variance at the grid's ends.
    """
    centred = conditional_means(prior, post) - post.mean[..., None]
    covariance = np.matmul(centred * post.general[..., None, :], np.swapaxes(centred, -1, -2))
    diagonal = np.arange(prior.domains)
    covariance[..., diagonal, diagonal] = post.sd**2
    correlation: Floats = covariance / (post.sd[..., :, None] * post.sd[..., None, :])
    return correlation
