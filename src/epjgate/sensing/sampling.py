"""Which mutants are tried, in which order, and which tests they meet: the same for the same seed and observations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import zip_longest
from math import ceil, log2, sqrt

from epjgate.evidence.digests import text_digest
from epjgate.model.mutant import Mutant, Place
from epjgate.sensing.ledger import Sighting
from epjgate.sensing.relevance import Relevance

Words = Callable[[str], frozenset[str]]
"""Says in which words the test with a node id is written."""

_SHORT_S = 0.25


def ranked(mutants: Iterable[Mutant], seed: int) -> tuple[Mutant, ...]:
    """Return `mutants` in an order of which every beginning is a fair sample.

    Each subject of each interface comes by the square root of how many mutants it has, so that a small one is not
    forgotten beside a large one. A mutant more or less hardly changes the order of the others.
    """
    strata: defaultdict[tuple[str, str], list[tuple[str, Mutant]]] = defaultdict(list)
    for mutant in mutants:
        strata[mutant.place.stratum].append((text_digest(str(seed), str(mutant)), mutant))
    placed = [
        ((number + 0.5) / sqrt(len(stratum)), digest, mutant)
        for stratum in strata.values()
        for number, (digest, mutant) in enumerate(sorted(stratum, key=lambda one: one[0]))
    ]
    return tuple(mutant for _, _, mutant in sorted(placed, key=lambda one: one[:2]))


def seen_by(sightings: Iterable[Sighting], words: Words) -> dict[Mutant, tuple[Sighting, ...]]:
    """Return every mutant with the tests that would meet it, those first that are likely to notice it soon.

    By turns comes a test whose words speak of the place, and one that costs little: it meets few kinds of record, and
    is soon over. What the first variant of a test did not notice, the next will seldom notice.
    """
    tests = sorted(sightings, key=_price)
    spoken = {test.test: words(test.test) for test in tests}
    relevance = Relevance(spoken.values())
    found: defaultdict[Mutant, list[Sighting]] = defaultdict(list)
    for sighting in tests:
        for mutant in sighting.mutants:
            found[mutant].append(sighting)
    orders: dict[tuple[Place, tuple[str, ...]], tuple[Sighting, ...]] = {}
    for mutant, cheap in found.items():
        key = (mutant.place, tuple(test.test for test in cheap))
        if key not in orders:
            weights = [relevance.of(spoken[test.test], mutant.place) for test in cheap]
            orders[key] = _by_turns(_relevant(cheap, weights), _variants_last(cheap))
        found[mutant] = list(orders[key])
    return {mutant: tuple(order) for mutant, order in found.items()}


def _relevant(tests: Sequence[Sighting], weights: Sequence[float]) -> list[Sighting]:
    """Return the tests that have a weight, the heaviest first; a second variant counts for half of its own."""
    told = sorted((-weight, number) for number, weight in enumerate(weights))
    met: defaultdict[str, int] = defaultdict(int)
    weighed: list[tuple[float, int]] = []
    for weight, number in told:
        function = _function(tests[number])
        met[function] += 1
        weighed.append((weight / met[function], number))
    return [tests[number] for weight, number in sorted(weighed) if weight < 0]


def _by_turns(first: Sequence[Sighting], second: Sequence[Sighting]) -> tuple[Sighting, ...]:
    """Return all of both, one of each by turns, and each once."""
    pairs = zip_longest(first, second)
    return tuple({test.test: test for pair in pairs for test in pair if test is not None}.values())


def chosen(tests: Sequence[Sighting], most: int) -> dict[str, tuple[str, ...]]:
    """Return the first `most` of `tests` of each suite, by suite; fewer where they take long, at least one."""
    suites: defaultdict[str, list[str]] = defaultdict(list)
    spent: defaultdict[str, int] = defaultdict(int)
    for test in tests:
        if len(suites[test.suite]) < most and spent[test.suite] < most:
            suites[test.suite].append(test.test)
            spent[test.suite] += _cost(test)
    return {suite: tuple(found) for suite, found in suites.items()}


def _price(sighting: Sighting) -> tuple[int, str]:
    kinds = {mutant.place.stratum for mutant in sighting.mutants}
    return len(kinds) * _cost(sighting), sighting.test


def _cost(sighting: Sighting) -> int:
    """Return how often a short test could have run meanwhile, by powers of two: times differ from run to run."""
    return 1 << max(0, ceil(log2(max(sighting.duration_s, _SHORT_S) / _SHORT_S)))


def _variants_last(tests: Sequence[Sighting]) -> list[Sighting]:
    met: defaultdict[str, int] = defaultdict(int)
    order: list[tuple[int, int]] = []
    for number, test in enumerate(tests):
        order.append((met[_function(test)], number))
        met[_function(test)] += 1
    return [tests[number] for _, number in sorted(order)]


def _function(sighting: Sighting) -> str:
    return sighting.test.partition("[")[0]
