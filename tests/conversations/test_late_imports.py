"""Packages of which only what is asked for is imported."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conversations.late_imports import import_late, when_imported, without

FILES = {
    "late_shop/__init__.py": '"""A shop."""\nfrom . import till as desk\nfrom .fruit import Apple, Pear as Bosc\n'
    "from late_stock.cellar import wine\n__all__ = ['Apple']\n",
    "late_shop/fruit.py": "class Apple: ...\nclass Pear: ...\n",
    "late_shop/till.py": "coins = 3\n",
    "late_stock/__init__.py": "from .cellar import wine\nopened = True\n",
    "late_stock/cellar.py": "wine = 'red'\n",
}


@pytest.fixture(autouse=True)
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield
    for name in _imported():
        del sys.modules[name]


def _imported() -> set[str]:
    return {name for name in sys.modules if name.startswith("late_")}


def test_only_the_module_of_a_name_that_is_asked_for_is_imported() -> None:
    import_late("late_shop")

    shop = importlib.import_module("late_shop")
    before = _imported()
    bosc = shop.Bosc

    assert before == {"late_shop"}
    assert _imported() == {"late_shop", "late_shop.fruit"}
    assert bosc is shop.fruit.Pear
    assert vars(shop)["Bosc"] is bosc


def test_every_way_to_a_name_leads_to_it() -> None:
    import_late("late_shop")

    names: dict[str, object] = {}
    exec("import late_shop.till\nfrom late_shop import *\nfrom late_shop import desk as my_desk", names)

    assert names["desk"] is names["my_desk"] is sys.modules["late_shop.till"]
    assert names["wine"] == "red"
    assert {"Apple", "Bosc"} <= names.keys()


def test_a_name_that_a_package_lacks_is_missed_as_always() -> None:
    import_late("late_shop")
    shop = importlib.import_module("late_shop")

    assert not hasattr(shop, "Plum")
    with pytest.raises(ImportError, match="cannot import name 'Plum' from 'late_shop'"):
        exec("from late_shop import Plum")


def test_a_package_that_does_more_than_pass_names_on_is_run() -> None:
    import_late("late_stock")

    stock = importlib.import_module("late_stock")

    assert vars(stock)["opened"]
    assert _imported() == {"late_stock", "late_stock.cellar"}


def test_a_module_is_changed_before_anybody_sees_it() -> None:
    when_imported("late_stock.cellar", lambda cellar: setattr(cellar, "wine", "white"))

    assert importlib.import_module("late_stock").wine == "white"


def test_a_package_is_missing_only_for_a_while() -> None:
    with without("late_shop"), pytest.raises(ModuleNotFoundError, match="late_shop"):
        importlib.import_module("late_shop")

    assert importlib.import_module("late_shop").__name__ == "late_shop"
