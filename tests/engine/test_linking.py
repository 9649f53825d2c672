"""Linking: R's equateIRT, curves that only change their scale, and errors by drawing parameters."""

import numpy as np
import pytest

from app.engine.common_items import Calibrated, calibrated, curves
from app.engine.families import FAMILIES
from app.engine.linking import METHODS, Method, find_link, jackknife_errors
from app.engine.rescaling import carried, rescale
from tests.engine.link_cases import MIXED, NOMINAL, REFERENCE, common, exact, moved

CURVES: list[Method] = ["haebara", "stocking-lord"]
RASCH = [("rasch", np.array([b])) for b in (-1.0, 0.2, 1.3)]


@pytest.mark.parametrize("method", METHODS)
def test_constants_and_errors_are_those_of_equateirt(method: Method) -> None:
    a, b, se_a, se_b = REFERENCE["links"][method]
    if method == "mean-sigma":
        se_a *= 10 / 9
    link = find_link(*common(), method=method)
    assert (link.slope, link.intercept) == pytest.approx((a, b), abs=1e-6)
    assert link.se == pytest.approx((se_a, se_b), rel=0.02)


def drawn(items: Calibrated, rng: np.random.Generator) -> Calibrated:
    """The items as another sample of persons might have calibrated them."""
    xi = rng.multivariate_normal(np.concatenate(items.means), items.covariance)
    return Calibrated(items.models, tuple(xi[span] for span in items.spans), items.covariance)


@pytest.mark.parametrize("method", METHODS)
def test_standard_errors_are_the_spread_over_calibrations(method: Method) -> None:
    origin, target = common()
    rng = np.random.default_rng(3)
    links = [find_link(drawn(origin, rng), drawn(target, rng), method=method) for _ in range(200)]
    spread = np.std([(link.slope, link.intercept) for link in links], axis=0)
    np.testing.assert_allclose(find_link(origin, target, method=method).se, spread, rtol=3 / np.sqrt(400))


def test_errors_of_items_alone_leave_out_what_the_items_share() -> None:
    whole, sides = find_link(*common()).se, common()
    blocks = [[side.covariance[span, span] for span in side.spans] for side in sides]
    alone = find_link(*(calibrated(side.models, side.means, each) for side, each in zip(sides, blocks, strict=True)))
    assert alone.se[0] / whole[0] == pytest.approx(0.84, abs=0.02)
    assert alone.se[1] / whole[1] == pytest.approx(0.63, abs=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_items_that_only_changed_their_scale_give_it_back(method: Method) -> None:
    link = find_link(exact(MIXED), moved(MIXED, 1.3, -0.4), method=method)
    assert (link.slope, link.intercept) == pytest.approx((1.3, -0.4), abs=1e-6)
    assert link.se == (0.0, 0.0)


@pytest.mark.parametrize("method", CURVES)
def test_scales_far_apart_are_linked_too(method: Method) -> None:
    link = find_link(exact(MIXED), moved(MIXED, 3.0, 6.0), method=method, theta=np.linspace(-4, 16, 81))
    assert (link.slope, link.intercept) == pytest.approx((3.0, 6.0), abs=1e-5)


@pytest.mark.parametrize("method", CURVES)
def test_nominal_items_are_linked_by_their_curves(method: Method) -> None:
    items = [*MIXED, NOMINAL]
    link = find_link(exact(items), moved(items, 0.8, 0.5), method=method)
    assert (link.slope, link.intercept) == pytest.approx((0.8, 0.5), abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_items_without_slopes_differ_in_the_origin_only(method: Method) -> None:
    shifted = [("rasch", xi + 0.6) for _, xi in RASCH]
    link = find_link(exact(RASCH), exact(shifted), method=method)
    assert link.slope == 1.0
    assert link.intercept == pytest.approx(0.6, abs=1e-6)
    assert link.se[0] == 0.0


def test_the_population_may_be_given() -> None:
    origin, target = common()
    theta = np.linspace(1, 4, 31)
    there = find_link(origin, target, theta=theta, weights=np.ones(31))
    far = find_link(origin, target, theta=theta - 4, weights=np.ones(31))
    assert there.slope != pytest.approx(far.slope, abs=1e-3)


@pytest.mark.parametrize(
    "model", [*MIXED[:5], NOMINAL, ("pcm", np.array([-0.5, 0.8])), RASCH[0]], ids=lambda item: item[0]
)
def test_a_rescaled_item_keeps_its_curve(model: tuple[str, np.ndarray]) -> None:
    name, xi = model
    there = rescale(name, xi, 1.4, -0.7)
    theta = np.linspace(-3, 3, 13)
    told = FAMILIES[name].log_p((theta + 0.7) / 1.4, xi)
    np.testing.assert_allclose(FAMILIES[there.model].log_p(theta, there.mean), told, atol=1e-10)
    same = rescale(name, xi, 1.0, 0.0)
    assert same.model == name
    np.testing.assert_allclose(same.mean, xi)


@pytest.mark.parametrize("model", [*MIXED[:5], NOMINAL, RASCH[0]], ids=lambda item: item[0])
def test_derivatives_of_rescaled_parameters_are_those_by_differences(model: tuple[str, np.ndarray]) -> None:
    name, xi = model
    there, step = rescale(name, xi, 1.4, -0.7), 1e-6
    for k in range(xi.size):
        up, down = (rescale(name, xi + sign * step * np.eye(xi.size)[k], 1.4, -0.7).mean for sign in (1, -1))
        np.testing.assert_allclose(there.by_mean[:, k], (up - down) / (2 * step), atol=1e-7)
    for k, unit in enumerate(np.eye(2)):
        up, down = (rescale(name, xi, *(np.array([1.4, -0.7]) + sign * step * unit)).mean for sign in (1, -1))
        np.testing.assert_allclose(there.by_link[:, k], (up - down) / (2 * step), atol=1e-7)


def test_carried_items_bring_their_errors_and_the_links() -> None:
    origin, target = common()
    link = find_link(origin, target, method="mean-sigma")
    alone, both = carried(origin, link, with_link_error=False), carried(origin, link)
    for number in range(origin.size):
        place = 2 * number + 1
        assert alone.means[number][1] == pytest.approx(link.slope * origin.means[number][1] + link.intercept)
        assert alone.covariance[place, place] == pytest.approx(link.slope**2 * origin.covariance[place, place])
        by_link = np.array([origin.means[number][1], 1.0])
        more = both.covariance[place, place] - alone.covariance[place, place]
        assert more == pytest.approx(by_link @ link.covariance @ by_link)


def test_leaving_items_out_tells_how_much_the_anchors_matter() -> None:
    origin, target = common()
    a, b = jackknife_errors(origin, target)
    assert 0 < a < 0.05
    assert 0 < b < 0.05
    assert jackknife_errors(exact(MIXED), moved(MIXED, 1.3, -0.4), groups=3) == pytest.approx((0, 0), abs=1e-6)
    assert np.isnan(jackknife_errors(exact(MIXED[:1]), exact(MIXED[:1]))).all()
    assert np.isnan(jackknife_errors(exact(MIXED[:2]), exact(MIXED[:2]), method="mean-sigma")).all()


def test_slopes_of_curves_are_those_of_differences() -> None:
    theta = np.array([-1.0, 0.3])
    for item, (name, xi) in zip(curves(exact(MIXED), theta), MIXED, strict=True):
        for k in range(xi.size):
            up, down = (np.exp(FAMILIES[name].log_p(theta, xi + sign * 1e-6 * np.eye(xi.size)[k])) for sign in (1, -1))
            np.testing.assert_allclose(item.gradient[k], (up - down) / 2e-6, atol=1e-7)
        assert (item.score > 0).all()


def test_links_that_cannot_be_made_are_refused() -> None:
    with pytest.raises(ValueError, match="method"):
        find_link(exact(MIXED), exact(MIXED), method="equipercentile")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="2 or more items"):
        find_link(exact(MIXED[:1]), exact(MIXED[:1]), method="mean-sigma")
    with pytest.raises(ValueError, match="locations must differ"):
        find_link(exact([MIXED[0]] * 3), exact(MIXED[:3]), method="mean-sigma")
    with pytest.raises(ValueError, match="same 1 or more"):
        find_link(exact(MIXED[:2]), exact(MIXED[:1]))
    with pytest.raises(ValueError, match="item 0: categories"):
        find_link(exact(MIXED[:1]), exact(MIXED[3:4]))
    with pytest.raises(ValueError, match="nrm"):
        find_link(exact([NOMINAL]), exact([NOMINAL]), method="mean-mean")
    for slope, intercept in ((0.0, 0.0), (1.0, np.nan)):
        with pytest.raises(ValueError, match="slope must be"):
            rescale("2pl", MIXED[0][1], slope, intercept)


def test_items_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="equally many"):
        calibrated(["2pl"], [])
    with pytest.raises(ValueError, match="equally many"):
        calibrated(["2pl"], [np.zeros(2)], [])
    with pytest.raises(ValueError, match="5pl"):
        calibrated(["5pl"], [np.zeros(2)])
    with pytest.raises(ValueError, match="shape"):
        calibrated(["2pl"], [np.zeros(2)], covariance=np.eye(3))
