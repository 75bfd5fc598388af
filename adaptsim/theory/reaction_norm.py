"""Plasticity that is inherited: a trait that responds at once to a cue, ``trait = slope * cue``.

The cue is the optimum as it was when it was seen, with noise: of variance ``V + R`` where the
optimum has variance V about a mean of 0, observations R. ``rho`` is the correlation of the optimum
then with the optimum that the trait meets. A slope learns nothing, so it needs no time and reaches
no further than one observation.
"""

from adaptsim.theory._closed_form import Floats, closed_form
from adaptsim.theory.quantitative_genetics import genetic_variance


@closed_form
def tracking_mse(
    slope: Floats,
    *,
    variance: Floats,
    observation_variance: Floats = 0.0,
    correlation: Floats = 1.0,
) -> Floats:
    """Return the mean squared error of a slope b, ``V - 2 b rho V + b^2 (V + R)``.

    Parameters
    ----------
    slope : float or array
        Response b to the cue [trait / cue].
    variance : float or array
        Variance V of the optimum [trait**2]; ``A^2 / 2`` of a sine over whole periods.
    observation_variance : float or array
        Variance R of one observation [trait**2].
    correlation : float or array
        Correlation rho of the optimum when seen and when met [1]; ``cos w`` of a sine one step
        later.

    Returns
    -------
    float or array
        Mean squared error [trait**2].

    Examples
    --------
    >>> tracking_mse(0.5, variance=1.0, observation_variance=1.0)
    0.5

    References
    ----------
    Derived here: the variance of ``b cue - optimum``; verified against series in tests/theory.
    """
    return variance * (1 - 2 * slope * correlation) + slope**2 * (variance + observation_variance)


@closed_form
def best_slope(
    *, variance: Floats, observation_variance: Floats = 0.0, correlation: Floats = 1.0
) -> Floats:
    """Return the slope of least error, ``rho V / (V + R)``: the regression on the cue.

    With it the error is ``V (1 - r^2)``, r being the correlation of cue and optimum: plasticity is
    as good as its cue.

    Parameters
    ----------
    variance, observation_variance, correlation : float or array
        As for ``tracking_mse``.

    Returns
    -------
    float or array
        Slope [trait / cue].

    Examples
    --------
    >>> best_slope(variance=1.0, observation_variance=0.25, correlation=0.9)
    0.72

    References
    ----------
    Least squares. Gavrilets & Scheiner (1993), J. Evol. Biol. 6:31, for reaction norms that evolve
    to it; named from general knowledge, not re-read for this.
    """
    return correlation * variance / (variance + observation_variance)


@closed_form
def slope_variance(
    *,
    mutation_variance: Floats,
    selection: Floats,
    variance: Floats,
    observation_variance: Floats = 0.0,
    size: Floats = float("inf"),
) -> Floats:
    """Return the variance of slopes where mutation and selection are in balance, without sex.

    Log fitness ``-(s/2) MSE`` is a parabola in the slope, so the slope is itself a trait under
    Gaussian selection, of width ``w^2 = 1 / (s (V + R))``, about its best.

    Parameters
    ----------
    mutation_variance : float or array
        Variance M that mutation adds to slopes [(trait / cue)**2 / generation].
    selection : float or array
        Log fitness lost per half mean squared error, s [1 / trait**2].
    variance, observation_variance : float or array
        As for ``tracking_mse``.
    size : float or array
        Individuals n [1].

    Returns
    -------
    float or array
        Variance of slopes before selection [(trait / cue)**2].

    Examples
    --------
    >>> round(slope_variance(mutation_variance=1e-4, selection=20.0, variance=1.0), 6)
    0.002287

    References
    ----------
    ``quantitative_genetics.genetic_variance``.
    """
    width = (selection * (variance + observation_variance)) ** -0.5
    return genetic_variance(mutation_variance=mutation_variance, width=width, size=size)
