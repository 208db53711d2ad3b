"""The rules that tests pin, by their ids, and the checks that suites may believe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from epjgate.model.events import Requirement

if TYPE_CHECKING:
    from epjgate.contracts.rules import RuleBook

_BOOK: pytest.StashKey[RuleBook] = pytest.StashKey()


def each_rule(*rule_ids: str) -> pytest.MarkDecorator:
    """Run the test once for each rule, with its id as the argument `rule`."""
    cases = [pytest.param(rule_id, marks=pytest.mark.rule(rule_id), id=rule_id) for rule_id in rule_ids]
    return pytest.mark.parametrize("rule", cases)


def pinned_by(item: pytest.Item) -> tuple[Requirement, ...]:
    """Return the rules that the `rule` markers of `item` name; raises UsageError for an id that no document has."""
    ids = dict.fromkeys(str(rule_id) for mark in item.iter_markers("rule") for rule_id in mark.args)
    return tuple(book_of(item.config).rule(rule_id).requirement() for rule_id in ids)


def book_of(config: pytest.Config) -> RuleBook:
    """Return the rules of the project that the suites belong to, read once a session and only if somebody asks."""
    if _BOOK not in config.stash:
        from epjgate.contracts.rules import load_rules
        from epjgate.settings import load_settings

        settings = load_settings(config.rootpath)
        config.stash[_BOOK] = load_rules(settings.path(settings.contracts))
    return config.stash[_BOOK]
