"""How well the contract difference grades OpenAPI documents: precision and recall on labelled pairs.

    python benchmarks/openapi_diff.py [--pairs FOLDER]

A pair is a document, a change made to it, the worst grade that it deserves ("none" for no change at all) and the
rules that are to say so. The labels were decided from the specification and from what a client meets.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from epjgate.contracts.diff import compare
from epjgate.model.contract_change import ContractChange, Grade, worst_grade
from epjgate.model.surface import Surface

PAIRS = Path(__file__).parents[1] / "tests" / "contracts" / "diff" / "pairs"
PREFIX = "diff-openapi-"
NONE = "none"


@dataclass(frozen=True)
class Pair:
    """Two documents and what their difference deserves: a grade, or `none`, and the ids of the rules without prefix."""

    id: str
    topic: str
    before: Any
    after: Any
    grade: str
    rules: frozenset[str]
    why: str


@dataclass(frozen=True)
class Answer:
    """What the comparison said of a pair."""

    pair: Pair
    changes: tuple[ContractChange, ...]

    @property
    def grade(self) -> str:
        """The worst grade told, or `none`."""
        worst = worst_grade(self.changes)
        return worst.value if worst else NONE

    @property
    def rules(self) -> frozenset[str]:
        """The rules told, without prefix."""
        return frozenset(change.rule.removeprefix(PREFIX) for change in self.changes)


@dataclass(frozen=True)
class Score:
    """How well the answers fit the labels, as shares of one."""

    precision: float
    recall: float
    same_grade: float
    same_rules: float


def load_pairs(folder: Path = PAIRS) -> list[Pair]:
    """Return the labelled pairs below `folder`; raises KeyError, IndexError or ValueError for one with a mistake."""
    bases = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in (folder / "bases").glob("*.json")}
    return [
        _pair(told, file.stem, bases[told["base"]])
        for file in sorted(folder.glob("*.json"))
        for told in json.loads(file.read_text(encoding="utf-8"))
    ]


def _pair(told: dict[str, Any], topic: str, base: dict[str, Any]) -> Pair:
    before = _changed(base["document"], told.get("first", []), base["places"])
    after = _changed(before, told["change"], base["places"])
    if json.dumps(before) == json.dumps(after):
        raise ValueError(f"the change of {told['id']} changes nothing")
    return Pair(told["id"], topic, before, after, told["grade"], frozenset(told["rules"]), told["why"])


def _changed(document: Any, changes: Iterable[dict[str, Any]], places: dict[str, str]) -> Any:
    """Return a copy of `document` with `changes` made (RFC 6902); a path may begin with the name of a place."""
    changed = copy.deepcopy(document)
    for change in changes:
        value = copy.deepcopy(change.get("value"))
        if change["op"] == "move":
            value = _take(changed, _steps(change["from"], places))
        if change["op"] == "remove":
            _take(changed, _steps(change["path"], places))
        else:
            _put(changed, _steps(change["path"], places), value, new=change["op"] != "replace")
    return changed


def _steps(path: str, places: dict[str, str]) -> list[str]:
    name, slash, rest = path.partition("/")
    full = f"{places[name]}{slash}{rest}" if name else path
    return [step.replace("~1", "/").replace("~0", "~") for step in full.split("/")[1:]]


def _parent(document: Any, steps: list[str]) -> Any:
    for step in steps[:-1]:
        document = document[int(step) if isinstance(document, list) else step]
    return document


def _take(document: Any, steps: list[str]) -> Any:
    parent = _parent(document, steps)
    return parent.pop(int(steps[-1]) if isinstance(parent, list) else steps[-1])


def _put(document: Any, steps: list[str], value: Any, *, new: bool) -> None:
    parent, last = _parent(document, steps), steps[-1]
    if isinstance(parent, list):
        number = len(parent) if last == "-" else int(last)
        parent[number : number if new else number + 1] = [value]
        return
    if new == (last in parent):
        raise ValueError(f"{'/'.join(steps)} is {'there already' if new else 'not there'}")
    parent[last] = value


def answer(pair: Pair) -> Answer:
    """Return what the comparison says of `pair`."""
    before, after = (Surface(system="a", version="1", digest="", openapi=one) for one in (pair.before, pair.after))
    return Answer(pair, compare(before, after))


def score(answers: Iterable[Answer]) -> Score:
    """Return how well `answers` fit their labels; raises ValueError where none of them is, or is called, breaking."""
    told = list(answers)
    called = [one for one in told if one.grade == Grade.BREAKING]
    are = [one for one in told if one.pair.grade == Grade.BREAKING]
    right = [one for one in called if one in are]
    if not called or not are:
        raise ValueError("without a breaking pair, found and labelled, there is no precision or recall")
    return Score(
        precision=len(right) / len(called),
        recall=len(right) / len(are),
        same_grade=sum(one.grade == one.pair.grade for one in told) / len(told),
        same_rules=sum(one.rules == one.pair.rules for one in told) / len(told),
    )


def table(answers: list[Answer]) -> str:
    """Return the figures in words, and each pair whose answer is not its label."""
    result = score(answers)
    counts = ", ".join(f"{sum(one.pair.grade == name for one in answers)} {name}" for name in [*Grade, NONE])
    lines = [
        f"{len(answers)} labelled pairs: {counts}",
        f"breaking: precision {result.precision:.3f}, recall {result.recall:.3f}",
        f"exact grade {result.same_grade:.3f}, exact rules {result.same_rules:.3f}",
    ]
    for one in answers:
        if (one.grade, one.rules) != (one.pair.grade, one.pair.rules):
            lines.append(f"{one.pair.topic}/{one.pair.id}: {one.pair.grade} {sorted(one.pair.rules)}")
            lines.append(f"    told: {one.grade} {sorted(one.rules)}")
    return "\n".join(lines)


def main() -> int:
    """Print the figures; 0 when every pair got its label, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, default=PAIRS)
    pairs = load_pairs(parser.parse_args().pairs)
    began = time.perf_counter()
    answers = [answer(pair) for pair in pairs]
    taken = time.perf_counter() - began
    print(table(answers))
    print(f"{taken / len(pairs) * 1000:.1f} ms a pair")
    return 0 if score(answers) == Score(1, 1, 1, 1) else 1


if __name__ == "__main__":
    sys.exit(main())
