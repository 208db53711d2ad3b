"""All that one release shows to those around it: what `contracts diff` compares."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue

from epjgate.model.base import Value
from epjgate.model.contract_change import Interface

PartName = Literal["capability_statement", "openapi", "hl7v2", "database", "messages"]
PARTS: tuple[PartName, ...] = ("capability_statement", "openapi", "hl7v2", "database", "messages")
"""The parts of a surface, in the order in which they are taken and told."""


def _each_once(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return `texts` sorted, each once: an order that means nothing cannot look like a change."""
    return tuple(sorted(set(texts)))


Texts = Annotated[tuple[str, ...], AfterValidator(_each_once)]
Reason = Annotated[str, Field(min_length=1)]
Numbers = Annotated[tuple[int, ...], AfterValidator(lambda numbers: tuple(sorted(set(numbers))))]


class Column(Value):
    """A column; `default` says whether the database fills it in where an insert leaves it out."""

    type: str
    nullable: bool
    default: bool = False


class Index(Value):
    """An index, or where `unique` also a unique constraint. Its name is for readers: its columns tell it apart."""

    name: str = ""
    columns: Annotated[tuple[str, ...], Field(min_length=1)]
    unique: bool = False


class ForeignKey(Value):
    """Rows of this table must have a row of `table` where `columns` equal its `refers_to`."""

    columns: Annotated[tuple[str, ...], Field(min_length=1)]
    table: str
    refers_to: Annotated[tuple[str, ...], Field(min_length=1)]


class Table(Value):
    """A table; `checks` are the conditions that each row must fulfil, as the database words them."""

    columns: dict[str, Column]
    primary_key: tuple[str, ...] = ()
    indexes: tuple[Index, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: Texts = ()


class DatabaseSchema(Value):
    """The schema that a release leaves behind after its migrations; names as the database keeps them."""

    tables: dict[str, Table]


class MemberShape(Value):
    """A member as seen in all messages of one type.

    `types` are JSON's (`string`, `number`, `boolean`, `object`, `array`, `null`), `required` means that it was in
    every message in which its parent was, `repeats` that one parent held several of it.
    """

    types: Texts
    required: bool
    repeats: bool = False


Shape = dict[str, MemberShape]
"""The members of a type of message by path: names joined by dots, `[]` after that of an array (`entry[].code`)."""


class StepState(StrEnum):
    """What became of a step by which messages are elicited.

    `refused`: the release said no, or to an earlier step on which this one stands. `unanswered`: it said nothing in
    time, to this step or to an earlier one, which may be the machine's doing.
    """

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNANSWERED = "unanswered"


class StepTaken(Value):
    """One step of the script, asked for at `interface`; `why` says why it was not accepted."""

    interface: Interface
    state: StepState
    why: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the release did what it was asked."""
        return self.state is StepState.ACCEPTED


class Surface(Value):
    """What the release `version` of `system` offered when it was asked; `digest` is that of what ran.

    A part that could not be taken is None or empty and stands in `absent` with the reason. `hl7v2` maps a type of
    message with its direction (`out:ADT^A01` sent, `in:ADT^A01` accepted, `ack:ADT^A01` its answer) to its segments,
    and each to the numbers of the fields seen filled. `messages` maps a partner to the types that reached it. `steps`
    are those by which both were elicited, by title; a part of which something was still on its way, or may have been,
    stands in `incomplete` with the reason.
    """

    schema_version: Literal["epjgate/surface/1"] = "epjgate/surface/1"
    system: str
    version: str
    digest: str
    capability_statement: JsonValue | None = None
    openapi: JsonValue | None = None
    hl7v2: dict[str, dict[str, Numbers]] = {}
    database: DatabaseSchema | None = None
    messages: dict[str, dict[str, Shape]] = {}
    steps: dict[str, StepTaken] = {}
    absent: dict[PartName, Reason] = {}
    incomplete: dict[PartName, Reason] = {}
