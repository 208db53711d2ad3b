"""Who is to blame for a test that did not pass."""

from __future__ import annotations

import pytest
from tests.plugin.conftest import Inner

from epjgate.model.events import TestsCollected
from epjgate.model.outcome import Outcome

EVERY_END = """
import pytest
from urllib.parse import urlencode
from epjgate.errors import CandidateFault, CandidateUnreachable
from epjgate.model.redaction import Redactor

def test_passed(desk): assert desk.request("GET", "/").status == 200
def test_failed(desk): assert desk.request("GET", "/").status == 404
def test_pytest_fail(desk): pytest.fail("the desk is wrong")
def test_candidate_fault(desk): raise CandidateFault("no resourceType")
def test_unreachable(desk): raise CandidateUnreachable("no answer", "refused", "look at it")
def test_broken(desk): {}["a"]
def test_none_where_there_is_one(desk): (one,) = desk.request("GET", "/").headers.get("X-None", "")
def test_two_where_there_is_one(desk): (one,) = desk.request("GET", "/").content.split(b"/")
def test_taken_apart_elsewhere(desk): urlencode([("a", "b", "c")])
def test_another_value_error(desk): int(desk.request("GET", "/").text)
def test_refused_elsewhere(desk): raise ConnectionError("some other server")
def test_harness_assertion(desk): Redactor(b"")
def test_skipped(desk): pytest.skip("not today")
@pytest.mark.needs("surgery")
def test_not_applicable(desk): assert False
@pytest.mark.xfail(reason="known", strict=True)
def test_xfail_hides_nothing(desk): assert False
@pytest.mark.xfail(reason="known", strict=True)
def test_xfail_that_passes(desk): assert True
def test_xfail_called(desk): pytest.xfail("not yet")
async def test_asynchronous(desk): assert desk
def test_group(desk): raise ExceptionGroup("two", [AssertionError("one"), CandidateFault("two")])

@pytest.fixture
def falls_down():
    yield
    raise OSError("the fixture fell")
def test_passes_and_falls(desk, falls_down): assert desk.request("GET", "/").status == 200
def test_fails_and_falls(desk, falls_down): assert desk.request("GET", "/").status == 404
@pytest.fixture
def no_setup(desk): assert desk.request("GET", "/").status == 404
def test_setup_fails(no_setup): assert True
"""


def test_every_end_has_its_outcome(inner: Inner) -> None:
    """Only what a suite asserted speaks of the candidate; whatever is no judgement leaves the test broken."""
    inner.run(EVERY_END)
    assert {name: end.outcome for name, end in inner.ends().items()} == {
        "test_passed": Outcome.PASSED,
        "test_failed": Outcome.FAILED,
        "test_pytest_fail": Outcome.FAILED,
        "test_candidate_fault": Outcome.FAILED,
        "test_unreachable": Outcome.UNREACHABLE,
        "test_broken": Outcome.BROKEN,
        "test_none_where_there_is_one": Outcome.FAILED,
        "test_two_where_there_is_one": Outcome.FAILED,
        "test_taken_apart_elsewhere": Outcome.BROKEN,
        "test_another_value_error": Outcome.BROKEN,
        "test_refused_elsewhere": Outcome.BROKEN,
        "test_harness_assertion": Outcome.BROKEN,
        "test_skipped": Outcome.SKIPPED,
        "test_not_applicable": Outcome.NOT_APPLICABLE,
        "test_xfail_hides_nothing": Outcome.FAILED,
        "test_xfail_called": Outcome.SKIPPED,
        "test_asynchronous": Outcome.BROKEN,
        "test_xfail_that_passes": Outcome.BROKEN,
        "test_group": Outcome.FAILED,
        "test_passes_and_falls": Outcome.BROKEN,
        "test_fails_and_falls": Outcome.FAILED,
        "test_setup_fails": Outcome.FAILED,
    }


FAULTS = """
import pytest
from epjgate.errors import CandidateFault

@pytest.mark.parametrize("number", [41, 42])
def test_same(desk, number): raise CandidateFault(f"Patient/{number} of 0101011234 is gone\\nat 12:3{number}")
def test_other(desk): raise CandidateFault("Patient/1 of 0101011234 is gone")
"""


def test_a_fingerprint_names_the_fault_and_not_the_run(inner: Inner) -> None:
    """Ids, numbers and later lines do not change a fingerprint; another test does. No CPR number is kept."""
    inner.run(FAULTS)
    faults = {name: end.fault for name, end in inner.ends().items()}
    prints = {name: fault.fingerprint for name, fault in faults.items() if fault is not None}
    assert prints["test_same[41]"] == prints["test_same[42]"] != prints["test_other"]
    assert not any("0101011234" in fault.model_dump_json() for fault in faults.values() if fault is not None)


@pytest.mark.parametrize("text", ["", "def test_x(:\n"])
def test_nothing_or_rubbish_is_written_down_as_such(inner: Inner, text: str) -> None:
    """A suite without tests and one that cannot be read leave a journal that says which it was."""
    inner.run(text)
    collected = [event for event in inner.events if isinstance(event, TestsCollected)]
    assert not any(event.tests for event in collected)
    assert any(event.errors for event in collected) == bool(text)
