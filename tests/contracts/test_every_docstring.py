"""Every public class and function says what it is; every field its unit and meaning."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import fields

import pytest

import adaptsim
from adaptsim.schema import FAMILIES
from adaptsim.schema import catalogue as catalogue_of
from adaptsim.testing import undocumented

MODULES = sorted(
    one.name
    for one in pkgutil.walk_packages(adaptsim.__path__, "adaptsim.")
    if one.name not in ("adaptsim.__main__", "adaptsim.page")
)


def _public(module):
    """Return public classes and functions that a module defines, and methods of those classes."""
    for name, thing in vars(module).items():
        own = getattr(thing, "__module__", None) == module.__name__
        if name.startswith("_") or not own or not (inspect.isclass(thing) or callable(thing)):
            continue
        yield name, thing
        for method, function in vars(thing).items() if inspect.isclass(thing) else ():
            if not method.startswith("_") and (inspect.isfunction(function)):
                yield f"{name}.{method}", function


@pytest.mark.parametrize("name", MODULES)
def test_all_that_is_public_is_documented(name):
    module = importlib.import_module(name)
    assert (module.__doc__ or "").strip(), f"{name} has no docstring"
    silent = [public for public, thing in _public(module) if not (thing.__doc__ or "").strip()]
    assert not silent, f"without a docstring in {name}: {silent}"


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_field_has_unit_and_help(family):
    for part in catalogue_of(family).values():
        assert undocumented(part) == []
        for declared in fields(part):
            assert declared.metadata["unit"], f"{part.__name__}.{declared.name} has no unit"
