"""A rule of an interface: what must hold there, who says so, and how binding it is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from epjgate.model.base import Value

RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$")]
"""Stable for good: a rule that no longer holds is taken out, and its id is never given to another one."""


class Source(Value):
    """A document that rules are taken from, its version included."""

    title: Annotated[str, Field(min_length=1)]
    url: str = ""


class ContractRule(Value):
    """One rule; `source` names an entry of the document's sources, `level` is that of RFC 2119."""

    says: Annotated[str, Field(min_length=1)]
    source: str
    section: Annotated[str, Field(min_length=1)]
    level: Literal["must", "should"] = "must"


class RulesDocument(Value):
    """`contracts/<interface>/rules.toml`: every rule that the suites pin at one interface, by id.

    Every id begins with `prefix` and a hyphen.
    """

    schema_version: Literal["epjgate/rules/1"]
    title: str
    title_da: str
    prefix: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    sources: Annotated[dict[str, Source], Field(min_length=1)]
    rules: Annotated[dict[RuleId, ContractRule], Field(min_length=1)]
