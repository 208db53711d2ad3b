"""Which tests are about a place: those that use its words, above all words that few others use."""

from __future__ import annotations

import ast
import inspect
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from epjgate.contracts.checks.interface import all_checks
from epjgate.model.mutant import Place

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]+(?:-\d+(?:\.\d+)?)?")
_PART = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}")


def words_of(*texts: str) -> frozenset[str]:
    """Return the words of `texts` in lower case: whole names (`valueQuantity`, `PID-7`), and the parts of names."""
    found: set[str] = set()
    for word in (word for text in texts for word in _WORD.findall(text)):
        found |= {word.lower(), word.partition(".")[0].lower(), *(part.lower() for part in _PART.findall(word))}
    return frozenset(found)


class Relevance:
    """How much the tests with certain words have to do with a place."""

    def __init__(self, tests: Iterable[frozenset[str]]) -> None:
        self._uses = Counter(word for words in tests for word in words)

    def of(self, words: frozenset[str], place: Place) -> float:
        """Return 0 for a test whose `words` are none of the place's; a word that few tests use counts for more."""
        shared = words & words_of(place.field, place.subject)
        return sum(1 / self._uses[word] for word in shared if self._uses[word])


def words_of_test(test: str, suites: Path) -> frozenset[str]:
    """Return the words of the test with this node id below `suites`, and of the checks of the rules that it names."""
    file, _, name = test.partition("::")
    function, _, variant = name.partition("[")
    source = _functions(suites / file).get(function.rpartition("::")[2], "")
    checks = all_checks()
    heading = "" if variant else source.partition("def ")[0]
    named = [check for rule, check in checks.items() if rule in variant or f'"{rule}"' in heading]
    return words_of(test, _told_apart(source, variant), *(inspect.getsource(check) for check in named))


def _told_apart(source: str, variant: str) -> str:
    """Return the source without its list of variants, where one of them is meant."""
    return source[source.index("def ") :] if variant and "def " in source else source


@cache
def _functions(file: Path) -> dict[str, str]:
    """Return the source of every function in `file` by its name, decorators included; none of what cannot be read."""
    try:
        text = file.read_text(encoding="utf-8")
        tree = ast.parse(text)
    except (OSError, ValueError, SyntaxError):
        return {}
    lines = text.splitlines()
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {node.name: "\n".join(lines[_first_line(node) - 1 : node.end_lineno]) for node in functions}


def _first_line(function: ast.FunctionDef) -> int:
    return min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
