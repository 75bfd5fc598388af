"""Ratings from files: the three formats, what is decided, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from adaptsim.recommending import WrongRatings, ratings_of, read_ratings

HEADER = "userId,movieId,rating,timestamp"
ROWS = ((5, 20, 4.0, 300), (2, 10, 2.5, 100), (5, 10, 3.5, 200))


def written(tmp_path, text, name="ratings.csv"):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def lines(separator, header=()):
    return "\n".join([*header, *(separator.join(map(str, row)) for row in ROWS)]) + "\n"


@pytest.mark.parametrize(
    "text",
    [
        lines(",", [HEADER]),
        lines("\t"),
        lines("::"),
        lines(",", [HEADER]).replace("\n", "\r\n"),
        "\ufeff" + lines(",", [HEADER]),
        "rating,timestamp,title,userId,movieId\n"
        '4.0,300,"Heat, or not",5,20\n2.5,100,x,2,10\n3.5,200,y,5,10\n',
        lines(",", ["user_id,item_id,rating,timestamp"]) + "\n\n",
    ],
    ids=["csv", "u.data", "ratings.dat", "windows", "bom", "columns anywhere", "other names"],
)
def test_every_format_is_read_in_the_order_of_time(tmp_path, text):
    found = read_ratings(written(tmp_path, text), scale=(0.5, 5.0))
    assert found.values.tolist() == [2.5, 3.5, 4.0]
    assert found.user_ids[found.users].tolist() == [2, 5, 5]
    assert found.item_ids[found.items].tolist() == [10, 10, 20]
    assert (found.n_users, found.n_items, len(found)) == (2, 2, 3)
    assert len(found.source["sha256"]) == 64


def test_ratings_of_one_time_stay_in_the_order_of_the_file(tmp_path):
    rows = "\n".join(f"1,{item},{item},{50}" for item in (3, 1, 2))
    found = read_ratings(written(tmp_path, f"{HEADER}\n{rows}\n2,9,1,49\n"))
    assert found.values.tolist() == [1, 3, 1, 2]
    assert found.summary()["times shared with the rating before"] == 2
    assert found.summary()["users seen once"] == 1


def test_a_user_may_rate_an_item_again(tmp_path):
    found = read_ratings(written(tmp_path, f"{HEADER}\n1,1,5,1\n1,1,2,2\n"))
    assert found.values.tolist() == [5, 2]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        (f"{HEADER}\n", "holds no ratings"),
        (f"{HEADER}\n1,1,4\n", "line 2: must have 4 fields; got 3"),
        (f"{HEADER}\n1,1,4,5\n1,1,4,5,6\n", "line 3: must have 4 fields; got 5"),
        (f"{HEADER}\n1,1,4,5\n\n1,1,four,5\n", "line 4: rating must be a number; got 'four'"),
        (f"{HEADER}\n1,1,,5\n", "line 2: rating must be a number; got ''"),
        (f"{HEADER}\n1,1,nan,5\n", "line 2: rating must be finite; got nan"),
        (f"{HEADER}\n1,1,4,inf\n", "line 2: timestamp must be finite; got inf"),
        (f"{HEADER}\n-1,1,4,5\n", "line 2: userId must be a whole number of at least 0; got -1"),
        (f"{HEADER}\n1,1.5,4,5\n", "line 2: movieId must be a whole number .* got 1.5"),
        (f"{HEADER}\n9007199254740993,1,4,5\n", "line 2: userId must be below 9.0072e.15"),
        (f"{HEADER}\n1,1e300,4,5\n", "line 2: movieId must be below 9.0072e.15"),
        (f"{HEADER}\n1,1,4,9\n1,1,5.5,5\n", "line 3: rating must be from 0.5 to 5.* got 5.5"),
        ("userId,movieId,timestamp\n1,1,5\n", "line 1: there is no column 'rating'"),
        ("1\t1\t4\n", "line 1: without names of columns there must be four"),
        ("1 1 4 5\n", "line 1: columns must be separated by commas, tabs or '::'"),
    ],
)
def test_what_does_not_fit_is_one_error_that_names_its_line(tmp_path, text, told):
    with pytest.raises(WrongRatings, match=told):
        read_ratings(written(tmp_path, text), scale=(0.5, 5.0))


def test_files_that_are_none_or_no_text(tmp_path):
    with pytest.raises(WrongRatings, match=r"none\.csv cannot be read"):
        read_ratings(tmp_path / "none.csv")
    (tmp_path / "raw").write_bytes(b"userId,\xff\xfe")
    with pytest.raises(WrongRatings, match="is not UTF-8"):
        read_ratings(tmp_path / "raw")


def test_a_late_line_is_named_in_a_long_file(tmp_path, monkeypatch):
    monkeypatch.setattr("adaptsim.recommending.ratings.MANY", 10)
    rows = "\n".join(f"{n},1,3,{n}" for n in range(35))
    found = read_ratings(written(tmp_path, f"{HEADER}\n{rows}\n"))
    assert found.times.tolist() == list(range(35))
    with pytest.raises(WrongRatings, match="line 37: userId must be a number; got 'x'"):
        read_ratings(written(tmp_path, f"{HEADER}\n{rows}\nx,1,3,4\n"))


def test_tables_are_checked_as_files_are():
    good = pd.DataFrame(ROWS, columns=HEADER.split(","))
    assert ratings_of(good).values.tolist() == [2.5, 3.5, 4.0]
    with pytest.raises(WrongRatings, match="there is no column 'timestamp'"):
        ratings_of(good.drop(columns="timestamp"))
    with pytest.raises(WrongRatings, match="row 1: rating must be finite; got nan"):
        ratings_of(good.assign(rating=[1.0, np.nan, 2.0]))
    with pytest.raises(WrongRatings, match="must hold numbers"):
        ratings_of(good.assign(rating=["a", "b", "c"]))
    with pytest.raises(WrongRatings, match="is empty"):
        ratings_of(good.iloc[:0])
