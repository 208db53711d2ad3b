"""ARCHITECTURE.md names the layers that import-linter checks."""

from __future__ import annotations

import tomllib
from collections.abc import Callable


def test_layers_are_those_of_the_contract(document: Callable[[str], str], block: Callable[[str, str], str]) -> None:
    """The layers in the document are, in the same order, those of the exhaustive contract in pyproject.toml."""
    contracts = tomllib.loads(document("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = [contract for contract in contracts if contract["type"] == "layers"]
    assert [contract["exhaustive"] for contract in layers] == [True]
    assert block(document("ARCHITECTURE.md"), "text layers").splitlines() == layers[0]["layers"]


def test_it_fits_on_a_page(document: Callable[[str], str]) -> None:
    """One page is at most 80 lines."""
    assert len(document("ARCHITECTURE.md").splitlines()) <= 80
