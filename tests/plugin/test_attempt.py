"""What one test did, as the journal keeps it."""

from __future__ import annotations

import pytest
from tests.plugin.conftest import Inner

from epjgate.evidence.exchanges import read_exchanges
from epjgate.model.events import Level, Severity
from epjgate.model.outcome import Outcome
from epjgate.model.target import Target

MARKED = '''
import pytest

@pytest.mark.requirement("HTTP", "200", url="https://example.invalid/200")
@pytest.mark.requirement("HTTP", "body", level="should")
@pytest.mark.severity("critical")
@pytest.mark.needs("patients")
def test_marked(desk):
    """The desk answers.

    More words.
    """
    answer = desk.request("GET", "/0101011234")
    assert answer.status == 200
    assert answer.content

def test_fails(desk):
    desk.request("GET", "/0101011234")
    assert desk.request("GET", "/b").status == 404

@pytest.mark.declared_skip(reason="painters", owner="desk@example.invalid")
def test_declared(desk): assert False
'''


def test_what_a_test_did_and_pins_is_kept(inner: Inner) -> None:
    """Title, requirements, severity, capabilities, and the number of assertions and exchanges are in the journal."""
    inner.run(MARKED)
    end = inner.ends()["test_marked"]
    assert (end.title, end.suite, end.outcome) == ("The desk answers.", "desk", Outcome.PASSED)
    assert (end.assertions, end.exchanges, end.severity) == (2, 1, Severity.CRITICAL)
    assert [(rule.section, rule.level) for rule in end.requirements] == [("body", Level.SHOULD), ("200", Level.SHALL)]
    assert end.capabilities == ("patients",)
    assert end.exchanges_file == ""


def test_the_exchanges_of_a_failing_test_are_kept_redacted(inner: Inner) -> None:
    """A test that did not pass leaves what it asked and was answered, redacted; one that passed leaves nothing."""
    inner.run(MARKED)
    exchanges = read_exchanges(inner.layout.folder / inner.ends()["test_fails"].exchanges_file)
    assert [exchange.status for exchange in exchanges] == [200, 200]
    assert "[cpr " in exchanges[0].url
    assert list(inner.layout.exchanges.iterdir()) == [inner.layout.folder / inner.ends()["test_fails"].exchanges_file]
    everything = b"".join(path.read_bytes() for path in inner.layout.folder.rglob("*") if path.is_file())
    assert b"0101011234" not in everything


def test_a_skip_carries_reason_and_owner(inner: Inner) -> None:
    """A declared skip is written down with why, and with who answers for it."""
    inner.run(MARKED)
    end = inner.ends()["test_declared"]
    assert (end.outcome, end.reason, end.owner) == (Outcome.SKIPPED, "painters", "desk@example.invalid")


def test_a_test_that_is_not_applicable_says_why(inner: Inner) -> None:
    """The reason that the system's description gives is the one that the journal keeps."""
    inner.run('import pytest\n@pytest.mark.needs("surgery")\ndef test_theatre(desk): assert False\n')
    end = inner.ends()["test_theatre"]
    assert end.outcome is Outcome.NOT_APPLICABLE
    assert "there is no theatre" in end.reason


def test_a_marker_that_says_too_little_stops_the_test(inner: Inner) -> None:
    """A requirement without a section and an unknown severity leave the test broken, never passed."""
    inner.run(
        "import pytest\n"
        '@pytest.mark.severity("terrible")\n'
        'def test_severity(desk): assert desk.request("GET", "/").status == 200\n'
        '@pytest.mark.requirement("HTTP")\n'
        'def test_requirement(desk): assert desk.request("GET", "/").status == 200\n'
    )
    assert not any(end.outcome is Outcome.PASSED for end in inner.ends().values())


NUMBERS = """
import pytest
import allure

@pytest.mark.parametrize("cpr", ["010190-1234"])
def test_number(desk, cpr):
    allure.attach(f"note on {cpr}", name="note")
    allure.attach(b"\\xff\\x00" + cpr.encode(), name="scan")
    assert desk.request("GET", "/").status == 200
"""


def test_no_cpr_number_gets_into_ids_or_attachments(inner: Inner) -> None:
    """A parameter that is a CPR number is redacted in the test's id, and what is attached is redacted or left out."""
    inner.run(NUMBERS, f"--alluredir={inner.layout.allure}", "--allure-no-capture")
    ((name, end),) = inner.ends().items()
    assert end.outcome is Outcome.PASSED
    assert "[cpr " in name
    everything = b"".join(path.read_bytes() for path in inner.layout.folder.rglob("*") if path.is_file())
    assert b"010190" not in everything
    assert b"bytes, left out" in everything


READS_AND_WRITES = """
import pytest

@pytest.mark.read_only
def test_reads(desk): assert desk.request("GET", "/").status == 200
def test_writes(desk): assert desk.request("GET", "/").status == 200
"""


def test_a_system_that_is_not_disposable_is_not_written_to(pytester: pytest.Pytester, target: Target) -> None:
    """Where nobody declared that a system may be thrown away, only tests that change nothing run on it."""
    inner = Inner(pytester, target.model_copy(update={"disposable": False}))
    inner.run(READS_AND_WRITES)
    outcomes = {name: end.outcome for name, end in inner.ends().items()}
    assert outcomes == {"test_reads": Outcome.PASSED, "test_writes": Outcome.NOT_APPLICABLE}
    assert "not to be written to" in inner.ends()["test_writes"].reason
