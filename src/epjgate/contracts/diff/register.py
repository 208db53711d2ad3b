"""Every rule that grades differences, by its id."""

from __future__ import annotations

from epjgate.contracts.diff import absence, capability_rules, database, hl7v2, messages, steps
from epjgate.contracts.diff.openapi import rules as openapi_rules
from epjgate.contracts.diff.openapi import schema_rules as openapi_schema_rules
from epjgate.contracts.diff.rules import DiffRule

BOOKS = (
    capability_rules.BOOK,
    openapi_rules.BOOK,
    openapi_schema_rules.BOOK,
    hl7v2.BOOK,
    database.BOOK,
    messages.BOOK,
    *absence.BOOKS.values(),
    *steps.BOOKS.values(),
)

RULES: dict[str, DiffRule] = {rule_id: rule for book in BOOKS for rule_id, rule in book.rules.items()}
