import numpy as np
import pytest

from app.engine.content import Outlook
from app.engine.stopping import StopReason, stop


def ahead(*, needed: int = 0, possible: int = 5) -> Outlook:
    return Outlook(needed, possible, None, np.array([possible > 0]), np.array([needed > 0]))


def reason(
    *sd: float, needed: int = 0, possible: int = 5, given: int = 8, certainty: float | None = None
) -> StopReason | None:
    return stop(
        sd=np.array(sd),
        se_target=0.4,
        ahead=ahead(needed=needed, possible=possible),
        given=given,
        max_items=10,
        certainty=None if certainty is None else np.full(len(sd), certainty),
        certainty_target=0.95,
    )


def test_a_test_goes_on_while_a_domain_is_above_its_target() -> None:
    assert reason(0.39, 0.41) is None


def test_a_test_ends_when_every_domain_reaches_its_target() -> None:
    assert reason(0.39, 0.4) is StopReason.PRECISION


def test_precision_does_not_end_a_test_that_still_owes_questions() -> None:
    assert reason(0.1, 0.1, needed=1, certainty=1.0) is None


def test_the_greatest_number_of_questions_ends_a_test_first() -> None:
    assert reason(0.1, given=10, possible=0) is StopReason.MAX_ITEMS
    assert reason(0.9, given=11, needed=3) is StopReason.MAX_ITEMS


def test_no_question_left_ends_a_test() -> None:
    assert reason(0.9, possible=0) is StopReason.NO_ITEM


@pytest.mark.parametrize(("certainty", "expected"), [(0.95, StopReason.CLASSIFIED), (0.949, None)])
def test_certain_decisions_end_a_test(certainty: float, expected: StopReason | None) -> None:
    assert reason(0.9, 0.9, certainty=certainty) is expected


def test_certainty_without_a_target_ends_nothing() -> None:
    sd, sure = np.array([0.9]), np.array([1.0])
    assert stop(sd=sd, se_target=0.4, ahead=ahead(), given=1, max_items=9, certainty=sure) is None
    assert stop(sd=sd, se_target=0.4, ahead=ahead(), given=1, max_items=9, certainty_target=0.9) is None
