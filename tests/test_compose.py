"""Composing a run: every name is looked up before anything starts."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from epjgate import compose
from epjgate.environments.catalogue import load_system
from epjgate.errors import UsageError
from epjgate.evidence.digests import demands_digest
from epjgate.model.redaction import Redactor
from epjgate.observing import Job
from epjgate.settings import Settings

if TYPE_CHECKING:
    from tests.conftest import Project

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
WISH = compose.Wish(system="tiny", candidate="1.0", baseline="0.9", seed=7)


@pytest.fixture
def settings(project: Project, tmp_path: Path) -> Settings:
    """The settings of the tiny project."""
    return Settings(root=project.root, cache=tmp_path / "cache", state=tmp_path / "state")


def make(settings: Settings, wish: compose.Wish = WISH) -> Job:
    return compose.make_job(settings, wish, Redactor(b"key"), lambda: NOON)


def test_a_job_holds_all_that_was_asked_for(settings: Settings, project: Project) -> None:
    """The manifest binds system, releases, suites, policy and seed; nothing was written or started for it."""
    job = make(settings)
    manifest = job.manifest
    assert (manifest.system, manifest.candidate, manifest.baseline, manifest.seed) == ("tiny", "1.0", "0.9", 7)
    assert (manifest.environment, manifest.workers, manifest.started_at) == ("process", 1, NOON)
    assert [plan.name for plan in manifest.suites] == [suite.name for suite in job.suites] == ["desk"]
    assert job.policy == (project.root / "ci/policy.toml").read_text(encoding="utf-8")
    assert manifest.policy_digest == demands_digest(job.policy, job.floors)
    assert job.folder == project.root / ".epjgate/runs" / manifest.run_id
    assert manifest.run_id.startswith("20260303T120000-tiny-1.0-")
    assert not job.folder.exists()


def test_two_runs_at_the_same_moment_have_their_own_names(settings: Settings) -> None:
    """Nobody waits a second for a free name."""
    assert make(settings).folder != make(settings).folder


def test_without_a_seed_each_run_has_its_own(settings: Settings) -> None:
    """32 bits: two that are equal by chance are one in four milliards."""
    wish = replace(WISH, seed=None)
    assert make(settings, wish).manifest.seed != make(settings, wish).manifest.seed


def test_the_revision_covers_suites_and_fixtures(settings: Settings, project: Project) -> None:
    """Another test, or another system description, is another revision."""
    before = make(settings).manifest.suite_revision
    project.suite("def test_other(): assert 1\n")
    second = make(settings).manifest.suite_revision
    project.write("fixtures/people.py", "")
    assert len({before, second, make(settings).manifest.suite_revision}) == 3


def test_the_machine_is_known_by_a_digest_only(settings: Settings) -> None:
    """A bundle that leaves the house names no host."""
    host = make(settings).manifest.host
    assert len(host) == 12
    int(host, 16)


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        (replace(WISH, system="huge"), "there is no system 'huge'"),
        (replace(WISH, candidate="2.0"), "Tiny has no release '2.0'"),
        (replace(WISH, baseline="0.1"), "Tiny has no release '0.1'"),
        (replace(WISH, environment="cloud"), "there is no environment 'cloud'"),
        (replace(WISH, suites=("dusk",)), "there is no suite dusk"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_does_not_exist_is_a_mistake_of_the_wish(settings: Settings, wish: compose.Wish, problem: str) -> None:
    """It is told before anything is started, with what there is."""
    with pytest.raises(UsageError) as caught:
        make(settings, wish)
    assert caught.value.problem == problem


@pytest.mark.parametrize("name", ["ci/policy.toml", "ci/floors.toml"])
@pytest.mark.parametrize("data", [None, b"", b"=", b"\xff", b'schema_version = "epjgate/policy/9"\n'])
def test_no_candidate_is_started_for_a_policy_that_cannot_judge_it(
    settings: Settings, project: Project, name: str, data: bytes | None
) -> None:
    """A policy or floors that are missing, empty, broken or of another version are named by their file."""
    (project.root / name).unlink()
    if data is not None:
        (project.root / name).write_bytes(data)
    with pytest.raises(UsageError) as caught:
        make(settings)
    assert str(project.root / name) in caught.value.problem


@pytest.mark.parametrize("name", compose.ENVIRONMENTS)
def test_each_environment_is_the_one_that_was_asked_for(settings: Settings, name: str) -> None:
    """The name of what is returned is the name that was given."""
    assert compose.make_environment(settings, name).name == name


def test_partners_are_played_where_the_candidate_is_started(settings: Settings, project: Project) -> None:
    """A system that sends to receivers gets them, closed as yet; one that runs elsewhere sends to its own."""
    file = project.root / "fixtures/systems/tiny/system.toml"
    file.write_text(f'{file.read_text(encoding="utf-8")}\n[partners]\nlab = "mllp"\n', encoding="utf-8")
    partners = make(settings).order.partners
    assert partners is not None
    assert (dict(partners.urls), partners.control_url) == ({}, "")
    partners.close()
    assert make(settings, replace(WISH, environment="remote")).order.partners is None


def test_a_system_without_receivers_gets_none(settings: Settings) -> None:
    """Nothing is made for it."""
    assert make(settings).order.partners is None


def test_every_publisher_is_there_once_and_the_console_speaks_last(tmp_path: Path) -> None:
    """A person reads the end of the output; by then all files are written."""
    with (tmp_path / "out").open("w", encoding="utf-8") as file:
        names = [publisher.name for publisher in compose.make_publishers("da", Console(file=file))]
    assert sorted(names) == sorted({"allure", "console", "html", "json", "junit", "markdown"})
    assert names[-1] == "console"


def test_an_unknown_language_is_refused() -> None:
    """Before a run, not after it."""
    with pytest.raises(UsageError, match="there is no language 'tlh'"):
        compose.find_language("tlh")


def test_suites_are_found_by_their_place(settings: Settings, project: Project) -> None:
    """A folder above means all suites in it, a file below the suite that it is in, a place elsewhere none."""
    suites = project.root / "suites"
    project.write("suites/lab/deep/suite.toml", (suites / "desk/suite.toml").read_text(encoding="utf-8"))
    assert compose.suites_at(settings, [suites]) == ("desk", "lab/deep")
    assert compose.suites_at(settings, [suites / "lab"]) == ("lab/deep",)
    assert compose.suites_at(settings, [suites / "desk/test_desk.py"]) == ("desk",)
    assert compose.suites_at(settings, [project.root / "ci"]) == ()


def test_each_run_redacts_with_a_key_of_its_own() -> None:
    """Pseudonyms of two runs cannot be joined."""
    keys = {compose.new_redaction_key() for _ in range(8)}
    assert len(keys) == 8
    assert {len(key) for key in keys} == {16}


def test_approvals_are_bound_to_a_run_that_compares(settings: Settings, project: Project) -> None:
    """They are read and checked when the job is made; a run without a baseline has no use for them."""
    text = 'schema_version = "epjgate/approved-changes/1"\n'
    project.write("ci/approved-changes.toml", text)
    job = make(settings)
    assert job.approved == text
    assert job.manifest.policy_digest == demands_digest(job.policy, job.floors, text)
    alone = make(settings, replace(WISH, baseline=""))
    assert alone.approved == ""
    assert alone.manifest.policy_digest == demands_digest(alone.policy, alone.floors)
    project.write("ci/approved-changes.toml", f"{text}approve = 3\n")
    with pytest.raises(UsageError, match="approved-changes"):
        make(settings)
    assert make(settings, replace(WISH, baseline="")).approved == ""


@pytest.mark.parametrize(("baseline", "expected"), [("", False), ("1.0", False), ("0.9", True)])
def test_a_candidate_is_compared_with_another_release_only(
    settings: Settings, baseline: str, *, expected: bool
) -> None:
    """Where there is nothing to compare with, nothing of the comparison is made ready."""
    job = make(settings, replace(WISH, baseline=baseline))
    environment = compose.make_environment(settings, "process")
    assert (compose.make_comparison(settings, job, environment) is not None) is expected


def test_the_baseline_has_a_run_and_logs_of_its_own(settings: Settings) -> None:
    """What it leaves behind cannot be taken for the candidate's."""
    job = make(settings)
    order = compose.make_baseline_order(job.order, "0.9", compose.make_environment(settings, "process"))
    assert (order.version, order.release) == ("0.9", job.order.system.releases["0.9"])
    assert order.run_id == f"{job.manifest.run_id}-baseline"
    assert order.logs.parent == job.order.logs


def test_a_project_without_approvals_approves_nothing(settings: Settings) -> None:
    """The file may be missing; the policy may not."""
    assert compose.read_approved(settings).approved == ()
    assert compose.read_policy(settings).suites_executed.required == ("desk",)


def test_a_run_without_a_baseline_imports_nothing_of_a_comparison(project: Project) -> None:
    """Who compares nothing does not wait for it."""
    program = (
        "import sys; from pathlib import Path; from epjgate import compose; from epjgate.cli import gating;"
        "from epjgate.model.redaction import Redactor; from epjgate.settings import load_settings;"
        "settings = load_settings(Path.cwd()); wish = compose.Wish(system='tiny', candidate='1.0');"
        "job = compose.make_job(settings, wish, Redactor(b'key'));"
        "environment = compose.make_environment(settings, 'process');"
        "assert compose.make_comparison(settings, job, environment) is None;"
        "print([name for name in sys.modules if name.startswith(('epjgate.surfaces', 'epjgate.contracts.diff', "
        "'epjgate.model.surface', 'epjgate.drivers.dsl', 'packaging.specifiers'))])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=project.root, env=project.env, capture_output=True, text=True, check=True
    )
    assert ended.stdout == "[]\n"


ASKS = 'schema_version = "epjgate/suite/1"\ntitle = "Desk"\ntitle_da = "Skranke"\nabout = "The desk."\n'


@pytest.mark.parametrize(
    ("wish", "asks", "described", "why"),
    [
        (WISH, True, True, ""),
        (WISH, False, True, "no suite of this run asks for it"),
        (WISH, True, False, "does not say how an earlier release works on its database"),
        (replace(WISH, baseline=""), True, True, "no baseline was named"),
        (replace(WISH, baseline="1.0"), True, True, "the candidate is its own baseline"),
        (replace(WISH, environment="remote"), True, True, "nothing can be started beside it there"),
    ],
)
def test_an_earlier_release_is_started_only_where_somebody_asks_for_it(
    settings: Settings, project: Project, wish: compose.Wish, why: str, *, asks: bool, described: bool
) -> None:
    """The baseline, with logs of its own and the receivers of the candidate; else the reason, for its tests."""
    project.write("suites/desk/suite.toml", ASKS + ("earlier_release = true\n" if asks else ""))
    description = project.root / "fixtures/systems/tiny/system.toml"
    service = next(iter(load_system(settings.path(settings.systems), "tiny").services))
    if described:
        text = description.read_text(encoding="utf-8")
        description.write_text(f'{text}\n[earlier_release]\nservice = "{service}"\n', encoding="utf-8")
    job = make(settings, wish)
    assert (job.earlier is None) == bool(why)
    assert why in job.no_earlier
    if job.earlier is not None:
        assert (job.earlier.version, job.earlier.logs) == ("0.9", job.order.logs / "earlier")
        assert job.earlier.partners is job.order.partners
        assert job.earlier.release == job.order.system.releases["0.9"]
