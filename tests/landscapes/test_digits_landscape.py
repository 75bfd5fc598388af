"""Digits: the loss, the gradient's terms and the shares are those of scikit-learn."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from adaptsim.landscapes import Digits
from adaptsim.landscapes import digits as module
from adaptsim.part import WrongField

pytest.importorskip("sklearn")
SMALL = Digits(layers=(64, 6, 10), samples=100)


def test_no_image_is_both_trained_on_and_held_out():
    data = SMALL.images()
    places = np.concatenate([data.places, data.held_out_places])
    assert len(data.places) == 100
    np.testing.assert_array_equal(np.sort(places), np.arange(1797))
    assert data.inputs.mean() == pytest.approx(0, abs=1e-12)
    assert data.inputs.std() == pytest.approx(1, rel=1e-12)


def test_the_loss_is_log_loss_and_the_shares_are_accuracies():
    from sklearn.metrics import accuracy_score, log_loss

    data, theta = SMALL.images(), 2 * SMALL.start()
    outputs = np.asarray(SMALL.outputs(theta, data.inputs))
    known = log_loss(data.digits, jax.nn.softmax(outputs), labels=np.arange(10))
    assert float(SMALL.loss(theta)) == pytest.approx(known, rel=1e-9)
    others = np.asarray(SMALL.outputs(theta, data.held_out)).argmax(axis=1)
    read = SMALL.readings(theta)
    assert float(read["held_out_accuracy"]) == accuracy_score(data.held_out_digits, others)
    assert float(read["accuracy"]) == accuracy_score(data.digits, outputs.argmax(axis=1))


@pytest.mark.parametrize("error", ["cross_entropy", "squared"])
def test_the_loss_is_the_mean_of_its_terms(error):
    images = SMALL.replace(error=error, ridge=0.1)
    theta = images.start()
    terms = jax.vmap(images.term, (None, 0))(theta, jnp.arange(images.n_terms))
    assert float(terms.mean()) == pytest.approx(float(images.loss(theta)), rel=1e-12)


def test_squared_error_by_hand():
    data, theta = SMALL.images(), SMALL.start()
    missed = np.asarray(SMALL.outputs(theta, data.inputs)) - np.eye(10)[data.digits]
    told = float(SMALL.replace(error="squared").loss(theta))
    assert told == pytest.approx((missed**2).sum(axis=1).mean() / 2, rel=1e-12)


def test_without_a_hidden_layer_the_minimum_is_that_of_logistic_regression():
    """scikit-learn leaves the biases out of the ridge; here, too, they are taken out by hand."""
    from scipy.optimize import minimize
    from sklearn.linear_model import LogisticRegression

    images = Digits(layers=(64, 10), samples=100)
    data, ridge = images.images(), 0.05

    @jax.jit
    def cost(theta):
        return images.loss(theta) + ridge * jnp.sum(theta[:640] ** 2) / 2

    ours = minimize(cost, images.start(), jac=jax.jit(jax.grad(cost)), method="L-BFGS-B",
                    options={"maxiter": 2000, "ftol": 1e-14, "gtol": 1e-9})  # fmt: skip
    theirs = LogisticRegression(C=1 / (ridge * 100), tol=1e-10, max_iter=5000)
    theirs.fit(data.inputs, data.digits)
    np.testing.assert_allclose(ours.x[:640].reshape(64, 10), theirs.coef_.T, atol=1e-5)


def test_the_start_has_the_size_that_is_asked_for():
    np.testing.assert_allclose(SMALL.replace(gain=0.5).start(), SMALL.start() / 2)


def test_wrong_layers_and_a_missing_package_are_told(monkeypatch):
    with pytest.raises(WrongField, match="must begin with 64, the pixels"):
        Digits(layers=(32, 10))
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="scikit-learn, which is not installed"):
        Digits()


def test_runs_follow_the_share_of_unseen_images_told_apart():
    digits = Digits(layers=(64, 10), samples=50)
    theta = digits.start()
    found, due = digits.tracked(theta)["held_out_accuracy"]
    assert float(found) == float(digits.readings(theta)["held_out_accuracy"])
    assert float(due) == 1.0
