"""How many parts a crossing test has: it says so by its yields, which are counted before anything runs."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator

from epjgate.errors import UsageError
from epjgate.suite_runner.handover import Part

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def parts_of(function: Callable[..., object]) -> tuple[Part, ...]:
    """Return the parts of a generator function: one yield is the upgrade, a second one the rollback.

    What a yield does when it is reached twice, or never, is seen when the test runs. Raises UsageError for more than
    two yields, for a `yield from`, and where there is no source to read.
    """
    name = getattr(function, "__name__", "the test")
    try:
        source = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
        body = ast.parse(source).body[0]
    except (OSError, SyntaxError) as err:
        raise UsageError(f"{name} cannot be run", f"its source cannot be read: {err}", "keep it in a file") from err
    yields = list(_yields(body))
    if any(isinstance(one, ast.YieldFrom) for one in yields):
        raise UsageError(
            f"{name} cannot be run",
            "it hands its yields to another generator, where nobody can count them",
            "write `epj = yield` in the test itself",
        )
    if not 1 <= len(yields) < len(Part):
        raise UsageError(
            f"{name} cannot be run",
            f"it yields {len(yields)} times, and there is one upgrade and one rollback",
            "let it yield once, or twice where something must hold after the rollback",
        )
    return tuple(Part)[: len(yields) + 1]


def _yields(node: ast.AST) -> Iterator[ast.Yield | ast.YieldFrom]:
    """Yield those of the function itself, and none of what is defined in it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Yield | ast.YieldFrom):
            yield child
        if not isinstance(child, _SCOPES):
            yield from _yields(child)
