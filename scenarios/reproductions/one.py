"""One published result at a time: what was published, or derived from it, and what comes out here.

    uv run python scenarios/reproductions/one.py R3

R1 to R14 are those of docs/reproductions.md, which says what of each could be had. The numbers come
from the scripts that tell the whole stories; nothing is computed here.
"""

import importlib.util
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

SCENARIOS = Path(__file__).parents[1]
COLUMNS = ["", "published or derived", "ours", "standard error"]
LIFE_STEPS = 1_500_000  # after which a chain has forgotten an event


@cache
def script(name):
    """Return a script of the scenarios as a module."""
    told = importlib.util.spec_from_file_location(Path(name).name, SCENARIOS / f"{name}.py")
    module = importlib.util.module_from_spec(told)
    told.loader.exec_module(module)
    return module


def community(part, start):
    """Return rows of one part of the story of predators; derived where nothing was published."""
    told = getattr(script("living/predator_community"), part)()
    rows = told[0] if isinstance(told, tuple) else told
    chosen = [row for row in rows if row[0].startswith(start)]
    return [(name, elsewhere[0] if elsewhere else known, found, np.nan)
            for name, found, known, *elsewhere in chosen]  # fmt: skip


def webs():
    """Return rows of R4 with standard errors of shares."""
    many = script("living/predator_community").WEBS
    rows = community("webs", "R4 webs")
    return [(*row[:3], (row[2] * (1 - row[2]) / many) ** 0.5) for row in rows]


def quoted(rows, start=""):
    """Return rows of name, measured, theory, quoted, error: what is quoted, else theory."""
    return [
        (name, known if np.isnan(said) else said, found, doubt)
        for name, found, known, said, doubt in rows
        if name.startswith(start)
    ]


def table_of(name):
    """Return rows of a reproduction that has a script of its own."""
    table = script(f"reproductions/{name}").rows()
    columns = ["", "published", "ours", "standard error"]
    return list(table.reindex(columns=columns).itertuples(index=False, name=None))


def best(part):
    """Return rows of R6, R7 or R8."""
    return getattr(script("reproductions/best_rates"), part)()


def layers():
    """Return rows of R9: when modes and chains are half learnt, in units of 1/curvature."""
    told = script("applications/layer_speeds")
    _, halves, known = told.modes()
    found, waits = told.plateaus()
    names = [f"mode of strength {s:g} half learnt" for s in told.MODES]
    names += [f"chain of {n} layers half learnt" for n in told.DEPTHS]
    pairs = zip(names, [*known, *waits], [*halves, *found], strict=True)
    return [(*row, np.nan) for row in pairs]


def memories():
    """Return rows of R10; lifetimes with an event in each step, beside theory of that."""
    told = script("living/methylated_synapses")
    left, lives = told.forgetting(told.CHAIN, LIFE_STEPS)
    _, short = told.forgetting(1, 2000)
    rows = told.memory_rows(left, lives, short, {}, {})
    return [row for row in quoted(rows) if np.isfinite(row[2])]


def oscillations():
    """Return rows of R11."""
    told = script("living/methylated_synapses")
    _, (low, high), onset, frequency = told.sliding()
    return quoted(told.bcm_rows(low, high, onset, frequency))


def large_steps():
    """Return rows of R13: factors, then the double well."""
    told = script("chapter/6_period_doubling")
    cascade = told.doublings(told.WELLS, 0.7, 2, settle=told.SETTLE)
    exponent = told.lyapunov(told.WELLS, 2.0, n=20_000).exponents[0, 0]
    rows = [(f"double well: {2**n} to {2 ** (n + 1)}", known, cascade.values[n], np.nan)
            for n, known in enumerate((1.0, 1.236068))]  # fmt: skip
    rows += [("double well: exponent at rate 2", 1.098612, exponent, np.nan)]
    return [*quoted(script("living/recommender_bubble").factor_rows()), *rows]


def bubbles():
    """Return rows of R14; what lists do to users has a direction only."""
    told = script("living/recommender_bubble")
    many = {"users": told.USERS, "settle": told.BUBBLES, "steps": told.BUBBLES}
    wide = told.score_gaps(told.SHARP, told.SPREAD_RATE, **many)
    fine = told.score_gaps(told.SHARP, told.FINE_RATE, start=0.5, **many)
    return quoted([*told.bubble_rows(wide, fine), *told.loop_rows(told.loops())])


RESULTS = {
    "R1": lambda: community("conservation", ("rest", "R1")),
    "R2": lambda: community("enrichment", "R2"),
    "R3": lambda: community("window", "R3"),
    "R4": webs,
    "R5": lambda: table_of("delayed_feedback"),
    "R6": lambda: best("walks"),
    "R7": lambda: best("volatile"),
    "R8": lambda: best("memories"),
    "R9": layers,
    "R10": memories,
    "R11": oscillations,
    "R12": lambda: table_of("early_warnings"),
    "R13": large_steps,
    "R14": bubbles,
}


def reproduced(name):
    """Return the table of one result: what was published, ours, and its standard error."""
    return pd.DataFrame(RESULTS[name](), columns=COLUMNS)


if __name__ == "__main__":
    asked = sys.argv[1] if len(sys.argv) == 2 else ""
    if asked not in RESULTS:
        sys.exit(f"say which result, one of {', '.join(RESULTS)}; got {asked!r}")
    print(reproduced(asked).to_string(index=False, na_rep="", float_format="{:.6g}".format))
