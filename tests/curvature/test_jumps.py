"""Jumps of a loss: counted by hand, and none below the speed limit."""

import numpy as np
import pytest

from adaptsim.curvature import jumps, train
from adaptsim.landscapes import Canyon
from adaptsim.rules import GradientDescent


def test_counted_by_hand():
    found = jumps([[4.0, 2.0, 3.0, 1.0, 1.0], [1.0, 2.0, 4.0, 3.0, np.nan]])
    np.testing.assert_array_equal(found.share, [0.25, np.nan])
    np.testing.assert_array_equal(found.largest, [0.5, np.nan])


def test_never_below_the_limit_and_always_above_it():
    canyon = Canyon(condition_number=10.0)
    limit = float(canyon.speed_limit(np.zeros(2)))
    below, above = (
        train(
            canyon.loss,
            np.array([0.0, 1.0]),
            GradientDescent(learning_rate=share * limit),
            steps=50,
            every=50,
        )
        for share in (0.9, 1.05)
    )
    assert jumps(below.losses).share == 0
    assert jumps(above.losses).share == 1
    assert jumps(above.losses).largest == pytest.approx((1 - 2 * 1.05) ** 2 - 1, rel=1e-9)


def test_one_loss_is_refused():
    with pytest.raises(ValueError, match="two or more"):
        jumps([1.0])
