"""Courses read from files."""

import hashlib
import importlib.resources
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptsim import adaptation, agents, rules
from adaptsim.environments import Recorded
from adaptsim.part import WrongField

from .courses import at, course, courses

HARE = "adaptsim:data/hare_lynx_pelts.csv"
VOLES = "adaptsim:data/kilpisjarvi_voles.csv"
BOTH = ("grey_sided_vole", "other_voles")


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Return a function that writes a CSV file and returns its path."""

    def writer(text: str, name: str = "series.csv") -> str:
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return writer


@pytest.fixture
def gappy(write: Any) -> str:
    """Return a file with a gap at each end and one of two rows within."""
    return str(write("# told\nyear,a,b\n1,,1\n2,2,1\n3,,1\n4,,1\n5,8,1\n6,,1\n"))


def test_hare_and_lynx() -> None:
    """The shipped pelts come out as they stand in the file, columns in the order asked for."""
    pelts = Recorded(path=HARE, columns=("lynx", "snowshoe_hare"))
    seen = course(pelts, 21)
    assert pelts.n_steps == pelts.n_rows == 21
    np.testing.assert_array_equal(seen[0], [4.0, 30.0])
    np.testing.assert_array_equal(seen[-1], [8.6, 24.7])
    np.testing.assert_allclose(pelts.rest(), seen.mean(axis=0), rtol=1e-14)
    assert (pelts.probe, pelts.random) == ("fluctuation", False)


def test_voles_refuse_their_gaps() -> None:
    """By default gaps are an error that names the rows and says what to write."""
    words = r"'grey_sided_vole' is empty in 4 of 97 rows: row 0 \(year 1949\), .*interpolate"
    with pytest.raises(WrongField, match=words):
        Recorded(path=VOLES, columns=BOTH)
    assert Recorded(path=VOLES, columns=BOTH, first_row=7).n_rows == 90


def test_voles_filled_and_reported() -> None:
    """The report says where the numbers come from and what was done to them."""
    voles = Recorded(path=VOLES, columns=BOTH, gaps="interpolate", floor=0.05, steps_per_row=10)
    file = importlib.resources.files("adaptsim").joinpath("data/kilpisjarvi_voles.csv")
    seen = course(voles, voles.n_steps)
    zeros = pd.read_csv(str(file), comment="#")[list(BOTH)].eq(0).sum()
    assert voles.report() == {
        "file": str(file),
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "rows": 97,
        "columns": list(BOTH),
        "gaps_filled": {name: {"interpolated": 3, "nearest": 1} for name in BOTH},
        "raised_to_floor": zeros.to_dict(),
        "steps_per_row": 10,
        "n_steps": 961,
    }
    assert seen.min() == 0.05
    np.testing.assert_array_equal(seen[0], [20.0, 8.3])
    np.testing.assert_allclose(seen[20], [(20 + 15.7) / 2, (8.3 + 6.4) / 2])


def test_a_package_and_units() -> None:
    """Files of other packages are found by name; degrees Fahrenheit become Celsius."""
    path = "vega_datasets:_data/seattle-temps.csv"
    celsius = Recorded(path=path, columns=("temp",), scale=5 / 9, offset=-160 / 9)
    assert celsius.n_steps == 8759
    assert float(at(celsius, 0)[0]) == pytest.approx((39.4 - 32) * 5 / 9)


@pytest.mark.parametrize(
    ("gaps", "expected", "told"),
    [
        ("interpolate", [2, 2, 4, 6, 8, 8], {"interpolated": 2, "nearest": 2}),
        ("hold", [2, 2, 2, 2, 8, 8], {"held": 3, "nearest": 1}),
    ],
)
def test_gaps(gappy: str, gaps: str, expected: list[float], told: dict[str, int]) -> None:
    """Gaps are filled as asked, at the ends by the nearest value, and counted."""
    series = Recorded(path=gappy, columns=("a", "b"), gaps=gaps)
    assert course(series, 6)[:, 0].tolist() == expected
    assert series.report()["gaps_filled"] == {"a": told, "b": {}}


def test_order_of_conversion(gappy: str) -> None:
    """First scale, then offset, then the floor."""
    series = Recorded(path=gappy, columns=("a",), gaps="hold", scale=-2.0, offset=10.0, floor=3.0)
    assert course(series, 6)[:, 0].tolist() == [6, 6, 6, 6, 3, 3]
    assert series.report()["raised_to_floor"] == {"a": 2}
    assert series.rest().tolist() == [5.0]


COURSES = {
    ("linear", "hold"): [0, 2, 4, 2, 0, 0, 0],
    ("linear", "repeat"): [0, 2, 4, 2, 0, 0, 0],
    ("linear", "refuse"): [0, 2, 4, 2, 0, np.nan, np.nan],
    ("hold", "hold"): [0, 0, 4, 4, 0, 0, 0],
    ("hold", "repeat"): [0, 0, 4, 4, 0, 0, 0],
    ("hold", "refuse"): [0, 0, 4, 4, 0, 0, np.nan],
}


@pytest.mark.parametrize(("between", "after_end"), COURSES)
def test_between_rows_and_after_the_end(write: Any, between: str, after_end: str) -> None:
    """Every choice of what is shown where there is no row."""
    series = Recorded(
        path=write("a\n0\n4\n0\n"),
        columns=("a",),
        steps_per_row=2,
        between=between,
        after_end=after_end,
    )
    assert series.n_steps == (5 if between == "linear" else 6)
    np.testing.assert_array_equal(course(series, 7)[:, 0], COURSES[between, after_end])


def test_repeat_joins_last_and_first(write: Any) -> None:
    """A repeated series has the period of its rows, the join in a straight line."""
    path = write("a\n0\n1\n4\n")
    series = Recorded(path=path, columns=("a",), steps_per_row=2, after_end="repeat")
    seen = course(series, 18)[:, 0]
    assert seen[:6].tolist() == [0, 0.5, 1, 2.5, 4, 2]
    np.testing.assert_array_equal(seen.reshape(3, 6), np.tile(seen[:6], (3, 1)))


def test_refuse_is_asked_before_a_run(gappy: str) -> None:
    """A run beyond the end is refused with the number of steps there are."""
    series = Recorded(path=gappy, columns=("b",), after_end="refuse")
    series.require(6)
    with pytest.raises(WrongField, match=r"after_end = 'refuse', .* 6 of 7 steps; .* steps = 6"):
        series.require(7)
    series.replace(after_end="hold").require(7)


@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=6, max_size=6),
    steps_per_row=st.integers(1, 7),
)
def test_linear_goes_through_the_rows(rows: list[float], steps_per_row: int) -> None:
    """At the step of a row its value is shown exactly; in between, NumPy's interpolation."""
    series = Recorded(
        path="given", columns=("a",), values=np.array(rows)[:, None], steps_per_row=steps_per_row
    )
    steps = np.arange(40)
    seen = np.asarray(jax.vmap(lambda step: at(series, step))(steps))[:, 0]
    np.testing.assert_array_equal(seen[: series.n_steps : steps_per_row], rows)
    expected = np.interp(steps, np.arange(len(rows)) * steps_per_row, rows)
    np.testing.assert_allclose(seen, expected, rtol=1e-12, atol=1e-9)


def test_parquet(tmp_path: Path) -> None:
    """A Parquet file is read by its content, whatever its name, its index a column."""
    frame = pd.DataFrame({"a": [1.5, None, 2.5], "n": pd.array([1, 2, 3], dtype="Int64")})
    frame.to_parquet(tmp_path / "plain.parquet")
    series = Recorded(path=str(tmp_path / "plain.parquet"), columns=("n", "a"), gaps="interpolate")
    assert course(series, 3).tolist() == [[1, 1.5], [2, 2.0], [3, 2.5]]
    days = pd.date_range("2020-01-01", periods=3, name="day")
    frame.set_index(days).iloc[[0, 2]].to_parquet(tmp_path / "indexed.data")
    assert Recorded(path=str(tmp_path / "indexed.data"), columns=("a",)).n_rows == 2
    with pytest.raises(WrongField, match=r"'day' must hold numbers; got Timestamp"):
        Recorded(path=str(tmp_path / "indexed.data"), columns=("day",))


def test_paths(write: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A relative path counts from the current directory."""
    write("a\n1\n")
    monkeypatch.chdir(tmp_path)
    assert at(Recorded(path="series.csv", columns=("a",)), 5).tolist() == [1.0]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a\n1\n\n3\n", 3),  # in one column a blank line is a gap
        ("a,b\n1,2\n\n3,4\n\n", 2),
        ("\ufeff# told\r\na, b\r\n1, 2\r\n", 1),
        ("#x\n\na,b\n1,2\n#y\n3,4", 2),
    ],
)
def test_forms_of_csv(tmp_path: Path, text: str, rows: int) -> None:
    """Comments, blank lines, line ends and a byte order mark do no harm."""
    path = tmp_path / "form.csv"
    path.write_bytes(text.encode())
    assert Recorded(path=str(path), columns=("a",), gaps="hold").n_rows == rows


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("a\n1\n", {"path": "serie.csv"}, r"path = .*serie.csv' does not exist; did you mean 'series"),
    ("a\n1\n", {"path": "no/where.csv"}, r"path = .* does not exist; there is no folder .*no"),
    ("a\n1\n", {"path": "."}, r"path = .* is a folder"),
    ("a\n1\n", {"path": "nobody_has_this:a.csv"}, r"path = .*; install it: pip install nobody"),
    ("a\n1\n", {"path": "adaptsim:data/hare_linx_pelts.csv"}, r"did you mean 'hare_lynx_pelts.csv"),
    ("", {}, r"path = .* is empty"),
    ("# only told\n", {}, r"path = .* is empty"),
    ("a,b\n", {}, r"path = .* is empty"),
    ("a,b\n1,2,3\n", {}, r"path = .* cannot be read as CSV"),
    ("PAR1 and no more", {}, r"path = .* cannot be read as Parquet"),
    ("alpha,beta\n1,2\n", {"columns": ("alfa",)}, r"'alfa' does not exist; did you mean 'alpha'\?"),
    ("alpha,beta\n1,2\n", {"columns": ("zz",)}, r"columns = 'zz' .* the file has: alpha, beta"),
    ("a\n1\n", {"columns": "a"}, r"columns must be a list of names; got 'a'; write columns = \['a"),
    ("a\n1\n", {"columns": ()}, r"columns must name a column"),
    ("t,a\n1,2\n2,two\n", {}, r"columns = 'a' must hold numbers; got 'two' in row 1 \(t 2\)"),
    ("t,a\n1,2\n2,\n", {}, r"gaps = 'refuse', but 'a' is empty in 1 of 2 rows: row 1 \(t 2\); wr"),
    ("a,t\n1,2\n,2\n", {}, r"gaps = 'refuse', .* 1 of 2 rows: row 1; write"),
    ("t,a\n1,\n2,\n", {"gaps": "hold"}, r"columns = 'a' is empty in every row used"),
    ("t,a\n1,1\n2,inf\n", {}, r"columns = 'a' must be finite; infinite in row 1 \(t 2\)"),
    ("a\n1\n", {"gaps": "skip"}, r"gaps must be one of 'refuse', 'interpolate', 'hold'; got 'skip"),
    ("a\n1\n", {"between": "spline"}, r"between must be one of"),
    ("a\n1\n", {"after_end": "stop"}, r"after_end must be one of"),
    ("a\n1\n", {"steps_per_row": 0}, r"steps_per_row must be at least 1"),
    ("a\n1\n", {"steps_per_row": 1.5}, r"steps_per_row must be a whole number"),
    ("a\n1\n", {"first_row": 1}, r"first_row = 1 is not among the rows 0 to 0"),
    ("a\n1\n2\n", {"first_row": 1, "last_row": 0}, r"last_row = 0 is row 0, before first_row"),
    ("a\n1\n", {"floor": np.inf}, r"floor must be finite"),
    ("a\n1\n", {"scale": "big"}, r"scale must be a number; got 'big'"),
]


@pytest.mark.parametrize(("text", "fields", "words"), WRONG)
def test_every_mistake_has_one_message(
    write: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    text: str,
    fields: dict[str, Any],
    words: str,
) -> None:
    """The message names the field, what was got, and what is right."""
    write(text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongField, match=words) as caught:
        Recorded(**{"path": "series.csv", "columns": ("a",), **fields})
    assert caught.value.part == "Recorded"


def test_many_gaps_are_cut_short(write: Any) -> None:
    """A message lists a few rows and counts the others."""
    with pytest.raises(WrongField, match=r"9 of 10 rows: row 1 .* and 3 more; write"):
        Recorded(path=write("t,a\n0,1\n" + "1,\n" * 9), columns=("a",))


def test_a_changed_file_is_told(write: Any) -> None:
    """A report is refused where the file is no longer what was read."""
    series = Recorded(path=write("a\n1\n"), columns=("a",))
    write("a\n2\n")
    with pytest.raises(WrongField, match=r"path = .* has changed since it was read"):
        series.report()


def test_is_a_pytree_that_never_reads_again(write: Any) -> None:
    """Values pass through JAX, stand-ins included, with the file long gone."""
    path = write("a,b\n1,5\n2,6\n")
    series = Recorded(path=path, columns=("a",))
    Path(path).unlink()
    again = jax.tree.map(lambda leaf: leaf, series)
    assert again.values is series.values
    assert jax.tree.map(lambda leaf: None, series).values is None
    assert jax.tree.map(lambda leaf: object(), series).columns == ("a",)
    assert course(again, 2).tolist() == [[1.0], [2.0]]
    assert at(series.replace(scale=3.0), 1).tolist() == [6.0]


def test_columns_do_not_share_state(write: Any) -> None:
    """Two records of one file keep to their own columns; a replaced one reads its own."""
    path = write("a,b\n1,5\n2,6\n")
    first, second = (Recorded(path=path, columns=(name,)) for name in "ab")
    assert course(first, 2).tolist() == [[1], [2]]
    assert course(second, 2).tolist() == [[5], [6]]
    assert course(first.replace(columns=("b", "a")), 2).tolist() == [[5, 1], [6, 2]]
    assert course(first.replace(first_row=1), 1).tolist() == [[2]]
    with pytest.raises(ValueError, match="read-only"):
        first.values[0] = 9.0


def test_lives_in_a_simulation_and_under_vmap() -> None:
    """A tracker follows a record; unit conversion may be swept; replicates see the same."""
    pelts = Recorded(path=HARE, columns=("lynx",), steps_per_row=3)
    kind: Any = agents.Tracker
    rule: Any = rules.GradientDescent
    setting = adaptation.Setting(kind(), rule(learning_rate=1.0), pelts)
    moment = adaptation.start(setting, jax.random.key(0), size=2)
    moment, _ = adaptation.advance(setting, moment, steps=10, wanted=adaptation.Wanted())
    np.testing.assert_allclose(moment.state.trait[:, 0], at(pelts, 9)[0])
    assert np.ptp(courses(pelts, 30, 3), axis=0).max() == 0
    swept = jax.vmap(lambda scale: at(pelts.replace(scale=scale), 0))(jnp.arange(3.0))
    assert swept[:, 0].tolist() == [0, 4, 8]
    slope = jax.grad(lambda scale: pelts.replace(scale=scale).rest()[0])(1.0)
    assert float(slope) == pytest.approx(float(pelts.rest()[0]))
