"""Reads the rules of all interfaces from `contracts/`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from epjgate.errors import UsageError
from epjgate.model.contract import ContractRule, RulesDocument, Source
from epjgate.model.events import Level, Requirement
from epjgate.model.parsing import parse_toml

FILE = "rules.toml"
_LEVELS = {"must": Level.SHALL, "should": Level.SHOULD}


@dataclass(frozen=True)
class Rule:
    """A rule and where it stands; `interface` is its folder below `contracts/`."""

    id: str
    interface: str
    rule: ContractRule
    source: Source

    def requirement(self) -> Requirement:
        """Return the rule as evidence keeps it."""
        return Requirement(
            specification=self.source.title,
            section=self.rule.section,
            level=_LEVELS[self.rule.level],
            url=self.source.url,
            rule=self.id,
        )


@dataclass(frozen=True)
class RuleBook:
    """Every rule by its id, and the documents by interface."""

    rules: dict[str, Rule]
    documents: dict[str, RulesDocument]

    def rule(self, rule_id: str) -> Rule:
        """Return the rule called `rule_id`; raises UsageError where no document has it."""
        try:
            return self.rules[rule_id]
        except KeyError:
            raise UsageError(
                f"there is no rule {rule_id!r}",
                f"no {FILE} below contracts/ holds it ({len(self.rules)} rules are known)",
                "correct the id, or write the rule down with its source",
            ) from None


def load_rules(folder: Path) -> RuleBook:
    """Return the rules of every document below `folder`.

    Raises UsageError for a document with a mistake: a source that it does not name, an id that lacks its prefix or that
    another document has too. Without any document the book is empty.
    """
    files = sorted(folder.glob(f"*/{FILE}"))
    documents = {file.parent.name: parse_toml(_text(file), str(file), RulesDocument) for file in files}
    rules: dict[str, Rule] = {}
    for interface, document in documents.items():
        for rule in _rules_of(interface, document):
            if rule.id in rules:
                raise _mistake(rule, f"{rules[rule.id].interface} has this id too", "give it an id of its own")
            rules[rule.id] = rule
    return RuleBook(rules, documents)


def _rules_of(interface: str, document: RulesDocument) -> Iterator[Rule]:
    for rule_id, rule in document.rules.items():
        source = document.sources.get(rule.source)
        found = Rule(rule_id, interface, rule, source or Source(title=rule.source))
        if source is None:
            raise _mistake(found, f"its source {rule.source!r} is not among the document's", "add the source")
        if not rule_id.startswith(f"{document.prefix}-"):
            raise _mistake(found, f"it does not begin with {document.prefix}-", "give it the prefix of its document")
        yield found


def _mistake(rule: Rule, cause: str, fix: str) -> UsageError:
    return UsageError(f"the rule {rule.id} of {rule.interface} is not valid", cause, fix)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise UsageError(f"{file} cannot be read", f"{err}", "make it a readable file in UTF-8") from err
