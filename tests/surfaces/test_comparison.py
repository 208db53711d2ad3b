"""A comparison is written down whole, or why there is none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from tests.builders import FLOORS, POLICY, manifest
from tests.engine_fixtures import Heard
from tests.surfaces.conftest import TINY, Tiny
from tests.surfaces.test_survey import DOWN

from epjgate import compose
from epjgate.environments.interface import Order
from epjgate.environments.reach import target_of
from epjgate.evidence.bundle import Bundle
from epjgate.evidence.reader import read_bundle
from epjgate.model.contract_change import Grade
from epjgate.model.evidence import Evidence
from epjgate.model.surface import StepState, StepTaken, Surface
from epjgate.surfaces.comparison import Comparison, compared
from epjgate.surfaces.survey import Survey, standing_of
from epjgate.surfaces.taking import Standing, Taken

MORE = """{"tables": {"notes": {"columns": {
    "id": {"type": "INTEGER", "nullable": false}, "author": {"type": "TEXT", "nullable": false}
}}}}"""


@pytest.fixture
def candidate(order: Order) -> Iterator[Standing]:
    """The candidate 1.0, which stands and has a column more."""
    wanted = replace(order, run_id="run-1", version="1.0", release=TINY.releases["1.0"])
    with Tiny(schema=MORE).start(wanted, compose.Silent()) as running:
        yield standing_of(target_of(wanted, "process", running), running, TINY, order.redactor)


@pytest.fixture
def written(candidate: Standing, order: Order, tmp_path: Path) -> Callable[[Tiny], Evidence]:
    """Call it with the environment of the baseline for the evidence of a run in which the two were compared."""

    def compare(baseline: Tiny) -> Evidence:
        folder = tmp_path / "run"
        with Bundle(folder, manifest(), policy=POLICY, floors=FLOORS) as bundle, ExitStack() as until_stopped:
            Comparison(order, Survey(baseline)).write_down(candidate, bundle, Heard(), until_stopped)
            assert baseline.standing == (0 if baseline.fails else 1)
        assert baseline.standing == 0
        return read_bundle(folder)

    return compare


def test_both_surfaces_and_every_change_are_evidence(written: Callable[[Tiny], Evidence], tmp_path: Path) -> None:
    """The files lie under the seal, and hold what was compared."""
    evidence = written(Tiny())
    assert evidence.compared is not None
    (change,) = evidence.compared.changes
    assert (change.grade, change.place) == (Grade.BREAKING, "table notes column author")
    sealed = json.loads((tmp_path / "run/digests.json").read_text(encoding="utf-8"))["files"]
    for side in (evidence.compared.baseline, evidence.compared.candidate):
        surface = Surface.model_validate_json((tmp_path / "run" / side.file).read_text(encoding="utf-8"))
        assert (surface.version, surface.digest) == (side.version, side.digest)
        assert side.file in sealed
        assert set(side.absent) == {"fhir_r4", "openapi", "hl7v2", "messages"}
    assert not [flaw for flaw in evidence.flaws if "surfaces" in flaw]


def test_a_surface_that_is_altered_afterwards_is_a_flaw(written: Callable[[Tiny], Evidence], tmp_path: Path) -> None:
    """Nobody can say later that less was shown."""
    written(Tiny())
    file = tmp_path / "run/surfaces/baseline.json"
    file.write_text(file.read_text(encoding="utf-8").replace("notes", "nodes"), encoding="utf-8")
    assert "surfaces/baseline.json was altered after the run" in read_bundle(tmp_path / "run").flaws


def test_releases_that_show_the_same_have_no_changes(written: Callable[[Tiny], Evidence]) -> None:
    """That they were compared is written down all the same."""
    evidence = written(Tiny(schema=MORE))
    assert evidence.compared is not None
    assert evidence.compared.changes == ()


def test_what_was_not_elicited_or_not_heard_is_named() -> None:
    """Both releases could have changed there, so neither is said to be as the other."""
    done = StepTaken(interface="fhir_r4", state=StepState.ACCEPTED)
    refused = StepTaken(interface="fhir_r4", state=StepState.REFUSED, why="422")
    before = Surface(system="tiny", version="0.9", digest="", steps={"admit": refused, "discharge": done})
    after = before.model_copy(update={"version": "1.0", "incomplete": {"messages": "on their way"}})
    event = compared(Taken(surface=before), Taken(surface=after))
    assert event.not_elicited == {"admit": "0.9: refused: 422\n1.0: refused: 422"}
    assert event.candidate.absent == {"messages": "on their way"}
    assert (event.candidate.refused, event.changes) == (("admit: 422",), ())


def test_a_baseline_that_cannot_be_had_is_written_down(written: Callable[[Tiny], Evidence]) -> None:
    """The candidate's environment did not break: nothing says so."""
    evidence = written(Tiny(fails=DOWN))
    assert (evidence.compared, evidence.broke) == (None, None)
    assert evidence.not_compared is not None
    assert (evidence.not_compared.release, evidence.not_compared.problem) == ("0.9", "tiny 0.9 could not be started")


def test_a_surface_that_cannot_be_written_is_evidence_lost(candidate: Standing, order: Order, tmp_path: Path) -> None:
    """The comparison is told, and that its ground is missing."""
    folder = tmp_path / "run"
    with Bundle(folder, manifest(), policy=POLICY, floors=FLOORS) as bundle, ExitStack() as until_stopped:
        (folder / "surfaces").write_text("in the way", encoding="utf-8")
        Comparison(order, Survey(Tiny())).write_down(candidate, bundle, Heard(), until_stopped)
    assert [loss.why.partition(" could")[0] for loss in read_bundle(folder).lost] == [
        "the surface of the baseline",
        "the surface of the candidate",
    ]
