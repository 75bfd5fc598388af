"""In the page: what only a browser can do, as small Vue components."""

from __future__ import annotations

from collections.abc import Callable

import solara


@solara.component_vue("keyboard.vue")
def Keyboard(watched: list[str], event_pressed: Callable[[str], None]) -> None:
    """Call ``event_pressed`` with a key of ``watched`` when it is pressed, not while typing."""


@solara.component_vue("address.vue")
def Address(query: str) -> None:
    """Let the address bar carry a query string; reloading the page finds it there."""


@solara.component_vue("copy_link.vue")
def CopyLink() -> None:
    """Show a button that copies the address."""


@solara.component_vue("theme_toggle.vue")
def ThemeToggle() -> None:
    """Show a button that switches between light and dark; the browser remembers it."""


@solara.component_vue("choice.vue")
def Select(
    label: str, name: str, value: str, values: list[str], event_chosen: Callable[[str], None]
) -> None:
    """Show the browser's own list to choose from; `controls.Choice` checks what it says."""
