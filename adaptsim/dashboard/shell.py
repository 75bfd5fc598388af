"""Shell: what every page has around it: menu, theme, frame, and a place for errors."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Any

import solara

from adaptsim.dashboard.in_page import ThemeToggle
from adaptsim.dashboard.pages import found_pages
from adaptsim.schema import FailedRun, WrongRequest


@solara.component
def Layout(children: list[Any] = []) -> None:  # noqa: B006
    """Show the menu above a page."""
    route, routes = solara.use_route(peek=True)
    with solara.Div(classes=["ad-shell"]):
        with solara.v.Html(tag="header", class_="ad-header"):
            solara.v.Html(
                tag="a",
                class_="ad-skip",
                children=["Skip to the page"],
                attributes={"href": "#ad-main"},
            )
            solara.HTML(tag="span", classes=["ad-brand"], unsafe_innerHTML="adaptsim")
            with solara.v.Html(tag="nav", class_="ad-nav", attributes={"aria-label": "Pages"}):
                for one in routes:
                    _menu_item(one, here=one is route)
            ThemeToggle()
        with solara.v.Html(tag="main", class_="ad-main", attributes={"id": "ad-main"}):
            Boundary(children=children)


def _menu_item(route: Any, *, here: bool) -> None:
    mark = {"aria-current": "page"} if here else {}
    with solara.Link(route):
        solara.v.Html(
            tag="span",
            class_="ad-nav-here" if here else "ad-nav-item",
            children=[route.label],
            attributes=mark,
        )


@solara.component
def Boundary(children: list[Any] = []) -> None:  # noqa: B006
    """Show children, or in place of one that fails a message and a way to try again.

    Both are widgets, not Solara's components: a component that stays keeps the exception.
    """
    error, clear = solara.use_exception()
    if error is None:
        solara.v.Html(tag="div", children=children)
        return
    known = isinstance(error, WrongRequest | FailedRun)
    if not known:
        traceback.print_exception(error, file=sys.stderr)
    told = str(error) if known else "What went wrong is told where the dashboard was started."
    with solara.v.Html(tag="div", class_="ad-notice ad-error", attributes={"role": "alert"}):
        solara.v.Html(
            tag="strong", class_="ad-notice-title", children=["This page could not be shown."]
        )
        solara.v.Html(tag="span", children=[told])
        Button("Try again", clear, name="try-again")


@solara.component
def Frame(
    title: str,
    question: str,
    *,
    controls: list[Any] = [],  # noqa: B006
    children: list[Any] = [],  # noqa: B006
) -> None:
    """Show a page: its title, the question it answers, its content, its controls at the side.

    On a narrow screen the controls stand below the content.
    """
    solara.Title(f"{title} · adaptsim")
    with solara.v.Html(tag="div", class_="ad-title"):
        solara.v.Html(tag="h1", children=[title])
        solara.v.Html(tag="p", children=[question])
    with solara.Div(classes=["ad-frame"]):
        solara.v.Html(tag="section", class_="ad-content", children=children)
        if controls:
            solara.v.Html(
                tag="aside",
                class_="ad-controls",
                children=controls,
                attributes={"aria-label": "Controls"},
            )


@solara.component
def Button(
    label: str,
    on_click: Callable[[], Any],
    *,
    icon: str = "",
    primary: bool = False,
    disabled: bool = False,
    name: str = "",
) -> None:
    """Show a button; ``button-NAME`` for tests."""
    solara.Button(
        label,
        on_click=on_click,
        icon_name=icon or None,
        disabled=disabled,
        color="primary" if primary else None,
        outlined=not primary,
        classes=["ad-btn"],
        small=True,
        depressed=True,
        attributes={"data-testid": f"button-{name or label.lower()}"},
    )


@solara.component
def Notice(title: str, text: str = "", *, kind: str = "info") -> None:
    """Show a message; ``kind``: info, warning, error."""
    with solara.v.Html(
        tag="div",
        class_=f"ad-notice ad-{kind}",
        attributes={"role": "alert" if kind == "error" else "status"},
    ):
        solara.Text(title, classes=["ad-notice-title"])
        if text:
            solara.Text(text)


@solara.component
def Download(
    label: str, data: Callable[[], bytes | str], *, filename: str, kind: str, name: str = ""
) -> None:
    """Show a button that makes a file when it is clicked; ``kind`` is its media type."""
    with solara.FileDownload(data, filename=filename, mime_type=kind):
        solara.v.Btn(
            children=[label],
            outlined=True,
            small=True,
            depressed=True,
            class_="ad-btn",
            attributes={"data-testid": f"download-{name or label.lower()}"},
        )


@solara.component
def Figure(
    label: str, measured: str, theory: str = "", *, unit: str = "", name: str = "", flag: str = ""
) -> None:
    """Show a number as large as it is important, theory beside it."""
    with solara.Div(classes=["ad-figure"]):
        solara.Text(label, classes=["ad-figure-label"])
        with solara.Div(classes=["ad-figure-numbers"]):
            solara.v.Html(
                tag="span",
                class_="ad-figure-value",
                children=[measured],
                attributes={"data-testid": f"measured-{name}"},
            )
            solara.Text(unit, classes=["ad-unit"])
        solara.v.Html(
            tag="span",
            class_="ad-figure-theory",
            children=[f"theory {theory}" if theory else flag or "no closed form"],
            attributes={"data-testid": f"theory-{name}"},
        )


def routes() -> list[Any]:
    """Return the routes of the application, one a page."""
    pages = found_pages()
    return [
        solara.Route(
            path=one.path,
            label=one.label,
            component=one.component,
            layout=Layout if index == 0 else None,
        )
        for index, one in enumerate(pages)
    ]
