"""Response models by name, as calibration, tables and files use them.

Everything is vectorised over the leading axes of the parameters: items of one family and one number of categories go
through together. Metric: logistic, without the 1.7 constant.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Final

from app.engine import binary, credit, graded
from app.engine.grid import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """A response model as a function of its transformed parameters xi, on whose scale posteriors are normal.

    Shapes: theta (Q,) in logits; xi (..., p); C categories. Natural parameters are those people read: slopes per
    logit, difficulties in logits, probabilities, in the order of the transformed ones.

    Attributes
    ----------
    name : as in ``FAMILIES``.
    parameters : names of the p transformed parameters of an item of so many categories.
    natural_parameters : names of the p natural parameters.
    categories : the number of categories of an item of p parameters; ValueError if the family has no such item.
    log_p : (theta, xi) → log P(category c | theta_q), shape (..., C, Q); ValueError for parameters outside the model.
    evaluate : (theta, xi) → log_p (to rounding) and gradient in one pass, for less than the two apart.
    natural : xi → natural parameters, shape (..., p).
    transformed : natural parameters → xi; ValueError naming the one that is outside the model.
    jacobian : xi → d natural_j / d xi_k, shape (..., p, p), row j, column k.
    """

    name: str
    parameters: Callable[[int], tuple[str, ...]]
    natural_parameters: Callable[[int], tuple[str, ...]]
    categories: Callable[[int], int]
    log_p: Callable[[Floats, Floats], Floats]
    evaluate: Callable[[Floats, Floats], tuple[Floats, Floats]]
    natural: Callable[[Floats], Floats]
    transformed: Callable[[Floats], Floats]
    jacobian: Callable[[Floats], Floats]

    def gradient(self, theta: Floats, xi: Floats) -> Floats:
        """``d log P(category c | theta_q) / d xi_k``, shape (..., p, C, Q)."""
        return self.evaluate(theta, xi)[1]


def _binary(name: str, size: int) -> Family:
    first = 1 if size == 1 else 0
    return Family(
        name=name,
        parameters=partial(_fixed, names=binary.TRANSFORMED[first : size + first]),
        natural_parameters=partial(_fixed, names=binary.NATURAL[first : size + first]),
        categories=partial(_two, size=size),
        log_p=partial(binary.log_p, size=size),
        evaluate=partial(binary.evaluate, size=size),
        natural=partial(binary.natural, size=size),
        transformed=partial(binary.transformed, size=size),
        jacobian=partial(binary.jacobian, size=size),
    )


def _fixed(categories: int, *, names: tuple[str, ...]) -> tuple[str, ...]:
    if categories != 2:  # noqa: PLR2004
        raise ValueError(f"categories must be 2, got {categories}")
    return names


def _two(parameters: int, *, size: int) -> int:
    if parameters != size:
        raise ValueError(f"parameters must number {size}, got {parameters}")
    return 2


def _numbered(letter: str, categories: int) -> tuple[str, ...]:
    if categories < 2:  # noqa: PLR2004
        raise ValueError(f"categories must be at least 2, got {categories}")
    return tuple(f"{letter}{number}" for number in range(1, categories))


def _credit_names(categories: int) -> tuple[str, ...]:
    return _numbered("b", categories)


def _sloped_names(categories: int, *, slope: str) -> tuple[str, ...]:
    return (slope, *_numbered("b", categories))


def _graded_names(categories: int) -> tuple[str, ...]:
    thresholds = _numbered("b", categories)
    return ("log a", "b1", *(f"log ({high}-{low})" for low, high in pairwise(thresholds)))


def _nominal_names(categories: int) -> tuple[str, ...]:
    return (*_numbered("a", categories), *_numbered("c", categories))


def _above(parameters: int, *, fixed: int, per_category: int = 1) -> int:
    """Categories of an item that has ``fixed`` parameters and so many more for each category above 0."""
    above, left = divmod(parameters - fixed, per_category)
    if above < 1 or left:
        raise ValueError(f"parameters must number {fixed} + {per_category} (categories - 1), got {parameters}")
    return above + 1


FAMILIES: Final[dict[str, Family]] = {
    family.name: family
    for family in (
        _binary("rasch", 1),
        _binary("1pl", 1),
        _binary("2pl", 2),
        _binary("3pl", 3),
        _binary("4pl", 4),
        Family(
            name="pcm",
            parameters=_credit_names,
            natural_parameters=_credit_names,
            categories=partial(_above, fixed=0),
            log_p=credit.pcm_log_p,
            evaluate=credit.pcm_evaluate,
            natural=credit.identity,
            transformed=credit.identity,
            jacobian=credit.identity_jacobian,
        ),
        Family(
            name="gpcm",
            parameters=partial(_sloped_names, slope="log a"),
            natural_parameters=partial(_sloped_names, slope="a"),
            categories=partial(_above, fixed=1),
            log_p=credit.gpcm_log_p,
            evaluate=credit.gpcm_evaluate,
            natural=credit.gpcm_natural,
            transformed=credit.gpcm_transformed,
            jacobian=credit.gpcm_jacobian,
        ),
        Family(
            name="grm",
            parameters=_graded_names,
            natural_parameters=partial(_sloped_names, slope="a"),
            categories=partial(_above, fixed=1),
            log_p=graded.log_p,
            evaluate=graded.evaluate,
            natural=graded.natural,
            transformed=graded.transformed,
            jacobian=graded.jacobian,
        ),
        Family(
            name="nrm",
            parameters=_nominal_names,
            natural_parameters=_nominal_names,
            categories=partial(_above, fixed=0, per_category=2),
            log_p=credit.nrm_log_p,
            evaluate=credit.nrm_evaluate,
            natural=credit.identity,
            transformed=credit.identity,
            jacobian=credit.identity_jacobian,
        ),
    )
}
"""Rasch and 1pl (b); 2pl (log a, b); 3pl (log a, b, logit c); 4pl (log a, b, logit c, logit((d - c) / (1 - c)));
pcm (b_1 … b_m); gpcm (log a, b_1 … b_m); grm (log a, b_1, log(b_2 - b_1) …); nrm (a_1 … a_m, c_1 … c_m)."""
