"""What a check is, and the register of them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from epjgate.errors import UsageError

Document = Any
"""A parsed document: JSON as dict and list with exact decimals, an HL7 v2 message as its text."""
Check = Callable[[Document], Iterable[str]]
"""Yields in words what breaks the rule, with the place in the document; nothing where the document keeps it."""

CHECKS: dict[str, Check] = {}
"""The checks by the id of their rule, of the modules imported so far; `all_checks` imports every one."""


def check(rule_id: str) -> Callable[[Check], Check]:
    """Register the function below as the check of the rule called `rule_id`; raises ValueError for a second one."""

    def register(function: Check) -> Check:
        if rule_id in CHECKS:
            raise ValueError(f"the rule {rule_id} has a check already")
        CHECKS[rule_id] = function
        return function

    return register


def all_checks() -> dict[str, Check]:
    """Return every check by the id of its rule."""
    package = __name__.rpartition(".")[0]
    for module in iter_modules(import_module(package).__path__):
        import_module(f"{package}.{module.name}")
    return CHECKS


def violations(rule_id: str, document: Document) -> list[str]:
    """Return what in `document` breaks the rule called `rule_id`; raises UsageError where the rule has no check."""
    function = all_checks().get(rule_id)
    if function is None:
        raise UsageError(
            f"the rule {rule_id} has no check", "no function is registered for it", "write one, with its canary"
        )
    return objections_of(function, document)


def objections_of(function: Check, document: Document) -> list[str]:
    """Return what `function` says of `document`.

    A document that is not even of the kind that the rule is about breaks it: a check that trips over what is missing
    or of another type has found something wrong.
    """
    try:
        return list(function(document))
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as err:
        return [f"the document is not of the kind that the rule is about: {type(err).__name__}: {err}"]
