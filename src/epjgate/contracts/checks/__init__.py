"""Checks of documents: each belongs to one rule, and says what in a document breaks it.

`violations` is asked with a rule's id. A module of this package holds the checks of one interface.
"""

from __future__ import annotations

from epjgate.contracts.checks.interface import CHECKS, Check, Document, check, violations

__all__ = ["CHECKS", "Check", "Document", "check", "violations"]
