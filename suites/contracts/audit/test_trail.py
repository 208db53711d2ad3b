"""The trail itself: complete, in order, on time, changed by nobody, and itself watched."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest

from epjgate.drivers.admin import moment
from epjgate.drivers.dsl import PatientRef
from epjgate.drivers.fhir import FhirAnswer, FhirClient
from epjgate.drivers.sent import as_sent
from epjgate.errors import CapabilityMissing
from epjgate.model.target import Target

if TYPE_CHECKING:
    from suites.contracts.audit.conftest import Chart, Trail

pytestmark = [
    pytest.mark.needs("patients", "laboratory", "medication", "audit", "access_control"),
    pytest.mark.severity("blocker"),
]

Users = Callable[[str | None], FhirClient]
READERS, LOOKS_EACH = 8, 5
CLOCKS_DIFFER = timedelta(seconds=2)
ROLES = ("integration", "auditor", "doctor", "nurse", "secretary", "downtime")


@pytest.mark.rule("audit-trail-unchangeable")
@pytest.mark.parametrize("role", [*ROLES, None])
def test_nobody_changes_an_entry(
    users: Users, target: Target, patient: PatientRef, trail: Trail, role: str | None
) -> None:
    """Whoever tries to write over an entry, patch, delete or add one, alone or in a bundle, is refused."""
    if role is not None and role not in target.users:
        raise CapabilityMissing(
            f"{target.system} knows no {role}", "its description names no such user", "add the user once there is one"
        )
    (before, *_) = trail.of(patient.id)
    path, client = f"AuditEvent/{before['id']}", users(role)
    forged = {**before, "action": "R", "outcome": "0"}
    patch = b'[{"op": "remove", "path": "/agent"}]'
    entry = {"request": {"method": "DELETE", "url": path}}
    tries: dict[str, FhirAnswer] = {
        "overwritten": client.update(forged),
        "patched": client.request("PATCH", path, body=patch, headers={"Content-Type": "application/json-patch+json"}),
        "deleted": client.delete("AuditEvent", before["id"]),
        "added": client.create({name: value for name, value in forged.items() if name != "id"}),
        "deleted in a bundle": client.transaction({"resourceType": "Bundle", "type": "transaction", "entry": [entry]}),
    }
    assert [what for what, answer in tries.items() if not 400 <= answer.status < 500] == []
    after = trail.of(patient.id)
    assert after[0] == before
    assert [event for event in after if event["action"] in ("C", "U", "D") and event["outcome"] == "0"] == [before]


@pytest.mark.rule("audit-trail-reading")
def test_to_read_the_trail_is_an_entry(users: Users, patient: PatientRef) -> None:
    """Who reads a patient's trail, the whole of it or one entry, is in it."""
    auditor = users("auditor")
    first = as_sent(auditor.search("AuditEvent", {"patient": patient.id}).expect(200).matches)[0]
    auditor.read("AuditEvent", first["id"]).expect(200)
    entries = as_sent(auditor.search_all("AuditEvent", {"patient": patient.id}))
    readings = [event for event in entries if event["agent"][0]["role"][0]["coding"][0]["code"] == "auditor"]
    assert sorted(event["action"] for event in readings) == ["E", "R"]
    assert {event["outcome"] for event in readings} == {"0"}
    looked_at = [one.get("what", {}).get("reference") for one in readings[1]["entity"]]
    assert f"AuditEvent/{first['id']}" in looked_at


@pytest.mark.rule("audit-trail-not-for-everybody", "audit-denied")
@pytest.mark.parametrize("role", ["doctor", "nurse", "secretary"])
def test_the_trail_is_not_for_everybody(users: Users, patient: PatientRef, trail: Trail, role: str) -> None:
    """A clinician is denied the trail, learns nothing from the denial, and has an entry for the try."""
    answers: list[FhirAnswer] = []
    search = users(role).search
    (entry,) = trail.told(patient.id, lambda: answers.append(search("AuditEvent", {"patient": patient.id})))
    assert answers[0].status == 403, answers[0].describe()
    assert b"requestor" not in answers[0].content
    assert (entry.succeeded, entry.role, entry.about) == (False, role, "AuditEvent")


@pytest.mark.rule("audit-complete-under-load", "audit-one-entry-an-interaction")
def test_every_look_of_many_readers_is_an_entry(nurse: FhirClient, patient: PatientRef, trail: Trail) -> None:
    """Eight readers at once, five looks each: forty entries, each of its own."""

    def look(_number: int) -> list[FhirAnswer]:
        return [nurse.read("Patient", patient.id) for _ in range(LOOKS_EACH)]

    def all_look() -> None:
        with ThreadPoolExecutor(READERS) as readers:
            answers = [answer for looks in readers.map(look, range(READERS)) for answer in looks]
        assert {answer.status for answer in answers} == {200}

    events = trail.new(patient.id, all_look)
    assert len(events) == READERS * LOOKS_EACH
    assert len({event["id"] for event in events}) == len(events)
    assert {(event["action"], event["outcome"]) for event in events} == {("R", "0")}


@pytest.mark.rule("audit-paging-complete")
@pytest.mark.severity("critical")
def test_the_trail_comes_whole_in_pages(users: Users, nurse: FhirClient, patient: PatientRef) -> None:
    """Three entries a page: every entry of the trail once, in the order of time."""
    for _ in range(7):
        nurse.read("Patient", patient.id).expect(200)
    auditor = users("auditor")
    events = as_sent(auditor.search_all("AuditEvent", {"patient": patient.id, "_count": "3"}))
    reads = [event for event in events if event["action"] == "R"]
    assert len(reads) == 7
    assert len({event["id"] for event in events}) == len(events)
    times = [moment(event["recorded"], "recorded") for event in events]
    assert times == sorted(times)


@pytest.mark.rule("audit-clock")
@pytest.mark.severity("critical")
def test_an_entry_has_the_time_of_the_deed(nurse: FhirClient, patient: PatientRef, trail: Trail) -> None:
    """A look now is recorded now, to within two seconds, whatever zone the clock on the wall shows."""
    began = datetime.now(UTC)
    (event,) = trail.new(patient.id, lambda: nurse.read("Patient", patient.id).expect(200))
    recorded = moment(event["recorded"], "recorded")
    assert began - CLOCKS_DIFFER <= recorded <= datetime.now(UTC) + CLOCKS_DIFFER


@pytest.mark.rule("audit-own-entries-only")
def test_a_trail_is_about_one_patient(nurse: FhirClient, chart: Chart, bystander: PatientRef, trail: Trail) -> None:
    """What is done to one patient's record is in that trail and in no other; every entry names whose it is."""
    mine = chart.patient.partition("/")[2]
    others = trail.told(bystander.id, lambda: nurse.read("Observation", chart.result.partition("/")[2]).expect(200))
    assert others == []
    named = {
        one["what"]["reference"]
        for event in trail.of(mine)
        for one in event["entity"]
        if one.get("role", {}).get("code") == "1"
    }
    assert named == {chart.patient}


@pytest.mark.rule("audit-offered")
@pytest.mark.severity("normal")
def test_the_trail_is_offered(fhir: FhirClient) -> None:
    """The CapabilityStatement offers AuditEvent for reading and for a search by patient, and for nothing else."""
    offered = [
        (
            sorted(one["code"] for one in resource["interaction"]),
            [(one["name"], one["type"]) for one in resource["searchParam"]],
        )
        for resource in as_sent(fhir.capabilities())["rest"][0]["resource"]
        if resource["type"] == "AuditEvent"
    ]
    assert [interactions for interactions, _ in offered] == [["read", "search-type"]]
    assert ("patient", "reference") in offered[0][1]


@pytest.mark.rule("audit-page-whole")
@pytest.mark.severity("normal")
def test_a_page_of_the_trail_is_whole(users: Users, nurse: FhirClient, patient: PatientRef) -> None:
    """Bundle: type, fullUrl and search.mode of entries, the self link; each AuditEvent reads as it is shown."""
    nurse.read("Patient", patient.id).expect(200)
    auditor = users("auditor")
    bundle = as_sent(auditor.search("AuditEvent", {"patient": patient.id}).expect(200).resource)
    assert bundle["type"] == "searchset"
    (link,) = [link["url"] for link in bundle["link"] if link["relation"] == "self"]
    assert dict(parse_qsl(urlsplit(link).query))["patient"] in (patient.id, f"Patient/{patient.id}")
    assert urlsplit(link).path.endswith("/AuditEvent")
    ids = [entry["resource"]["id"] for entry in bundle["entry"]]
    assert [entry["fullUrl"].rpartition("/AuditEvent/")[2] for entry in bundle["entry"]] == ids
    assert {entry["search"]["mode"] for entry in bundle["entry"]} == {"match"}
    assert len(set(ids)) == len(ids) >= 2
    assert auditor.read("AuditEvent", ids[0]).expect(200).resource == bundle["entry"][0]["resource"]
