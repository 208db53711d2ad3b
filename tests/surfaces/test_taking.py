"""Taking surfaces: of the reference EPJ as processes, and of releases that show less."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from tests.surfaces.conftest import TINY, Take, Tiny

from epjgate import compose
from epjgate.contracts.diff import compare
from epjgate.environments.interface import Order
from epjgate.environments.reach import target_of
from epjgate.model.contract_change import Grade
from epjgate.model.identity import DigestKind, Identity
from epjgate.model.redaction import Redactor, numbers_in
from epjgate.model.surface import Surface
from epjgate.surfaces.script import SCRIPT
from epjgate.surfaces.survey import standing_of
from epjgate.surfaces.taking import Standing, digest_of, parts_missing, take_surface

HEAD, BEFORE, OLD = "2.1.74", "2.1.73", "1.0.8"


def test_a_release_shows_all_that_its_system_describes(taken: Take) -> None:
    """Nothing that it has is absent or empty, and the surface names the bits that were asked."""
    surface = taken(HEAD).surface
    assert (surface.system, surface.version) == ("reference_epj", HEAD)
    assert surface.digest.startswith("sha256:")
    assert taken(HEAD).is_whole
    assert len(surface.steps) == len(SCRIPT), "each step was asked for, and none that the release does not serve"
    assert set(surface.absent) <= {"openapi"}
    assert isinstance(surface.capability_statement, dict)
    assert surface.capability_statement["resourceType"] == "CapabilityStatement"
    assert surface.database is not None
    assert {"resources", "audit", "outbox"} <= set(surface.database.tables)


def test_every_partner_hears_of_what_was_done(taken: Take) -> None:
    """The script makes the release send each kind of message, optional members included."""
    messages = taken(HEAD).surface.messages
    assert set(messages) == {"fmk", "lpr3", "medcom", "laboratory", "imaging"}
    reports = messages["lpr3"]["POST reports"]
    assert reports["Contact.Begin"].required
    assert not reports["Contact.End"].required, "a stay that goes on has no end"
    assert {kind.split()[0] for kind in messages["fmk"]} >= {"POST", "PUT"}, "prescribed, and changed"
    prescribed = next(shape for kind, shape in messages["fmk"].items() if kind.startswith("POST"))
    ends = [member for path, member in prescribed.items() if path.rpartition(".")[2] == "EndDate"]
    assert [member.required for member in ends] == [False], "one prescription holds until further notice"
    assert any(path.startswith("entry[].resource(Patient).") for path in next(iter(messages["medcom"].values())))


def test_hl7_v2_is_seen_in_all_directions(taken: Take) -> None:
    """What is sent, what is accepted, and how it is acknowledged, with the fields that are filled."""
    seen = taken(HEAD).surface.hl7v2
    assert {"out:ADT^A01", "out:ADT^A40", "out:ORM^O01", "in:ORU^R01", "in:ADT^A40", "ack:ORU^R01"} <= set(seen)
    assert {3, 5} <= set(seen["out:ADT^A01"]["PID"])
    assert {5, 6, 7} <= set(seen["in:ORU^R01"]["OBX"])
    assert {1, 2} <= set(seen["ack:ORU^R01"]["MSA"])


def test_the_same_release_shows_the_same_twice(taken: Take, epj: Callable[[str], Standing]) -> None:
    """Started anew, with other ports and another key of redaction, nothing has changed."""
    again = take_surface(replace(epj(HEAD), redactor=Redactor(b"another")))
    assert compare(taken(HEAD).surface, again.surface) == ()
    assert again.refused == taken(HEAD).refused


def test_a_second_look_at_a_release_that_stands_shows_the_same(epj: Callable[[str], Standing], taken: Take) -> None:
    """Suites, or an earlier look, have written into the record: what is offered does not depend on it."""
    standing = epj(BEFORE)
    first = take_surface(standing)
    assert compare(first.surface, take_surface(standing).surface) == ()
    assert compare(first.surface, taken(HEAD).surface) == (), "these two builds differ in a fault, not in a contract"


def test_an_old_release_differs_in_its_database(taken: Take) -> None:
    """Between 1.0.8 and the newest build lie migrations, one of which takes a column away."""
    changes = compare(taken(OLD).surface, taken(HEAD).surface)
    assert [
        change.place for change in changes if change.grade is Grade.BREAKING and change.interface == "database"
    ] == ["table medication_orders column interval_code"]


def test_a_surface_holds_no_patient(taken: Take) -> None:
    """It goes into the bundle and into reports; the numbers of the script's persons stay out, too."""
    for version in (HEAD, OLD):
        text = taken(version).model_dump_json()
        assert numbers_in(text) == ()
        assert "Østergård" not in text


def test_a_surface_can_be_kept_and_read(taken: Take) -> None:
    """The file in the bundle is the surface."""
    surface = taken(HEAD).surface
    assert Surface.model_validate(json.loads(surface.model_dump_json())) == surface


def test_what_a_system_does_not_have_is_absent_with_the_reason(tiny: Tiny, order: Order) -> None:
    """Each part says why; the one that it has is there."""
    with tiny.start(order, compose.Silent()) as running:
        target = target_of(order, "process", running)
        surface = take_surface(standing_of(target, running, TINY, order.redactor)).surface
    assert surface.database is not None
    assert surface.absent == {
        "capability_statement": "the system has no interface fhir_r4",
        "openapi": "the system has no interface openapi",
        "hl7v2": "the system has no interface hl7v2",
        "messages": "the gate plays no receiving system here",
    }


def test_a_part_that_cannot_be_taken_is_absent_with_what_went_wrong(order: Order) -> None:
    """An interface that is described and does not answer, and a schema that is none; neither hides the other."""
    tiny = Tiny(schema="no schema of 1205482028")
    described = TINY.model_copy(update={"interfaces": {"fhir_r4": TINY.interfaces["http"]}})
    asked = replace(order, system=described)
    with ExitStack() as stack:
        running = stack.enter_context(tiny.start(asked, compose.Silent()))
        standing = standing_of(target_of(asked, "process", running), running, described, order.redactor)
        surface = take_surface(standing).surface
    assert "gave no" in surface.absent["capability_statement"]
    assert "is no schema" in surface.absent["database"]
    assert numbers_in(surface.model_dump_json()) == ()


def test_a_release_that_may_not_be_written_to_is_not_made_to_send(tiny: Tiny, order: Order) -> None:
    """The script registers patients; elsewhere that would be somebody's record."""
    tiny.disposable = False
    with tiny.start(order, compose.Silent()) as running:
        target = target_of(order, "process", running)
        missing = parts_missing(TINY, target, disposable=running.disposable)
    assert missing["messages"] == missing["hl7v2"]
    assert "may not be written to" in missing["messages"]


def test_bits_that_nothing_names_have_no_digest() -> None:
    """One service without a digest, or no service, leaves the whole without one."""
    known = Identity(service="a", reference="a==1", digest="sha256:1", kind=DigestKind.PACKAGES)
    other = known.model_copy(update={"service": "b"})
    assert digest_of((known, other)) == digest_of((other, known))
    assert digest_of((known,)) != digest_of((known.model_copy(update={"digest": "sha256:2"}),))
    assert digest_of((known, known.model_copy(update={"digest": ""}))) == ""
    assert digest_of(()) == ""
