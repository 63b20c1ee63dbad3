"""Imports only look down, nothing goes round in circles, and deciding needs nothing but Python and msgspec."""

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2] / "terrain"
FLOORS = ("core", "store", "flow", "api")
FLOOR_OF = {"channels": "store", "console": "api", "demo": "api", "commands": "api"}
MODULES = {
    ".".join(path.relative_to(HOUSE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in HOUSE.rglob("*.py")
    if "migrations" not in path.parts
}


def imports_of(module: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (_nearest(f"{node.module}.{name.name}") for name in node.names)


def _nearest(name: str) -> str:
    return name if name in MODULES else name.rpartition(".")[0]


def floor(module: str) -> int | None:
    room = module.split(".")[1] if module.startswith("terrain.") else ""
    name = FLOOR_OF.get(room, room)
    return FLOORS.index(name) if name in FLOORS else None


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_only_look_down(module: str) -> None:
    own = floor(module)
    above = [name for name in imports_of(module) if own is not None and (floor(name) or 0) > own]

    assert above == []


@pytest.mark.parametrize(
    "module", ["terrain.errors", *sorted(name for name in MODULES if ".core" in name)]
)
def test_deciding_needs_only_python_and_msgspec(module: str) -> None:
    allowed = {*sys.stdlib_module_names, "msgspec"}
    foreign = [
        name
        for name in imports_of(module)
        if name.split(".")[0] not in allowed
        and not name.startswith(("terrain.core", "terrain.errors"))
    ]

    assert foreign == []


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {
        module: {name for name in imports_of(module) if name in MODULES} - {module}
        for module in MODULES
    }

    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("module", sorted(MODULES))
def test_every_module_opens_with_what_it_is_for(module: str) -> None:
    assert ast.get_docstring(ast.parse(MODULES[module].read_text()))
