"""What proving has shown, written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.incident_fixtures import FOLDER
from tests.incidents.conftest import NOW, SEEN

from epjgate.incidents.conclusion import Result, State
from epjgate.incidents.keeping import (
    Circumstances,
    circumstances_of,
    keep_result,
    record_fingerprint,
    unless_changed,
)
from epjgate.incidents.proofs import read_proofs, standing_of
from epjgate.incidents.record import Record, read_record
from epjgate.model.proof import How, ProofState, ProvenBuild

if TYPE_CHECKING:
    from tests.incidents.conftest import Suites

HERE = Circumstances(environment="process", times=4, words="sha256:w", tests={})
BUILDS = ProvenBuild(version="0.9", digests={}), ProvenBuild(version="1.0", digests={})


def result(record: Record, state: State = State.PROVEN, **given: object) -> Result:
    """Return a result about `record`."""
    fields: dict[str, object] = {"fingerprints": (SEEN,), "message": "yes", "reasons": ()} | given
    return Result(record, state, *BUILDS, **fields)  # type: ignore[arg-type]  # the values are as the tests give them


def test_what_is_proven_is_kept_and_fresh(record: Record) -> None:
    """How often, on what, when, and how."""
    keep_result(result(record), HERE, NOW)
    proof = read_proofs(record).proofs["process"]
    assert (proof.red, proof.green, proof.at, proof.how) == (4, 4, NOW, How.BUILD)
    assert (proof.known_bad.version, proof.fixed_in.version, proof.message) == ("0.9", "1.0", "yes")
    assert standing_of(record, HERE.words).state is ProofState.FRESH


def test_a_proof_by_a_recipe_says_so(suites: Suites) -> None:
    """No build had the fault."""
    record = read_record(suites.record(fingerprint=f'"{SEEN}"', known_bad='"1.0"', fault='"fault.toml"'))
    keep_result(result(record), HERE, NOW)
    assert read_proofs(record).proofs["process"].how is How.RECIPE


def test_a_refusal_takes_the_place_of_a_proof(record: Record) -> None:
    """What was proven once and is refused now is not proven."""
    keep_result(result(record), HERE, NOW)
    keep_result(result(record, State.REFUSED, reasons=("flaky",)), HERE, NOW)
    assert read_proofs(record).proofs == {}
    assert standing_of(record, HERE.words).state is ProofState.REFUSED


@pytest.mark.parametrize("state", [State.ENVIRONMENT, State.HARNESS])
def test_trouble_leaves_what_was_known(record: Record, state: State) -> None:
    """An engine that is down takes no proof away, and gives none."""
    keep_result(result(record), HERE, NOW)
    before = record.proof_file.read_bytes()
    keep_result(result(record, state, reasons=("down",)), HERE, NOW)
    assert record.proof_file.read_bytes() == before


def test_a_fingerprint_yet_to_be_recorded_is_no_refusal(record: Record) -> None:
    """Nothing was shown to be wrong."""
    keep_result(result(record, State.REFUSED, reasons=("none recorded",), unrecorded=True), HERE, NOW)
    assert not record.proof_file.exists()


@pytest.mark.parametrize("line", ["", '""'])
@pytest.mark.parametrize("fingerprints", [(SEEN,), (SEEN, "00000000")])
def test_a_fingerprint_is_recorded_where_none_was(suites: Suites, line: str, fingerprints: tuple[str, ...]) -> None:
    """One or several; the rest of the record stays as it was, and the proof that is kept then is fresh."""
    folder = suites.record(fingerprint=line)
    before = (folder / "incident.md").read_text(encoding="utf-8").splitlines()
    recorded = record_fingerprint(
        result(read_record(folder), State.REFUSED, reasons=("x",), unrecorded=True, fingerprints=fingerprints)
    )
    assert (recorded.state, recorded.reasons) == (State.PROVEN, ())
    assert recorded.record.incident.fingerprint == fingerprints
    after = (suites.root / "incidents" / FOLDER / "incident.md").read_text(encoding="utf-8").splitlines()
    assert [one for one in after if "fingerprint" not in one] == [one for one in before if "fingerprint" not in one]
    keep_result(recorded, HERE, NOW)
    assert standing_of(read_record(folder), HERE.words).state is ProofState.FRESH


def test_a_record_that_was_changed_while_it_was_proven_is_not_recorded_into(suites: Suites) -> None:
    """A fingerprint that somebody wrote meanwhile is never replaced; a record that cannot be read any more is told."""
    folder = suites.record()
    seen = result(read_record(folder), State.REFUSED, reasons=("x",), unrecorded=True)
    here = circumstances_of((seen.record,), "process", 3, "sha256:w")
    for line in ('"00000000"', '"no hex"'):
        suites.record(fingerprint=line)
        changed = unless_changed(seen, here, "sha256:w")
        assert (changed.state, changed.unrecorded) == (State.HARNESS, False)
        assert changed.reasons == ("the test changed while it was being proven; prove it again",)


@pytest.mark.parametrize("lines", ["[\n]", "[\n    ]"])
def test_a_fingerprint_on_several_lines_is_recorded(suites: Suites, lines: str) -> None:
    """The record can be read as before."""
    seen = result(read_record(suites.record(fingerprint=lines)), State.REFUSED, reasons=("x",), unrecorded=True)
    assert record_fingerprint(seen).record.incident.fingerprint == (SEEN,)


@pytest.mark.parametrize("state", [State.PROVEN, State.REFUSED])
def test_what_was_changed_while_it_was_proven_is_not_kept(suites: Suites, record: Record, state: State) -> None:
    """Another test, or other words, than those that ran: neither proven nor refused."""
    seen = result(record, state, reasons=("x",) if state is State.REFUSED else ())
    here = circumstances_of((record,), "process", 3, "sha256:w")
    assert unless_changed(seen, here, "sha256:w") == seen
    assert "drivers" in unless_changed(seen, here, "sha256:other").reasons[0]
    suites.write(f"incidents/{FOLDER}/test_no_such_door.py", "def test_other(): ...\n")
    changed = unless_changed(seen, here, "sha256:w")
    assert (changed.state, changed.unrecorded) == (State.HARNESS, False)
    assert changed.reasons == ("the test changed while it was being proven; prove it again",)
