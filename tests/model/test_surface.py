"""What a release shows, as it is kept and read back."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from epjgate.model.surface import PARTS, Column, DatabaseSchema, ForeignKey, Index, MemberShape, Surface, Table

SURFACE = Surface(
    system="tiny",
    version="1",
    digest="sha256:0",
    capability_statement={"resourceType": "CapabilityStatement"},
    openapi={"openapi": "3.1.0", "paths": {}},
    hl7v2={"out:ADT^A01": {"PID": (5, 3, 5)}},
    database=DatabaseSchema(
        tables={
            "patient": Table(
                columns={"id": Column(type="INTEGER", nullable=False)},
                primary_key=("id",),
                indexes=(Index(name="ix", columns=("id",), unique=True),),
                foreign_keys=(ForeignKey(columns=("id",), table="person", refers_to=("id",)),),
                checks=("id > 0",),
            )
        }
    ),
    messages={"fmk": {"prescription": {"dose": MemberShape(types=("string", "number", "string"), required=True)}}},
)


def test_a_surface_is_read_back_as_it_was_written() -> None:
    """It is stored as JSON with the evidence and compared offline."""
    assert Surface.model_validate_json(SURFACE.model_dump_json()) == SURFACE


def test_order_and_repetition_mean_nothing() -> None:
    """Fields and types are kept sorted, each once."""
    assert SURFACE.hl7v2["out:ADT^A01"]["PID"] == (3, 5)
    assert SURFACE.messages["fmk"]["prescription"]["dose"].types == ("number", "string")


def test_every_part_is_a_field() -> None:
    """What `absent` can speak of is what a surface consists of."""
    about = {"schema_version", "system", "version", "digest", "steps", "absent", "incomplete"}
    assert set(PARTS) == Surface.model_fields.keys() - about


@pytest.mark.parametrize("absent", [{"soap": "not asked"}, {"openapi": ""}])
def test_what_is_absent_has_a_name_and_a_reason(absent: dict[str, str]) -> None:
    """A part that nobody knows, or that is missing without a word, is a mistake of who took the surface."""
    with pytest.raises(ValidationError, match="absent"):
        Surface.model_validate({"system": "tiny", "version": "1", "digest": "", "absent": absent})


def test_an_unknown_schema_version_is_refused() -> None:
    """What another program wrote is not guessed at."""
    with pytest.raises(ValidationError, match="schema_version"):
        Surface.model_validate(SURFACE.model_dump() | {"schema_version": "epjgate/surface/2"})
