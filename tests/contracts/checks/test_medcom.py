"""The checks of MedCom's messages: each sees what breaks its rule, and nothing else."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.contracts.canaries import canary_of
from epjgate.contracts.checks.interface import all_checks, violations
from epjgate.contracts.rules import load_rules

CONTRACTS = Path(__file__).parents[3] / "contracts"
MEDCOM = CONTRACTS / "medcom"
CHECKS = sorted(rule for rule in all_checks() if rule.startswith("medcom-"))
OF_ONE_KIND = ("medcom-notification-", "medcom-care-", "medcom-ack-")
DOCUMENTS = {
    "admission": "medcom-notification-",
    "leave": "medcom-notification-",
    "discharge": "medcom-notification-",
    "letter": "medcom-care-",
    "letter_about_referral": "medcom-care-",
    "letter_other": "medcom-care-",
    "acknowledgement": "medcom-ack-",
    "acknowledgement_fatal": "medcom-ack-",
}

# Where one break cannot but be another one as well: the rule, and the rules that the break of it drags along.
DRAGS_ALONG = {
    "medcom-ack-code": {"medcom-ack-outcome-unless-ok"},
    "medcom-ack-event": {"medcom-header-event", "medcom-header-profile"},
    "medcom-ack-identifier": {"medcom-ack-activity", "medcom-ack-provenance-of-both"},
    "medcom-ack-outcome-unless-ok": {"medcom-references-bundled"},
    "medcom-care-event": {"medcom-header-profile"},
    "medcom-care-text-identifier": {"medcom-care-provenance-names-parts"},
    "medcom-entry-full-urls": {
        "medcom-header-sender-bundled",
        "medcom-provenance-agent",
        "medcom-references-bundled",
        "medcom-notification-service-provider",
    },
    "medcom-header-id-is-uuid": {"medcom-entry-full-urls"},
    "medcom-header-one-primary-receiver": {"medcom-header-no-copies"},
    "medcom-header-receiver-bundled": {"medcom-header-endpoints"},
    "medcom-header-sender-bundled": {"medcom-references-bundled"},
    "medcom-notification-activity": {"medcom-notification-activity-fits-status"},
    "medcom-notification-cpr-only": {"medcom-narrative-tells"},
    "medcom-notification-one-patient": {"medcom-references-bundled", "medcom-notification-subject"},
    "medcom-notification-status": {"medcom-notification-activity-fits-status"},
    "medcom-organization-gln": {"medcom-narrative-tells"},
    "medcom-organization-sor": {"medcom-header-endpoints"},
    "medcom-provenance-one-target": {"medcom-notification-activity-fits-status"},
    "medcom-references-bundled": {"medcom-care-sender-fits-header"},
    "medcom-times-with-offset": {"medcom-notification-leave-start"},
}

Document = dict[str, Any]
Change = Callable[[Document], object]


def good(name: str) -> Document:
    """Return a known-good document."""
    document: Document = json.loads((MEDCOM / f"good/{name}.json").read_text(encoding="utf-8"))
    return document


def rules_of(name: str) -> list[str]:
    """Return the checks that a document of this name has to pass."""
    return [rule for rule in CHECKS if rule.startswith(DOCUMENTS[name]) or not rule.startswith(OF_ONE_KIND)]


def numbered(cases: list[tuple[str, str, Change]]) -> list[str]:
    """Return the name of each case."""
    return [f"{rule} {number}" for number, (rule, _, _) in enumerate(cases)]


def head(document: Document) -> Document:
    """Return the header."""
    return the(document, "MessageHeader")


def stay(document: Document) -> Document:
    """Return the Encounter."""
    return the(document, "Encounter")


def written(document: Document) -> Document:
    """Return the Communication."""
    return the(document, "Communication")


def contact(document: Document) -> Document:
    """Return how the author of the first part is called back."""
    point: Document = written(document)["payload"][0]["extension"][3]["valueContactPoint"]
    return point


def identified(document: Document) -> Document:
    """Return the identifier of the first part."""
    value: Document = written(document)["payload"][0]["extension"][1]["valueIdentifier"]
    return value


def activity(document: Document, number: int = 0) -> Document:
    """Return the coding of what a Provenance tells."""
    coding: Document = the(document, "Provenance", number)["activity"]["coding"][0]
    return coding


def the(document: Document, kind: str, number: int = 0) -> Document:
    """Return a resource of type `kind`."""
    found = [entry["resource"] for entry in document["entry"] if entry["resource"]["resourceType"] == kind]
    resource: Document = found[number]
    return resource


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_known_good_document_keeps_every_rule(name: str) -> None:
    """Nothing is wrong with it, whichever rule is asked."""
    broken = {rule: violations(rule, good(name)) for rule in rules_of(name)}
    assert {rule: found for rule, found in broken.items() if found} == {}


def test_every_known_good_document_is_known_here() -> None:
    """A new one is held to its rules as well."""
    assert {file.stem for file in (MEDCOM / "good").iterdir()} == DOCUMENTS.keys()


def test_every_rule_about_documents_has_its_check_and_its_canary() -> None:
    """What has a canary has a check, and what has a check is a rule with a canary."""
    assert {file.stem for file in (MEDCOM / "bad").iterdir()} == set(CHECKS)
    assert set(CHECKS) <= load_rules(CONTRACTS).documents["medcom"].rules.keys()


@pytest.mark.parametrize("rule", [rule for rule in CHECKS if rule != "medcom-header-first"])
def test_a_canary_breaks_its_rule_and_drags_along_no_more_than_it_must(rule: str) -> None:
    """A red rule names what is wrong; a message that does not begin with its header breaks nearly all of them."""
    _, bad = canary_of(MEDCOM, rule)
    name = json.loads((MEDCOM / f"bad/{rule}.json").read_text(encoding="utf-8"))["good"].removesuffix(".json")
    assert violations(rule, bad) != []
    assert {other for other in rules_of(name) if other != rule and violations(other, bad)} == DRAGS_ALONG.get(
        rule, set()
    )


def test_the_published_invariants_see_nothing_where_ours_see_it() -> None:
    """No entry is a Provenance: `entry.ofType(Provenance)` selects none of them, and all of none keep any rule."""
    for rule, kind in (("medcom-notification-event", "MessageHeader"), ("medcom-notification-activity", "Provenance")):
        _, bad = canary_of(MEDCOM, rule)
        selected = [entry for entry in bad["entry"] if entry.get("resourceType") == kind]
        assert selected == []
        assert violations(rule, bad) != []


FURTHER: list[tuple[str, str, Change]] = [
    ("medcom-bundle-is-message", "admission", lambda one: one.update(resourceType="Parameters")),
    ("medcom-bundle-id-is-uuid", "admission", lambda one: one.pop("id")),
    ("medcom-bundle-timestamp", "admission", lambda one: one.update(timestamp="2026-02-02T09:10:00")),
    ("medcom-entry-full-urls", "admission", lambda one: one["entry"][1].update(fullUrl=one["entry"][2]["fullUrl"])),
    ("medcom-header-first", "admission", lambda one: one["entry"].append(one["entry"][0])),
    ("medcom-header-id-is-uuid", "admission", lambda one: head(one).update(id=one["id"])),
    ("medcom-header-event", "admission", lambda one: head(one)["eventCoding"].update(code="x")),
    ("medcom-header-profile", "admission", lambda one: head(one).pop("meta")),
    ("medcom-header-one-primary-receiver", "admission", lambda one: head(one).update(destination=[])),
    (
        "medcom-header-one-primary-receiver",
        "admission",
        lambda one: head(one)["destination"].append(head(one)["destination"][0]),
    ),
    ("medcom-header-sender-bundled", "admission", lambda one: head(one).pop("sender")),
    ("medcom-header-receiver-bundled", "admission", lambda one: one["entry"].remove(one["entry"][4])),
    ("medcom-header-endpoints", "admission", lambda one: head(one).pop("source")),
    ("medcom-header-endpoints", "admission", lambda one: head(one)["source"].update(
        endpoint="https://sor2.sum.dsdn.dk/#id=99000000000025")),
    ("medcom-header-endpoints", "admission", lambda one: head(one)["destination"][0].update(
        endpoint="https://sor2.sum.dsdn.dk/#id=99000000000017")),
    ("medcom-header-profile", "admission", lambda one: head(one)["meta"]["profile"].append(
        head(one)["meta"]["profile"][0])),
    ("medcom-provenance-agent", "admission", lambda one: the(one, "Provenance").update(agent=[])),
    ("medcom-provenance-profile", "admission", lambda one: the(one, "Provenance").pop("meta")),
    ("medcom-provenance-profile", "admission", lambda one: the(one, "Provenance")["meta"]["profile"].append(
        the(one, "Provenance")["meta"]["profile"][0])),
    ("medcom-provenance-entity", "acknowledgement", lambda one: the(one, "Provenance", 1)["entity"][0].pop("what")),
    ("medcom-provenance-entity", "letter", lambda one: the(one, "Provenance")["entity"][0].update(what={})),
    ("medcom-narrative", "admission", lambda one: stay(one)["text"].update(status="empty")),
    ("medcom-narrative", "admission", lambda one: stay(one)["text"].update(div=stay(one)["text"]["div"][:-9])),
    ("medcom-narrative-tells", "letter", lambda one: written(one)["payload"][0].update(contentString="Noget andet")),
    ("medcom-narrative-tells", "acknowledgement_fatal", lambda one: the(one, "Organization").update(name="Åben Hånd")),
    ("medcom-care-focus", "letter", lambda one: head(one)["focus"].append(head(one)["focus"][0])),
    ("medcom-care-text-contact", "letter", lambda one: contact(one).update(value="ring til mig")),
    ("medcom-care-text-contact", "letter", lambda one: contact(one).update(system="email")),
    ("medcom-care-text-identifier", "letter", lambda one: identified(one).pop("assigner")),
    ("medcom-care-party-identifier", "letter", lambda one: the(one, "PractitionerRole").update(
        identifier=[{"value": "sygeplejerske 7"}])),
    ("medcom-care-activity", "letter", lambda one: the(one, "Provenance")["meta"]["profile"].append("https://x")),
    ("medcom-care-provenance-names-parts", "letter", lambda one: the(one, "Provenance")["entity"].append(
        the(one, "Provenance")["entity"][0])),
    ("medcom-care-provenance-names-parts", "letter", lambda one: written(one)["payload"].append({})),
    ("medcom-ack-outcome-says-why", "acknowledgement_fatal", lambda one: the(one, "OperationOutcome")["issue"][
        0].update(code="bad luck")),
    ("medcom-ack-activity", "acknowledgement", lambda one: the(one, "Provenance", 1)["entity"][0]["what"].update(
        reference="MessageHeader/2a3f1d5e-8d4e-4f0a-9d43-0a8a5a5a5a5a")),
    ("medcom-organization-sor", "admission", lambda one: the(one, "Organization", 1).pop("identifier")),
    ("medcom-organization-gln", "admission", lambda one: the(one, "Organization")["identifier"].pop(1)),
    ("medcom-provenance-of-message", "admission", lambda one: one["entry"].pop()),
    ("medcom-provenance-time", "admission", lambda one: the(one, "Provenance").pop("recorded")),
    ("medcom-provenance-agent", "admission", lambda one: the(one, "Provenance").update(agent=[{"who": {}}])),
    ("medcom-narrative", "admission", lambda one: stay(one)["text"].update(div="<div></div>")),
    ("medcom-narrative", "admission", lambda one: stay(one)["text"].pop("status")),
    ("medcom-patient-official-name", "letter", lambda one: the(one, "Patient").pop("name")),
    ("medcom-times-with-offset", "letter", lambda one: the(one, "Provenance").update(recorded="2026-02-06T13:30:00")),
    ("medcom-notification-cpr-only", "admission", lambda one: the(one, "Patient").update(identifier=[])),
    ("medcom-notification-focus", "admission", lambda one: head(one)["focus"].append({})),
    ("medcom-notification-end", "admission", lambda one: stay(one)["period"].update(end="2026-02-03")),
    ("medcom-notification-leave-start", "leave", lambda one: stay(one)["extension"][0]["valuePeriod"].clear()),
    ("medcom-notification-episode", "admission", lambda one: stay(one).update(episodeOfCare=[])),
    ("medcom-notification-class", "admission", lambda one: stay(one)["class"].update(system="x")),
    ("medcom-notification-class", "admission", lambda one: stay(one)["class"].update(display="emergency")),
    ("medcom-notification-nothing-clinical", "leave", lambda one: stay(one).update(location=[{}])),
    ("medcom-care-one-patient", "letter", lambda one: written(one).pop("subject")),
    ("medcom-care-identifier", "letter", lambda one: written(one).update(identifier=[])),
    ("medcom-care-category", "letter", lambda one: written(one)["category"].append({"coding": []})),
    ("medcom-care-topic-if-other", "letter", lambda one: written(one).update(topic={"coding": []})),
    ("medcom-care-text", "letter", lambda one: written(one)["payload"][0].update(contentString=" \n")),
    ("medcom-care-text-author", "letter", lambda one: written(one)["payload"][0]["extension"].pop(2)),
    ("medcom-care-author-name", "letter", lambda one: the(one, "PractitionerRole").pop("practitioner")),
    ("medcom-care-encounter-episode", "letter", lambda one: stay(one).pop("episodeOfCare")),
    ("medcom-care-encounter-episode", "letter_other", lambda one: written(one).__setitem__(
        "encounter", {"reference": "x"})),
    ("medcom-care-activity", "letter", lambda one: the(one, "Provenance")["meta"].update(profile=["x"])),
    ("medcom-care-provenance-names-parts", "letter", lambda one: the(one, "Provenance").pop("entity")),
    ("medcom-ack-identifier", "acknowledgement", lambda one: head(one)["response"].pop("identifier")),
    ("medcom-ack-outcome-unless-ok", "acknowledgement", lambda one: head(one)["response"].update(
        code="fatal-error")),
    ("medcom-ack-outcome-says-why", "acknowledgement_fatal", lambda one: the(one, "OperationOutcome").update(issue=[])),
    ("medcom-ack-provenance-of-both", "acknowledgement", lambda one: one["entry"].remove(one["entry"][3])),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "name", "change"), FURTHER, ids=[f"{rule} {n}" for n, (rule, _, _) in enumerate(FURTHER)]
)
def test_there_is_more_than_one_way_to_break_a_rule(rule: str, name: str, change: Change) -> None:
    """Another way than the canary's is seen as well."""
    document = good(name)
    change(document)
    assert violations(rule, document) != []


ABSENT = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
UNKNOWN_NAME = {"use": "official", "_family": {"extension": [ABSENT]}}
ALLOWED: list[tuple[str, str, Change]] = [
    ("medcom-header-profile", "admission", lambda one: head(one)["meta"]["profile"].insert(0, "https://x")),
    ("medcom-header-profile", "admission", lambda one: head(one)["meta"].update(
        profile=[f"{head(one)['meta']['profile'][0]}|3.0.2"])),
    ("medcom-header-endpoints", "admission", lambda one: head(one)["source"].update(endpoint="https://x.dk/fhir")),
    ("medcom-notification-class", "admission", lambda one: stay(one)["class"].update(display="Inpatient encounter")),
    ("medcom-narrative", "admission", lambda one: stay(one)["text"].update(status="additional")),
    ("medcom-narrative-tells", "letter", lambda one: the(one, "Patient")["text"].update(
        div=the(one, "Patient")["text"]["div"].replace(" Sørensen", "\n  <b>S&oslash;rensen</b>"))),
    ("medcom-provenance-profile", "admission", lambda one: the(one, "Provenance")["meta"].update(
        profile=[f"{the(one, 'Provenance')['meta']['profile'][0]}|4.0.1"])),
    ("medcom-provenance-entity", "letter", lambda one: the(one, "Provenance").pop("entity")),
    ("medcom-care-text-contact", "letter", lambda one: contact(one).update(value="+45 38 68 38-68")),
    ("medcom-references-bundled", "discharge", lambda one: the(one, "Provenance", 2)["entity"][0].update(
        what={"reference": "urn:uuid:2a3f1d5e-8d4e-4f0a-9d43-0a8a5a5a5a5a"})),
    ("medcom-times-with-offset", "leave", lambda one: stay(one)["period"].update(start="2026-02-02")),
    ("medcom-times-with-offset", "letter", lambda one: written(one)["payload"][0].update(
        contentString="2026-02-04T12:00 kom hun hjem")),
    ("medcom-patient-official-name", "admission", lambda one: the(one, "Patient").update(name=[UNKNOWN_NAME])),
    ("medcom-notification-activity-fits-status", "discharge", lambda one: activity(one, 2).update(
        code="revise-discharge-inpatient-home")),
    ("medcom-care-priority-only-for-referral", "letter", lambda one: written(one)["category"][0]["coding"][0].update(
        code="regarding-referral") or written(one).update(priority="asap")),
    ("medcom-care-sender-fits-header", "letter", lambda one: written(one).pop("extension")),
    ("medcom-care-recipient-fits-header", "letter", lambda one: written(one).pop("recipient")),
    ("medcom-ack-definition", "acknowledgement", lambda one: head(one).update(
        definition=head(one)["definition"].partition("|")[0])),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "name", "change"), ALLOWED, ids=[f"{rule} {n}" for n, (rule, _, _) in enumerate(ALLOWED)]
)
def test_what_is_allowed_is_not_held_against_anybody(rule: str, name: str, change: Change) -> None:
    """A check that objects to what the rule allows would reject good candidates."""
    document = good(name)
    change(document)
    assert violations(rule, document) == []


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(1, 9))
def test_a_wrong_check_digit_of_a_gln_is_always_seen(digits: str, off_by: int) -> None:
    """GS1: mod 10 with the weights 1 and 3."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    last = -total % 10
    document = good("admission")
    for value, is_right in ((f"{digits}{last}", True), (f"{digits}{(last + off_by) % 10}", False)):
        changed = copy.deepcopy(document)
        the(changed, "Organization")["identifier"][1]["value"] = value
        assert (violations("medcom-organization-gln", changed) == []) is is_right


@pytest.mark.parametrize("rule", CHECKS)
@pytest.mark.parametrize("document", [{}, {"entry": []}, {"resourceType": "Bundle", "entry": [{}]}, [], None])
def test_what_is_no_message_breaks_every_rule(rule: str, document: Any) -> None:
    """No check passes for want of something to look at."""
    assert violations(rule, document) != []
