"""What the plugin hands to suites: users, receiving systems, and answers altered on the way."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from epjgate.evidence.digests import text_digest
from epjgate.model.alteration import Action, Alteration, Match
from epjgate.model.redaction import Redactor
from epjgate.model.target import Earlier, Endpoint, Target
from epjgate.partners.site import Site

if TYPE_CHECKING:
    from tests.plugin.conftest import Inner

TESTS = """
def test_contract_suites_may_do_everything(fhir):
    assert fhir.read("Patient", "1").id == "Bearer integration-token"

def test_everyday_work_is_the_doctors(epj):
    assert epj.status_banner().text == "Bearer doctor-token"

def test_receivers_can_be_asked(epj):
    assert epj.receiver("laboratory").messages_about(PERSON) == []

def test_answers_are_altered(fhir):
    assert fhir.read("Observation", "1").status == 418
"""
PERSON = """
from datetime import date
from epjgate.model.person import Address, Person, Sex

PERSON = Person("0203754321", ("Åse",), "Holm", Sex.FEMALE, date(1975, 3, 2), Address("Gade 1", "5000", "Odense C"))
"""


class Mirror(BaseHTTPRequestHandler):
    """Answers every question with who asked it."""

    def do_GET(self) -> None:
        """Answer as a Patient and as a status at once."""
        who = self.headers.get("Authorization", "")
        body = json.dumps({"resourceType": "Patient", "id": who, "partners": {}, "banner": who}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""


@pytest.fixture
def target() -> Iterator[Target]:
    """A system with users, one receiving system and one alteration."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    with Site({"laboratory": "mllp"}, Redactor(b"a key for tests")) as site:
        site.open("127.0.0.1")
        yield Target(
            system="tiny",
            release="1.0",
            environment="process",
            endpoints=(Endpoint(interface="fhir_r4", url=url), Endpoint(interface="admin", url=url)),
            capabilities={"status_banner": "admin", "laboratory_requisitions": "partners"},
            users={"doctor": "doctor-token", "integration": "integration-token"},
            partners=site.control_url,
            alterations=(Alteration(match=Match(path="^/Observation"), action=Action.STATUS, status=418),),
        )
    server.shutdown()
    thread.join()
    server.server_close()


def test_fixtures_know_users_receivers_and_alterations(inner: Inner) -> None:
    """`fhir` is the one who may do everything, `epj` the doctor; receivers and alterations are those of the target."""
    inner.run(f"{PERSON}\n{TESTS}")
    assert {name: end.outcome.value for name, end in inner.ends().items()} == {
        "test_contract_suites_may_do_everything": "passed",
        "test_everyday_work_is_the_doctors": "passed",
        "test_receivers_can_be_asked": "passed",
        "test_answers_are_altered": "passed",
    }


def test_reading_a_receiver_does_not_make_a_test_sound(inner: Inner) -> None:
    """A test that asked receivers alone has asked the candidate nothing."""
    inner.run(f"{PERSON}\n{TESTS}")
    assert {name: end.exchanges for name, end in inner.ends().items()} == {
        "test_contract_suites_may_do_everything": 1,
        "test_everyday_work_is_the_doctors": 1,
        "test_receivers_can_be_asked": 0,
        "test_answers_are_altered": 1,
    }


def test_users_without_the_one_who_may_do_everything_are_a_mistake_of_the_description(
    inner: Inner, target: Target
) -> None:
    """Else a contract suite would sign in nowhere, and the candidate's denials would count against it."""
    without = target.model_copy(update={"users": {"doctor": "doctor-token"}})
    inner.layout.target.write_text(without.model_dump_json(), encoding="utf-8")
    inner.run(f"{PERSON}\n{TESTS}")
    assert inner.ends()["test_contract_suites_may_do_everything"].outcome.value == "broken"


def test_the_session_has_a_seed_for_what_its_tests_share(inner: Inner, target: Target) -> None:
    """It follows from the run's seed and the worker, and is no test's own."""
    expected = int(text_digest(str(target.seed), "")[7:15], 16)
    inner.run(f"def test_seeds(session_seed, clinic_seed): assert session_seed == {expected} != clinic_seed")
    assert inner.ends()["test_seeds"].outcome.value == "passed"


EARLIER = """
def test_it_is_asked_instead_of_the_candidate(earlier_epj):
    assert earlier_epj.status_banner().text == "Bearer doctor-token"

def test_its_answers_are_not_altered(earlier_target):
    assert (earlier_target.release, earlier_target.alterations) == ("0.9", ())
"""


@pytest.mark.parametrize(
    ("earlier", "outcome", "words"),
    [
        ("none", "not_applicable", "no baseline was named"),
        ("fallen", "failed", "tiny 0.9 does not come up on the database that 1.0 has migrated: no such table: notes"),
        ("standing", "passed", ""),
    ],
)
def test_the_release_before_is_there_missing_or_at_fault(
    inner: Inner, target: Target, earlier: str, outcome: str, words: str
) -> None:
    """Nothing to start: not applicable, with the reason. Not up on that database: red, with its last words."""
    told = {
        "none": None,
        "fallen": Earlier(release="0.9", fault="no such table: notes"),
        "standing": Earlier(release="0.9", endpoints=target.endpoints),
    }[earlier]
    changed = target.model_copy(update={"earlier": told, "absent": {"earlier_release": "no baseline was named"}})
    inner.layout.target.write_text(changed.model_dump_json(), encoding="utf-8")
    inner.run(EARLIER)
    ends = inner.ends()
    assert {end.outcome.value for end in ends.values()} == {outcome}
    for end in ends.values():
        assert words in (end.fault.message if end.fault else end.reason)
