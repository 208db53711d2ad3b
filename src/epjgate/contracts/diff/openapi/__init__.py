"""Differences between two OpenAPI documents, 3.0 or newer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from epjgate.contracts.diff.openapi import rules
from epjgate.contracts.diff.openapi.document import Document
from epjgate.contracts.diff.openapi.operations import Operations
from epjgate.contracts.diff.openapi.servers import root_servers
from epjgate.contracts.diff.reading import NotComparable
from epjgate.contracts.diff.rules import canonical
from epjgate.model.contract_change import ContractChange

__all__ = ["differences"]


def differences(baseline: Any, candidate: Any) -> Iterator[ContractChange]:
    """Yield what the candidate's document says otherwise, of what matters to a client.

    A document that cannot be read is a breaking change, and so is an operation of a form that cannot be compared.
    """
    try:
        if canonical(baseline) == canonical(candidate):
            return
        before, after = Document(baseline, "the baseline"), Document(candidate, "the candidate")
        changes = [*root_servers(before, after), *Operations(before, after).differences()]
    except (NotComparable, RecursionError) as err:
        why = str(err) if isinstance(err, NotComparable) else "it is nested too deep"
        changes = [rules.NOT_COMPARABLE.changed("document", "", why)]
    yield from changes
