"""What packages offer beside what is used, imported when somebody asks for it, or never.

The SDKs' packages import everything that they have: a third of what a process held, and most of it for nothing
(docs/decisions/0037-memory.md).
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any, NamedTuple


def import_late(*packages: str) -> None:
    """Import names of packages one by one, when they are asked for (PEP 562), and the modules that they come from.

    It is for packages that nobody has imported yet and whose `__init__.py` does nothing but `from … import …`: it isn't
    run. Any other statement in it, and the package is imported as always.
    """
    for name in packages:
        _finder.loaders[name] = _PackageLoader
    _install()


def when_imported(module: str, change: Callable[[ModuleType], object]) -> None:
    """Call a function with a module as soon as that is imported, before anybody uses it."""
    _finder.loaders[module] = _changing_loader(change)
    _install()


@contextmanager
def without(*packages: str) -> Iterator[None]:
    """Let imports find packages missing that are installed, for those who can do without."""
    absent = [name for name in packages if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment]  # Python's own sign for it
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


class _Finder:
    """Finds modules where they always are, and gives some of them another loader."""

    def __init__(self) -> None:
        self.loaders: dict[str, type[SourceFileLoader]] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in self.loaders:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = self.loaders[name](spec.loader.name, spec.loader.path)
        return spec


class Origin(NamedTuple):
    """Where a name of a package comes from: a module, and its name in there; without one it is the module itself."""

    module: str
    name: str


class _PackageLoader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        origins = find_origins(ast.parse(self.get_data(self.path)), module.__name__)
        if origins is None:
            super().exec_module(module)
            return

        def find(name: str) -> Any:
            if name not in origins:
                raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
            origin = origins[name]
            value: Any = importlib.import_module(origin.module)
            if origin.name:
                value = getattr(value, origin.name)
            setattr(module, name, value)
            return value

        module.__dict__["__getattr__"] = find
        module.__dict__["__all__"] = [name for name in origins if not name.startswith("_")]


def find_origins(tree: ast.Module, package: str) -> dict[str, Origin] | None:
    """Return where each name of a package comes from; None where it does more than to pass names on."""
    origins: dict[str, Origin] = {}
    for statement in tree.body:
        match statement:
            case ast.ImportFrom(module="__future__") | ast.Expr(value=ast.Constant()):
                pass
            case ast.Assign(targets=[ast.Name(id="__all__")]):
                pass
            case ast.ImportFrom(module=None, names=names, level=1):
                origins |= {each.asname or each.name: Origin(f"{package}.{each.name}", "") for each in names}
            case ast.ImportFrom(module=str(module), names=names, level=0 | 1):
                home = f"{package}.{module}" if statement.level else module
                origins |= {each.asname or each.name: Origin(home, each.name) for each in names}
            case _:
                return None
    return None if "*" in origins else origins


def _changing_loader(change: Callable[[ModuleType], object]) -> type[SourceFileLoader]:
    class ChangingLoader(SourceFileLoader):
        def exec_module(self, module: ModuleType) -> None:
            super().exec_module(module)
            change(module)

    return ChangingLoader


def _install() -> None:
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


_finder = _Finder()
