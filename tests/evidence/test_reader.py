"""Reading a bundle, trusting nothing in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import (
    SUITE,
    Written,
    availability,
    census,
    ended,
    failed,
    manifest,
    passed,
    rehearsal_of,
    rehearsal_plan,
    rewrite_journal,
    run_blaming,
    run_of,
    steps_of,
    window_forecast,
    write_bundle,
)

from epjgate.errors import EvidenceUnreadable
from epjgate.evidence.bundle import evidence_files, seal
from epjgate.evidence.layout import Layout
from epjgate.evidence.reader import read_bundle
from epjgate.model.events import (
    EnvironmentBroke,
    Event,
    Interrupted,
    RunFinished,
    TestFinished,
    TestsCollected,
    TestStarted,
)
from epjgate.model.outcome import Outcome
from epjgate.model.rehearsal_events import CensusTaken, StepBegan, WindowForecasted, WindowNotForecasted
from epjgate.model.verdict import Blame

OPEN = "desk/test_desk.py::test_open"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good bundle, which every test leaves as it found it."""
    return write_bundle(tmp_path_factory.mktemp("sealed") / "run", run_of(passed(), failed()))


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A good bundle of one test, to be damaged."""
    return write_bundle(tmp_path / "run")


@contextmanager
def put(path: Path, data: bytes) -> Iterator[None]:
    before = path.read_bytes()
    path.write_bytes(data)
    try:
        yield
    finally:
        path.write_bytes(before)


def flaws(folder: Path) -> tuple[str, ...]:
    return read_bundle(folder).flaws


def change(file: Path, **values: Any) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def test_a_good_bundle_is_read_as_it_was_written(sealed: Path) -> None:
    """Everything is there, nothing is wrong, and the digest is that of the seal."""
    evidence = read_bundle(sealed)
    assert evidence.flaws == ()
    assert evidence.manifest == manifest()
    assert evidence.tests == (passed(), failed())
    assert evidence.ready is not None
    assert evidence.checked is not None
    assert evidence.suites_finished is not None
    assert evidence.run_finished == RunFinished()
    assert evidence.finished_at is not None
    assert evidence.digest.startswith("sha256:")


def test_a_folder_without_evidence_is_no_bundle(tmp_path: Path) -> None:
    """Where there is neither manifest nor journal there is nothing to judge; only that is an error."""
    (tmp_path / "report.html").write_text("approved")
    with pytest.raises(EvidenceUnreadable, match="holds no evidence"):
        read_bundle(tmp_path)
    with pytest.raises(EvidenceUnreadable, match="holds no evidence"):
        read_bundle(tmp_path / "nowhere")


@given(st.data())
@settings(max_examples=200)
def test_no_byte_of_the_evidence_can_be_changed(sealed: Path, data: st.DataObject) -> None:
    """One byte, in any file, is enough to be noticed, and the file is named."""
    file = data.draw(st.sampled_from([path for path in evidence_files(Layout(sealed)) if path.stat().st_size]))
    content = bytearray(file.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    with put(file, bytes(content)):
        assert f"{file.relative_to(sealed)} was altered after the run" in flaws(sealed)


@given(st.data())
@settings(max_examples=200)
def test_no_byte_of_the_seal_can_be_changed(sealed: Path, data: st.DataObject) -> None:
    """A seal that was touched does not fit, cannot be read, or has another digest than the verdict names."""
    seal_file = Layout(sealed).digests
    digest = read_bundle(sealed).digest
    content = bytearray(seal_file.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    with put(seal_file, bytes(content)):
        evidence = read_bundle(sealed)
        assert evidence.flaws or evidence.digest != digest


@given(st.data())
@settings(max_examples=200)
def test_a_journal_cut_at_any_byte_is_noticed_even_under_a_new_seal(sealed: Path, data: st.DataObject) -> None:
    """A journal without its end is flagged for that, not only for the digest that no longer fits."""
    layout = Layout(sealed)
    journal = layout.journal.read_bytes()
    cut = journal[: data.draw(st.integers(0, len(journal) - 1))]
    with put(layout.digests, layout.digests.read_bytes()), put(layout.journal, cut):
        assert "journal.jsonl was altered after the run" in flaws(sealed)
        seal(layout)
        assert [flaw for flaw in flaws(sealed) if flaw.startswith("the journal ")]


def test_a_journal_cut_between_two_lines_is_noticed_even_under_a_new_seal(bundle: Path) -> None:
    """Every line that is left is good, and no count has a gap: only the last event is missing."""
    lines = Layout(bundle).journal.read_bytes().splitlines(keepends=True)
    for count in range(1, len(lines)):
        rewrite_journal(bundle, lines[:count])
        assert flaws(bundle) == ("the journal is truncated: its last event is not the end of the run",)


def test_a_line_taken_out_of_the_middle_leaves_a_gap(bundle: Path) -> None:
    """Also where the bundle was sealed anew."""
    lines = Layout(bundle).journal.read_bytes().splitlines(keepends=True)
    rewrite_journal(bundle, [*lines[:2], *lines[3:]])
    assert flaws(bundle) == ("the journal has a gap: pytest wrote event 2 where 1 was due",)


def test_a_file_that_was_added_is_named(bundle: Path) -> None:
    """A log that no run wrote is no evidence of it."""
    (bundle / "logs" / "other.log").write_text("all is well")
    assert flaws(bundle) == ("logs/other.log was added after the run",)


@pytest.mark.parametrize("name", ["manifest.json", "journal.jsonl", "policy.toml", "floors.toml", "logs/desk.log"])
def test_a_file_that_was_removed_is_named(bundle: Path, name: str) -> None:
    """Whatever the seal names must be there."""
    (bundle / name).unlink()
    assert f"{name} is missing" in flaws(bundle)


def test_what_is_made_of_the_evidence_later_is_none(bundle: Path) -> None:
    """Reports may be written, changed and removed; the bundle and its digest stay what they were."""
    before = read_bundle(bundle)
    (bundle / "reports").mkdir()
    (bundle / "reports" / "report.html").write_text("approved")
    (bundle / "verdict.json").write_text("{}")
    (bundle / ".reserve").write_text("")
    assert read_bundle(bundle) == before


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"epjgate/bundle/1"', "\ufffe", "[" * 100_000])
def test_a_manifest_that_cannot_be_read_is_a_flaw(bundle: Path, text: str) -> None:
    """Garbage, other JSON and JSON without an end leave no manifest, and no crash."""
    (bundle / "manifest.json").write_text(text)
    seal(Layout(bundle))
    evidence = read_bundle(bundle)
    assert evidence.manifest is None
    assert len(evidence.flaws) == 1
    assert evidence.tests == (passed(),)


@pytest.mark.parametrize("schema", ["epjgate/bundle/2", "", None, 1])
def test_an_unknown_schema_of_the_bundle_is_a_flaw(bundle: Path, schema: object) -> None:
    """What a later version wrote is not guessed at, even where every key would fit."""
    change(bundle / "manifest.json", schema_version=schema)
    seal(Layout(bundle))
    evidence = read_bundle(bundle)
    assert evidence.manifest is None
    assert evidence.flaws == (f"the bundle has schema {schema!r}; this epjgate reads 'epjgate/bundle/1' only",)


@pytest.mark.parametrize("values", [{"approved": True}, {"seed": "many"}])
def test_a_manifest_with_other_keys_or_kinds_is_a_flaw(bundle: Path, values: dict[str, object]) -> None:
    """The key is named."""
    change(bundle / "manifest.json", **values)
    seal(Layout(bundle))
    (flaw,) = flaws(bundle)
    assert flaw.startswith("the manifest is not valid: ")
    assert next(iter(values)) in flaw


@pytest.mark.parametrize("schema", ["epjgate/digests/2", None])
def test_an_unknown_schema_of_the_seal_is_a_flaw(bundle: Path, schema: object) -> None:
    """A seal of another version binds nothing, and gives no digest."""
    change(bundle / "digests.json", schema_version=schema)
    evidence = read_bundle(bundle)
    assert evidence.flaws == (f"the seal has schema {schema!r}; this epjgate reads 'epjgate/digests/1' only",)
    assert evidence.digest == ""


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"files": {}}', '{"files": 3, "schema_version": "epjgate/digests/1"}', "[" * 100_000],
)
def test_a_seal_that_cannot_be_read_is_none(bundle: Path, text: str) -> None:
    """Garbage in place of the seal is the same as no seal."""
    (bundle / "digests.json").write_text(text)
    assert flaws(bundle) == ("the bundle is not sealed: digests.json is missing or cannot be read",)


def test_a_seal_that_names_nothing_seals_nothing(bundle: Path) -> None:
    """Every file that lies there must be named."""
    (bundle / "digests.json").write_text('{"files": {}, "schema_version": "epjgate/digests/1"}')
    assert len(flaws(bundle)) == len(evidence_files(Layout(bundle)))


def outcomes(tmp_path: Path, *events: Written) -> tuple[dict[str, Outcome], tuple[str, ...]]:
    evidence = read_bundle(write_bundle(tmp_path / "run", [*events, ("gate", RunFinished())]))
    return {one.test: one.outcome for one in evidence.tests}, evidence.flaws


def test_a_test_that_was_collected_and_never_began_is_unfinished(tmp_path: Path) -> None:
    """No test vanishes between the collection and the verdict."""
    collected = TestsCollected(tests={OPEN: SUITE, "other": SUITE})
    found = outcomes(tmp_path, ("pytest", collected), ("pytest", passed()))
    assert found == ({OPEN: Outcome.PASSED, "other": Outcome.UNFINISHED}, ())


def test_a_test_that_began_and_never_ended_is_unfinished(tmp_path: Path) -> None:
    """Also one that nobody had collected."""
    found = outcomes(tmp_path, ("pytest", TestStarted(test="other", suite=SUITE)))
    assert found == ({"other": Outcome.UNFINISHED}, ())


@pytest.mark.parametrize("ends", [(passed("open"), failed("open")), (failed("open"), passed("open"))])
def test_a_test_that_ended_twice_is_a_flaw_and_its_worst_end_counts(
    tmp_path: Path, ends: tuple[TestFinished, TestFinished]
) -> None:
    """A pass cannot paint over a failure, in whichever order they come."""
    found = outcomes(tmp_path, *(("pytest", end) for end in ends))
    assert found == ({OPEN: Outcome.FAILED}, (f"{OPEN} ended twice",))


def test_a_test_that_began_again_after_its_end_is_a_flaw(tmp_path: Path) -> None:
    """A second attempt that never ended must not hide behind the first one's pass."""
    started = ("pytest", TestStarted(test=OPEN, suite=SUITE))
    found = outcomes(tmp_path, started, ("pytest", passed()), started)
    assert found == ({OPEN: Outcome.PASSED}, (f"{OPEN} began again after it had ended",))


def test_the_first_break_and_the_first_interruption_count(tmp_path: Path) -> None:
    """What came first is the root; what followed from it is not asked."""
    _, broke = next(event for event in run_blaming(Blame.ENVIRONMENT) if isinstance(event[1], EnvironmentBroke))
    assert isinstance(broke, EnvironmentBroke)
    events: list[Written] = [
        ("gate", broke),
        ("gate", broke.model_copy(update={"problem": "later"})),
        ("gate", Interrupted(signal="SIGTERM")),
        ("gate", Interrupted(signal="SIGINT")),
        ("gate", RunFinished()),
    ]
    evidence = read_bundle(write_bundle(tmp_path / "run", events))
    assert evidence.broke == broke
    assert evidence.interrupted == Interrupted(signal="SIGTERM")


REFUSED = WindowNotForecasted(problem="2 sizes", why="no curve", fix="3 sizes")


def rehearsal_flaws(tmp_path: Path, *events: Written) -> tuple[str, ...]:
    """Return the flaws of a rehearsal in which `events` came after all others but the last."""
    *good, end = rehearsal_of(rehearsal_plan())
    return read_bundle(write_bundle(tmp_path / "run", [*good, *events, end], rehearsal=rehearsal_plan())).flaws


def test_a_good_rehearsal_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Steps, censuses, availability and forecast are all there, in their order."""
    plan = rehearsal_plan()
    evidence = read_bundle(write_bundle(tmp_path / "run", rehearsal_of(plan), rehearsal=plan))
    assert evidence.flaws == ()
    assert evidence.manifest == manifest(rehearsal=plan)
    assert [one.step for one in evidence.steps_begun] == [step.id for step in steps_of(plan)]
    assert evidence.steps_ended == tuple(ended(step.id) for step in steps_of(plan))
    assert len(evidence.censuses) == 6 * 3 + 2
    assert evidence.availability == availability()
    assert evidence.forecasted == WindowForecasted(forecast=window_forecast())
    assert evidence.not_forecasted is None


@pytest.mark.parametrize(
    ("events", "flaw"),
    [
        ([ended("t0.s1")], "t0.s1 ended twice"),
        ([StepBegan(step="t0.s1")], "t0.s1 began twice"),
        ([CensusTaken(step="t1.s4", census=census())], "two censuses were taken at t1.s4"),
        ([availability()], "availability was told more than once"),
        ([WindowForecasted(forecast=window_forecast())], "the window was forecast more than once"),
        ([REFUSED], "the window was forecast more than once"),
        ([StepBegan(step="t9.s1"), ended("t9.s1")], "t9.s1 is no step of the plan"),
        ([CensusTaken(step="t9.s4", census=census())], "t9.s4 is no step of the plan"),
    ],
)
def test_what_a_rehearsal_left_must_fit_its_plan(tmp_path: Path, events: list[Event], flaw: str) -> None:
    """Nothing is told twice, and nothing of a step that nobody planned."""
    assert rehearsal_flaws(tmp_path, *(("gate", event) for event in events)) == (flaw,)


def test_a_step_that_ended_and_never_began_is_a_flaw(tmp_path: Path) -> None:
    """Also where it began after its end."""
    plan = rehearsal_plan()
    good = rehearsal_of(plan)
    begun = ("gate", StepBegan(step="t1.s6"))
    without = [one for one in good if one != begun]
    evidence = read_bundle(write_bundle(tmp_path / "never", without, rehearsal=plan))
    assert evidence.flaws == ("t1.s6 ended and had never begun",)
    late = [*without[:-1], begun, without[-1]]
    assert read_bundle(write_bundle(tmp_path / "late", late, rehearsal=plan)).flaws == evidence.flaws


def test_a_run_whose_manifest_plans_no_rehearsal_may_hold_nothing_of_one(tmp_path: Path) -> None:
    """Each kind of event alone is enough, or the steps of a rehearsal could be judged as a release."""
    *good, end = run_of()
    kinds: list[Event] = [
        StepBegan(step="t0.s1"),
        ended("t0.s1"),
        CensusTaken(step="t0.s1", census=census()),
        availability(),
        WindowForecasted(forecast=window_forecast()),
        REFUSED,
    ]
    for number, event in enumerate(kinds):
        bundle = write_bundle(tmp_path / str(number), [*good, ("gate", event), end])
        assert flaws(bundle) == (f"the manifest plans no rehearsal, and the journal holds {event.event}",)


def test_the_plan_is_of_the_releases_that_the_manifest_names(tmp_path: Path) -> None:
    """A rehearsal of another upgrade says nothing of this candidate."""
    plan = rehearsal_plan(to_release="2.0")
    bundle = write_bundle(tmp_path / "run", rehearsal_of(plan), rehearsal=plan)
    assert flaws(bundle) == ("the plan rehearses 0.9 to 2.0, and the manifest names 0.9 to 1.0",)
