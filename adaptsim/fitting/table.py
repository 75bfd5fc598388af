"""The tables of a fit: measures, hypotheses compared, profiles, courses, and what was recovered."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from adaptsim.fitting.group import RANKLESS, Group, fitted_of_mean, scaled_eigen
from adaptsim.fitting.hypotheses import numbers
from adaptsim.fitting.recovery import Recovery
from adaptsim.fitting.verdict import flag, heterogeneity

if TYPE_CHECKING:
    from adaptsim.fitting.fit import Fit

COLUMNS = (
    "scenario", "kind", "group", "variable", "model", "measure", "value", "unit", "ci_low",
    "ci_high", "theory", "method", "convention", "flag",
)  # fmt: skip
RATE, PER_STEP = "1/(curvature step)", "1/step"


def measure(fit: Fit) -> pd.DataFrame:
    """Return the tidy table, one row a measure; no theory is known of data."""
    rows = [row for group in fit.groups for row in _of_group(fit, group)]
    rows += _of_all(fit)
    common = {"scenario": fit.name, "kind": type(fit.problem.learner.kind).__name__}
    return pd.DataFrame([common | row for row in rows], columns=list(COLUMNS))


def _row(
    group: str,
    model: str,
    name: str,
    value: float,
    unit: str,
    method: str,
    ci: tuple[float, float] = (math.nan, math.nan),
    told: str = "",
    variable: str = "",
) -> dict[str, Any]:
    return {
        "group": group, "variable": variable, "model": model, "measure": name,
        "value": float(value), "unit": unit, "ci_low": float(ci[0]), "ci_high": float(ci[1]),
        "theory": math.nan, "method": method, "convention": "", "flag": told,
    }  # fmt: skip


def _of_group(fit: Fit, group: Group) -> Iterator[dict[str, Any]]:
    convention = fit.request.convention
    for place, pair in enumerate(group.pairs):
        model = group.hypotheses[pair.model].name
        how = "parametric bootstrap" if model in group.drawn else "profile likelihood"
        unit = PER_STEP if pair.name == "decay" else RATE
        told, ends = flag(group, place), group.interval(place)
        top = float(group.profile.top[place])
        yield _row(group.name, model, pair.name, top, unit, f"maximum likelihood, {how}", ends,
                   told) | {"convention": convention}  # fmt: skip
    for place, one in enumerate(group.hypotheses):
        if len(group.members) == 1:
            yield from _nuisances(group, place)
        yield _row(group.name, one.name, "log_likelihood", group.log_likelihoods[place], "1",
                   f"{group.parameters[place]} parameters, {group.count} numbers")  # fmt: skip
        for name, values in (("aic", group.aic), ("bic", group.bic)):
            yield _row(group.name, one.name, name, values[place], "1", "")
        yield _row(group.name, one.name, "akaike_weight", group.weights[place], "1", "")
        test = group.test(place)
        if test is not None:
            against = f"against {one.within}: {test.reference}"
            yield _row(group.name, one.name, "likelihood_ratio", test.statistic, "1", against)
            yield _row(group.name, one.name, "p_value", test.p_value, "1", against)
    if not group.design.options:
        half = stats.norm.isf((1 - group.level) / 2) / math.sqrt(group.count)
        yield _row(
            group.name, group.hypotheses[group.best].name, "residual_autocorrelation_1",
            group.residual_autocorrelation, "1", "interval: where none would lie", (-half, half),
        )  # fmt: skip


def _nuisances(group: Group, model: int) -> Iterator[dict[str, Any]]:
    """Yield start and inverse temperature with Wald's interval, and the noise."""
    name, design = group.hypotheses[model].name, group.design
    information, names = group.information(model), group.names(model)
    shared = len(group.hypotheses[model].parameters)
    told = bool(len(names)) and scaled_eigen(information)[0].min() > RANKLESS
    errors = np.sqrt(np.diagonal(np.linalg.inv(information))) if told else None
    width = float(stats.norm.isf((1 - group.level) / 2))
    for k, nuisance in enumerate(one for one in design.nuisances if one):
        value = float(group.estimate.own[model, 0, k])
        half = math.nan if errors is None else width * float(errors[shared + k])
        unit = "1/attraction" if nuisance == "inverse_temperature" else "trait"
        yield _row(group.name, name, nuisance, value, unit, "maximum likelihood, Wald",
                   (value - half, value + half),
                   "" if told else "not identified")  # fmt: skip
    if design.options:
        return
    for k, variable in enumerate(design.variables):
        many = float(np.asarray(group.records.weight)[0, :, k].sum())
        free = max(many - fitted_of_mean(design, group.hypotheses[model]), 1.0)
        squares = float(group.spread[model, 0, k]) ** 2 * many
        tails = [(1 + group.level) / 2, (1 - group.level) / 2]
        ends = [math.sqrt(squares / q) for q in stats.chi2.ppf(tails, free)]
        yield _row(
            group.name, name, "noise_sd", math.sqrt(squares / free), "trait",
            f"residuals, chi2({free:g})", (ends[0], ends[1]), variable=variable,
        )  # fmt: skip


def _of_all(fit: Fit) -> Iterator[dict[str, Any]]:
    found = heterogeneity(fit)
    if found is not None:
        statistic, chance, free = found
        how = f"own rates against a common one: chi2({free})"
        yield _row("pooled", "fixed", "heterogeneity_ratio", statistic, "1", how)
        yield _row("pooled", "fixed", "heterogeneity_p_value", chance, "1", how)
    if fit.recovery is not None:
        yield from _of_recovery(fit, fit.recovery)


def _of_recovery(fit: Fit, found: Recovery) -> Iterator[dict[str, Any]]:
    group, many = fit.groups[-1].name, len(found.found)
    how = f"{many} data sets simulated with the rate {found.truth:.6g}"
    share, low, high = found.coverage
    error = float(found.found.std(ddof=1)) if many > 1 else math.nan
    half = 1.96 * error / math.sqrt(many)
    bias = float(found.found.mean()) - found.truth
    yield _row(group, "fixed", "recovery_coverage", share, "1", f"{how}; Wilson", (low, high))
    yield _row(group, "fixed", "recovery_bias", bias, RATE, how, (bias - half, bias + half))
    yield _row(group, "fixed", "recovery_sd", error, RATE, how)
    yield _row(group, "fixed", "recovery_bounded", found.bounded.mean(), "1",
               f"{how}; share whose interval touches a bound")  # fmt: skip


def compare(fit: Fit) -> pd.DataFrame:
    """Return one row per group and hypothesis, the best by AIC first in each group."""
    rows = []
    for group in fit.groups:
        for place in np.argsort(group.aic, kind="stable"):
            one, test = group.hypotheses[place], group.test(int(place))
            rates = numbers(group.hypotheses, fit.problem.low, fit.problem.high).embedding[place]
            rises, falls, decay = np.asarray(rates @ group.estimate.shared[place])
            rows.append({
                "group": group.name, "model": one.name,
                "log_likelihood": group.log_likelihoods[place],
                "parameters": int(group.parameters[place]), "numbers": group.count,
                "aic": group.aic[place], "bic": group.bic[place],
                "delta_aic": group.aic[place] - group.aic.min(),
                "delta_bic": group.bic[place] - group.bic.min(),
                "akaike_weight": group.weights[place], "against": one.within,
                "likelihood_ratio": test.statistic if test else math.nan,
                "p_value": test.p_value if test else math.nan,
                "reference": test.reference if test else "",
                "rate_of_rises": rises, "rate_of_falls": falls, "decay": decay,
            })  # fmt: skip
    return pd.DataFrame(rows)


def profiles(fit: Fit) -> pd.DataFrame:
    """Return the profiles: twice the log likelihood lost, over values of each shared parameter."""
    frames = [
        pd.DataFrame({
            "group": group.name, "model": group.hypotheses[pair.model].name,
            "parameter": pair.name, "value": group.profile.values[place],
            "deviance": group.profile.deviance[place], "allowed": group.limit[place],
        })
        for group in fit.groups
        for place, pair in enumerate(group.pairs)
    ]  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def trajectory(fit: Fit) -> pd.DataFrame:
    """Return what was seen beside what each hypothesis shows, one row per individual and row.

    Of choices: whether each option was chosen, and its chance.
    """
    seen, frames = fit.observations, []
    design = fit.problem.design
    variables = seen.options or design.variables
    individuals = [group for group in fit.groups if len(group.members) == 1]
    for group in individuals:
        i = group.members[0]
        rows = len(seen.times[i])
        for m, one in enumerate(group.hypotheses):
            shown = (
                chances(group.shown[m, 0, :rows]) if design.options else group.shown[m, 0, :rows]
            )
            frames += [
                pd.DataFrame({
                    "group": group.name, "model": one.name, "variable": variable,
                    "time": seen.times[i], "observed": seen.seen[i][:, k], "fitted": shown[:, k],
                })
                for k, variable in enumerate(variables)
            ]  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def chances(shown: np.ndarray) -> np.ndarray:
    """Return the chances to choose that go with logarithms up to a constant, ``(T, k)``."""
    risen = np.exp(shown - shown.max(axis=1, keepdims=True))
    shares: np.ndarray = risen / risen.sum(axis=1, keepdims=True)
    return shares


def recovered(found: Recovery) -> pd.DataFrame:
    """Return what was recovered, one row per simulated data set."""
    return pd.DataFrame({
        "simulated": found.truth, "recovered": found.found, "ci_low": found.low,
        "ci_high": found.high, "covered": found.covered, "bounded": found.bounded,
    })  # fmt: skip
