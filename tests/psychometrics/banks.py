"""Banks of every family for tests of the files that hold them."""

import numpy as np
from hypothesis import strategies as st

from app.engine.families import FAMILIES
from app.psychometrics.bank import BankFile, BankItem
from tests.engine.families import NAMES, parameters


@st.composite
def bank_items(draw: st.DrawFn, name: str) -> BankItem:
    """An item of a family, known exactly or with a full covariance of its transformed parameters."""
    mean = draw(parameters(name, above=draw(st.integers(1, 5))))
    entries = draw(st.lists(st.floats(-0.3, 0.3), min_size=mean.size**2, max_size=mean.size**2))
    square = np.array(entries).reshape(mean.size, mean.size)
    root = np.tril(square, -1) + np.diag(0.05 + np.abs(np.diag(square)))
    covariance = root @ root.T if draw(st.booleans()) else None
    return BankItem("q", "SN1", name, mean, covariance)


@st.composite
def banks(draw: st.DrawFn) -> BankFile:
    """Banks that mix families."""
    drawn = draw(st.lists(st.sampled_from(NAMES).flatmap(bank_items), min_size=1, max_size=6))
    return BankFile(
        tuple(
            BankItem(f"q{index}", f"SN{index % 3}", item.model, item.mean, item.covariance)
            for index, item in enumerate(drawn)
        )
    )


def same(found: BankItem, expected: BankItem, *, tolerance: float = 1e-12) -> None:
    """Assert that two items are one, in natural parameters and covariances, to the tolerance."""
    assert (found.id, found.domain, found.model) == (expected.id, expected.domain, expected.model)
    family = FAMILIES[found.model]
    np.testing.assert_allclose(family.natural(found.mean), family.natural(expected.mean), rtol=tolerance, atol=1e-15)
    np.testing.assert_allclose(found.mean, expected.mean, rtol=tolerance, atol=tolerance)
    assert (found.covariance is None) == (expected.covariance is None)
    if found.covariance is not None and expected.covariance is not None:
        jacobian = family.jacobian(expected.mean)
        one, other = (jacobian @ c @ jacobian.T for c in (found.covariance, expected.covariance))
        np.testing.assert_allclose(one, other, rtol=0, atol=tolerance * np.abs(other).max())
        # Neighbouring thresholds that vary together say little of their distance: digits are lost on the way.
        lost = max(1.0, np.abs(np.linalg.inv(jacobian)).max() ** 2)
        np.testing.assert_allclose(
            found.covariance, expected.covariance, rtol=0, atol=tolerance * lost * np.abs(other).max()
        )
