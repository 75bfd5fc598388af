"""Who may know whom, and how large a file may grow: read off the source, nothing is run."""

from __future__ import annotations

import ast
import graphlib
import importlib
import sys
from functools import cache
from pathlib import Path

import pytest

import adaptsim

PACKAGE = Path(adaptsim.__file__).parent
MOST_CODE_LINES = 400
PRINTERS = {"adaptsim.cli", "adaptsim.dashboard.serve", "adaptsim.report"}
MESA = {
    "adaptsim.community.patch_model",
    "adaptsim.community.patch_picture",
    "adaptsim.individual",
    "adaptsim.individuals",
    "adaptsim.model",
    "adaptsim.page",
}
HEAVY = {"mesa", "solara", "pandas", "matplotlib", "pyarrow", "rich", "typer"}


def name_of(path: Path) -> str:
    """Return the dotted name of the module in a file."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
every_module = pytest.mark.parametrize("module", FILES)


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(FILES[module].read_text(encoding="utf-8"))


def for_types_only(node: ast.AST) -> bool:
    """Whether a node is ``if TYPE_CHECKING:``, whose imports are never carried out."""
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def within(node: ast.AST, *, whole: bool):
    """Yield a node's descendants that are run: on import, or (``whole``) ever."""
    for child in ast.iter_child_nodes(node):
        later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if for_types_only(child) or (later and not whole):
            continue
        yield child
        yield from within(child, whole=whole)


@cache
def imports(module: str, *, whole: bool = True) -> frozenset[str]:
    """Return the modules that a module imports: ours by full name, others by their first part."""
    found: set[str] = set()
    package = module if FILES[module].name == "__init__.py" else module.rpartition(".")[0]
    for node in within(tree_of(module), whole=whole):
        if isinstance(node, ast.Import):
            found |= {ours(one.name) for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            home = ".".join([*(above if node.level else []), *filter(None, [node.module])])
            names = {f"{home}.{one.name}" for one in node.names}
            submodules = names & FILES.keys()
            found |= submodules or {ours(home)}
    return frozenset(found)


def ours(name: str) -> str:
    return name if name.split(".")[0] == "adaptsim" else name.split(".")[0]


def reached(module: str) -> set[str]:
    """Return all that importing a module imports, directly or not."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += imports(one, whole=False) if one in FILES else ()
    return seen


def belongs(module: str, *families: str) -> bool:
    homes = [f"adaptsim.{family}" for family in families]
    return any(module == home or module.startswith(f"{home}.") for home in homes)


def modules_of(*families: str) -> list[str]:
    return [module for module in FILES if belongs(module, *families)]


MUST_NOT_KNOW = {
    "part": ("rules", "agents", "environments", "measures", "adaptation", "simulation"),
    "rules": ("agents", "environments", "measures", "adaptation", "simulation", "theory"),
    "agents": ("rules", "environments", "measures", "adaptation", "simulation", "theory"),
    "landscapes": ("rules", "agents", "environments", "measures", "adaptation", "simulation"),
    "curvature": ("environments", "simulation", "theory", "scenarios", "figures", "model"),
    "flow": ("agents", "environments", "measures", "simulation", "scenarios", "figures"),
    "dynamics": ("environments", "simulation", "theory", "scenarios", "figures", "model"),
    "temperature": ("environments", "simulation", "scenarios", "figures", "model"),
    "comparison": ("rules", "agents", "landscapes", "adaptation", "walks", "theory", "figures"),
    "walks": ("environments", "simulation", "theory", "measures", "scenarios", "figures"),
    "environments": ("rules", "agents", "measures", "adaptation", "simulation", "theory"),
    "measures": ("simulation", "trajectory", "environments", "theory", "scenarios", "model"),
    "theory": ("rules", "agents", "environments", "measures", "adaptation", "part"),
    "figures": ("simulation", "adaptation", "rules", "agents", "environments"),
    "adaptation": ("measures", "theory", "scenarios", "figures", "model"),
    "simulation": ("measures", "theory", "scenarios", "figures", "model"),
    "studies.analysis": ("simulation", "scenarios", "studies.store", "figures", "documents"),
    "documents": ("simulation", "adaptation", "runs", "model"),
}


@pytest.mark.parametrize("family", MUST_NOT_KNOW)
def test_knows_nothing_it_must_not(family):
    wrong = {
        module: [one for one in imports(module) if belongs(one, *MUST_NOT_KNOW[family])]
        for module in modules_of(family)
    }
    assert wrong, f"nothing is called {family}"
    assert not {module: known for module, known in wrong.items() if known}


def test_theory_needs_nothing_but_numpy_and_scipy():
    allowed = {"numpy", "scipy", *sys.stdlib_module_names}
    for module in modules_of("theory"):
        others = {one for one in imports(module) if not belongs(one, "theory")}
        assert others <= allowed, module


@pytest.mark.parametrize("family", ["rules", "environments", "agents", "theory", "simulation"])
def test_importing_the_core_imports_nothing_heavy(family):
    for module in modules_of(family):
        assert not reached(module) & HEAVY, module


def test_help_imports_nothing_heavy_but_the_command_line():
    assert not reached("adaptsim.cli") & (HEAVY - {"typer"} | {"jax", "numpy"})


def test_only_the_mesa_face_knows_mesa_and_only_pages_solara():
    assert {module for module in FILES if "mesa" in imports(module)} <= MESA
    allowed = {"adaptsim.page", *modules_of("dashboard")}
    assert {module for module in FILES if "solara" in imports(module)} <= allowed


def test_no_module_imports_itself_in_a_circle():
    graph = {
        module: {one for one in imports(module, whole=False) if one in FILES and one != module}
        for module in FILES
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        raise AssertionError(f"modules import each other: {' <- '.join(error.args[1])}") from None


@every_module
def test_is_named_after_a_thing(module):
    vague = {"utils", "util", "helpers", "common", "misc", "core", "manager"}
    assert not vague & set(module.split("."))


@every_module
def test_prints_only_where_that_is_its_job(module):
    if module in PRINTERS:
        return
    calls = [node for node in ast.walk(tree_of(module)) if isinstance(node, ast.Call)]
    lines = [one.lineno for one in calls if ast.unparse(one.func) in ("print", "sys.stdout.write")]
    assert not lines, f"{module} prints in lines {lines}"


def code_lines(module: str) -> int:
    """Return the lines of a file that are neither empty, comment nor documentation."""
    text = FILES[module].read_text(encoding="utf-8").splitlines()
    told: set[int] = set()
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            told |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    code = [line.strip() for place, line in enumerate(text, 1) if place not in told]
    return sum(1 for line in code if line and not line.startswith("#"))


@every_module
def test_file_is_short_enough_to_read(module):
    assert code_lines(module) <= MOST_CODE_LINES


def test_every_name_of_the_flat_interface_exists():
    homes = getattr(adaptsim, "_HOMES", {})
    for home, names in homes.items():
        module = importlib.import_module(home)
        for name in names:
            assert getattr(adaptsim, name) is getattr(module, name)
    for name in getattr(adaptsim, "__all__", ()):
        assert hasattr(adaptsim, name)


@every_module
def test_every_name_in_all_exists(module):
    if module in ("adaptsim.__main__", "adaptsim.page"):
        return
    loaded = importlib.import_module(module)
    assert all(hasattr(loaded, name) for name in getattr(loaded, "__all__", ()))


def test_unknown_name_of_the_flat_interface_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nonsense"):
        adaptsim.nonsense  # noqa: B018
