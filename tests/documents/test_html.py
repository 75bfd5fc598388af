"""The page: whole, escaped, without network, readable by a screen reader."""

from __future__ import annotations

import base64
import itertools
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from adaptsim.documents import (
    Document,
    Facts,
    Listing,
    Picture,
    Section,
    Table,
    Words,
    html,
    of_directory,
    text,
)
from adaptsim.documents.html import MOST_ROWS

VOID = {"meta", "img", "br", "link", "hr", "input"}
BAD = "<script>alert('x')</script> & \"quoted\""


class Page(HTMLParser):
    """Notes the elements of a page, and complains where they are not nested."""

    def __init__(self, page):
        super().__init__()
        self.open, self.elements, self.words = [], [], []
        self.feed(page)
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"closes {tag}, which is not open"
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    def of(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def figure():
    canvas = Figure(figsize=(2, 1))
    canvas.add_subplot().plot([1, 2])
    return canvas


def document():
    table = pd.DataFrame({"name": [BAD, "b"], BAD: [1.0, np.nan]})
    items = (
        Words(BAD, warning=True),
        Facts({BAD: BAD}),
        Table(BAD, table, note=BAD),
        Table("folded", table, folded=True),
        Picture(BAD, BAD, figure()),
        Listing(BAD, BAD),
    )
    return Document("study", BAD, BAD, BAD, (Section(BAD, items), Section("Two", ())), (BAD,))


def check(page):
    """Check what every page must fulfil."""
    read = Page(page)
    assert page.startswith("<!DOCTYPE html>")
    assert read.of("html")[0]["lang"] == "en"
    assert len(read.of("h1")) == len(read.of("title")) == len(read.of("main")) == 1
    assert not read.of("script")
    assert not read.of("link")
    levels = [int(tag[1]) for tag, _ in read.elements if re.fullmatch(r"h\d", tag)]
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))
    for image in read.of("img"):
        assert len(image["alt"]) > 10
        assert image["src"].startswith("data:image/")
    assert all(head["scope"] in ("col", "row") for head in read.of("th"))
    assert len(read.of("caption")) == len(read.of("table"))
    targets = {one["id"] for _, one in read.elements if "id" in one}
    for link in read.of("a"):
        assert link["href"].removeprefix("#") in targets
    outside = re.findall(r"(?:src|href|action)=\"(?!data:|#)[^\"]*|url\(|@import", page)
    assert not outside
    return read


def test_page_is_whole_and_every_text_is_escaped():
    page = html(document())
    read = check(page)
    assert "<script>alert" not in page
    assert "".join(read.words).count("alert('x')") >= 12


def test_pictures_are_drawings_embedded_in_the_page():
    source = check(html(document())).of("img")[0]["src"]
    kind, _, content = source.partition(";base64,")
    assert kind == "data:image/svg+xml"
    assert b"<svg" in base64.b64decode(content)


def test_heavy_drawings_become_pixels():
    canvas = Figure(figsize=(3, 2))
    canvas.add_subplot().scatter(*np.random.default_rng(0).random((2, 20_000)), s=1)
    items = (Picture("many", "many points, drawn", canvas),)
    source = check(html(Document("run", "x", "", "", (Section("One", items),)))).of("img")[0]["src"]
    assert source.startswith("data:image/png")


def test_same_document_gives_the_same_page():
    pages = [re.sub(r" on \d{4}-.*? UTC", "", html(document())) for _ in range(2)]
    assert pages[0] == pages[1]


def test_long_tables_are_cut_and_say_so():
    table = Table("long", pd.DataFrame({"n": range(MOST_ROWS + 5)}), file="all")
    page = html(Document("study", "x", "", "", (Section("One", (table,)),)))
    assert "5 more rows in analysis/all.csv." in page
    assert page.count('<th scope="row"') == MOST_ROWS


def test_light_dark_and_paper_are_styled():
    page = html(document())
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def contrast(one, two):
    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_colours_have_contrast_enough():
    """4.5 : 1 for text, WCAG 2 level AA."""
    sets = re.findall(r"--ground: #.*?(?=\})", html(document()), re.DOTALL)
    assert len(sets) == 3
    for told in sets:
        colour = dict(re.findall(r"--([\w-]+): (#\w{6})", told))
        for ink in ("ink", "quiet", "accent"):
            assert contrast(colour[ink], colour["ground"]) >= 4.5, (ink, colour)
        assert contrast(colour["warn-ink"], colour["warn-ground"]) >= 4.5


def test_text_takes_nothing_for_markup():
    told = text(Document("run", "[red]x[/red]", "[a]", "", (Section("[b]", (Words("[/c]"),)),)))
    for word in ("[red]x[/red]", "[a]", "[b]", "[/c]"):
        assert word in told


@pytest.mark.parametrize("width", [40, 80, 200])
def test_text_fits_its_width(width):
    frame = pd.DataFrame({f"column {i}": ["some words"] for i in range(12)})
    told = text(Document("run", "x", "", "", (Section("One", (Table("wide", frame),)),)), width)
    assert max(map(len, told.splitlines())) <= width
    assert ("more columns" in told) == (width < 200)


def test_page_of_a_run(a_run):
    page = html(of_directory(a_run))
    read = check(page)
    words = "".join(read.words)
    assert "10.0±0.1" in words
    assert "0.8 (0.2 to 0.9)" in words  # the interval is not symmetric
    assert "odd & <b>bold</b>" in words
    assert "Tracker + GradientDescent, 2 individuals, 100 steps, seed 3, computed in 1.2 s" in words


@pytest.mark.parametrize(
    ("kind", "replicates"),
    [("grid", 3), ("saltelli", 1), ("refine", 1)],
)
def test_page_of_a_study(reported, kind, replicates):
    page = html(reported(kind, replicates=replicates))
    read = check(page)
    assert "Which of a, b & c <matters>?" in "".join(read.words)
