"""A release runs as processes while it is tested, and not a moment longer."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import psutil
import pytest
import requests

from epjgate.environments.catalogue import load_system, release_for
from epjgate.environments.interface import EnvironmentDown, Listener, Order, Running
from epjgate.environments.process import ProcessEnvironment
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.manifest import DigestKind
from epjgate.model.redaction import Redactor
from epjgate.model.system import Release

OURS = Path(__file__).parents[2] / "fixtures" / "systems"


class Heard(Listener, Protocol):
    """The listener of these tests, which keeps what it was told."""

    steps: list[str]


Gone = Callable[[int], bool]
Ordering = Callable[..., Order]


def pids(tmp_path: Path) -> list[int]:
    """The processes that the ledger of the start that goes on has written down."""
    (path,) = (tmp_path / "state").glob("*.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [line["pid"] for line in lines if line["kind"] == "process"]


def nothing_is_left(tmp_path: Path) -> bool:
    """No ledger, no folder, and no process that would have this state folder in its environment."""
    folders = tmp_path / "state" / "folders"
    return (
        not list((tmp_path / "state").glob("*.jsonl"))
        and (not folders.exists() or not list(folders.iterdir()))
        and not [process for process in psutil.process_iter() if at_home_below(process, tmp_path)]
    )


def at_home_below(process: psutil.Process, folder: Path) -> bool:
    with suppress(psutil.Error):
        running = process.status() != psutil.STATUS_ZOMBIE
        return running and process.environ().get("HOME", "").startswith(str(folder))
    return False


def get(running: Running, path: str, service: str = "a") -> requests.Response:
    return requests.get(f"{running.urls[service]}{path}", timeout=10)


def surroundings(running: Running) -> Any:
    return get(running, "/surroundings").json()


def test_sekmet_runs_as_it_is_described(cache: Path, tmp_path: Path, heard: Listener, gone: Gone) -> None:
    """SEKMET 0.1.1 is installed, identified by its archives, answers under the URL it was given, and goes."""
    sekmet = load_system(OURS, "sekmet")
    release = release_for(sekmet, "0.1.1", "process")
    order = Order("run1", sekmet, "0.1.1", release, tmp_path / "logs", Redactor(b"key"))
    with ProcessEnvironment(cache, tmp_path / "state", OURS).start(order, heard) as running:
        url = f"{running.urls['his']}/fhir"
        identity = running.identities[0]
        created = requests.post(
            f"{url}/Patient",
            json={"resourceType": "Patient"},
            headers={"Content-Type": "application/fhir+json"},
            timeout=10,
        )
        audited = requests.get(f"{url}/AuditEvent", timeout=10).json()
        running.raise_if_down()
        running.raise_if_silent()
        processes = pids(tmp_path)
    assert (identity.kind, identity.reference) == (DigestKind.PACKAGES, "sekmet-fhir==0.1.1")
    assert identity.parts[0].startswith("sekmet-fhir 0.1.1 sha256:602284a347c26070")
    assert len(identity.parts) > 40
    assert created.status_code == 201
    assert created.headers["Location"].startswith(f"{url}/Patient/")
    assert audited["total"] == 0, "system.toml says that SEKMET writes no AuditEvent"
    assert "POST /fhir/Patient" in (tmp_path / "logs" / "his.log").read_text()
    assert all(gone(pid) for pid in processes)
    assert nothing_is_left(tmp_path)


def test_a_service_starts_in_surroundings_of_its_own(
    environment: ProcessEnvironment, order: Ordering, heard: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gets its own folder, the declared files and variables with placeholders filled in, and nothing of ours."""
    monkeypatch.setenv("OUR_SECRET", "hunter2")
    monkeypatch.setenv("TZ", "Europe/Copenhagen")
    placed = order("serves", files={"conf/a.ini": "url=${url}", "b.txt": "${data}"}, env={"BIND": "${host}:${port}"})
    with environment.start(placed, heard) as running:
        seen, url = surroundings(running), running.urls["a"]
    env, home = seen["env"], seen["cwd"]
    assert seen["files"] == {"conf/a.ini": f"url={url}", "b.txt": home}
    assert env["HOME"] == home
    assert env["BIND"] == url.removeprefix("http://")
    assert env["TZ"] == "Europe/Copenhagen"
    assert env["LANG"] == "C.UTF-8"
    assert Path(env["PATH"].split(":")[0], "tiny-service").is_file()
    assert set(env) <= {"PATH", "HOME", "TMPDIR", "LANG", "TZ", "BIND", "PYTHONUNBUFFERED", "EPJGATE_RUN", "LC_CTYPE"}


def test_services_start_in_the_order_of_their_description(
    environment: ProcessEnvironment, order: Ordering, heard: Heard, tmp_path: Path, gone: Gone
) -> None:
    """Each service has its URL, its folder, its log and its identity; all of them are gone afterwards."""
    with environment.start(order("serves", "serves"), heard) as running:
        assert list(running.urls) == ["a", "b"]
        homes = {get(running, "/surroundings", service).json()["cwd"] for service in running.urls}
        processes = pids(tmp_path)[-2:]
        assert [identity.service for identity in running.identities] == ["a", "b"]
        assert running.disposable
    assert [step for step in heard.steps if step.startswith("starting")] == [
        "starting a of tiny 1.0",
        "starting b of tiny 1.0",
    ]
    assert len(homes) == 2
    assert all(gone(pid) for pid in processes)
    assert {path.name for path in (tmp_path / "logs").iterdir()} == {"a.log", "b.log"}
    assert nothing_is_left(tmp_path)


def test_a_service_that_never_becomes_ready(
    environment: ProcessEnvironment, order: Ordering, heard: Listener, tmp_path: Path
) -> None:
    """After the limit the start is over, the last log lines are in the message, and the process is gone."""
    with (
        pytest.raises(EnvironmentDown, match="tiny service never_ready") as failed,
        environment.start(order("never_ready", limit_s=2), heard),
    ):
        pytest.fail("it was started")
    assert (failed.value.stage, failed.value.root) == (EnvironmentStage.START, EnvironmentCause.UNREACHABLE)
    assert failed.value.service == "a"
    assert nothing_is_left(tmp_path)


def test_a_service_that_cannot_start_takes_the_others_with_it(
    environment: ProcessEnvironment, order: Ordering, heard: Listener, tmp_path: Path
) -> None:
    """The second of two services ends at its start: told long before the limit, with its last words; both are gone."""
    with (
        pytest.raises(EnvironmentDown, match="there is no database") as failed,
        environment.start(order("serves", "exits", limit_s=1800), heard),
    ):
        pytest.fail("it was started")
    assert "b ended by itself with exit code 1 before it was ready" in failed.value.problem
    assert (failed.value.stage, failed.value.service) == (EnvironmentStage.START, "b")
    assert nothing_is_left(tmp_path)


def test_a_service_killed_at_its_start_is_not_blamed(
    environment: ProcessEnvironment, order: Ordering, heard: Listener, tmp_path: Path
) -> None:
    """SIGKILL before it was ready came from outside."""
    with (
        pytest.raises(EnvironmentDown, match="SIGKILL from outside") as failed,
        environment.start(order("is_killed", limit_s=1800), heard),
    ):
        pytest.fail("it was started")
    assert (failed.value.stage, failed.value.root) == (EnvironmentStage.START, EnvironmentCause.KILLED)
    assert nothing_is_left(tmp_path)


def test_another_server_at_the_port_is_not_taken_for_the_service(
    environment: ProcessEnvironment, order: Ordering, heard: Listener, tmp_path: Path
) -> None:
    """What answers must be the service: a process that escaped from it is refused, and cleared away all the same."""
    with (
        pytest.raises(EnvironmentDown, match="cannot be told from another server") as failed,
        environment.start(order("hides"), heard),
    ):
        pytest.fail("it was started")
    assert (failed.value.stage, failed.value.root) == (EnvironmentStage.START, EnvironmentCause.SET_UP)
    assert nothing_is_left(tmp_path)


def test_a_service_that_dies_is_noticed(
    environment: ProcessEnvironment, order: Ordering, heard: Listener, tmp_path: Path
) -> None:
    """One dead service of two is enough; which one, and how it died, comes with the error."""
    with environment.start(order("serves", "serves"), heard) as running:
        running.raise_if_down()
        os.kill(pids(tmp_path)[-1], signal.SIGKILL)
        with pytest.raises(EnvironmentDown) as failed:
            running.raise_if_silent()
        with pytest.raises(EnvironmentDown):
            running.raise_if_down()
    assert (failed.value.stage, failed.value.root) == (EnvironmentStage.RUN, EnvironmentCause.KILLED)
    assert failed.value.service == "b"
    assert nothing_is_left(tmp_path)


def test_a_service_that_falls_silent_is_noticed(
    environment: ProcessEnvironment, order: Ordering, heard: Listener
) -> None:
    """A process that stands but does not answer as declared is out of reach."""
    with environment.start(order("serves"), heard) as running:
        running.raise_if_silent()
        get(running, "/refuse")
        running.raise_if_down()
        with pytest.raises(EnvironmentDown, match="answered 503, declared is 200") as failed:
            running.raise_if_silent()
    assert (failed.value.stage, failed.value.root) == (EnvironmentStage.RUN, EnvironmentCause.UNREACHABLE)


def test_cpr_numbers_do_not_reach_the_log(
    environment: ProcessEnvironment, order: Ordering, heard: Listener, tmp_path: Path
) -> None:
    """What the service says, and the requests that it logs, are kept without CPR numbers."""
    with environment.start(order("serves"), heard) as running:
        get(running, "/say?text=patient+0101701234%0A")
    log = (tmp_path / "logs" / "a.log").read_text()
    assert "0101701234" not in log
    assert "patient [cpr " in log
    assert "GET /say" in log


def test_what_a_service_cut_loose_is_cleared_away(
    environment: ProcessEnvironment, order: Ordering, heard: Listener, tmp_path: Path, gone: Gone
) -> None:
    """A process that left the service's group and descent is gone with it when the context is left."""
    with environment.start(order("serves"), heard) as running:
        detached = int(get(running, "/detach").text)
        service = pids(tmp_path)[-1]
        assert not gone(detached)
    assert gone(service)
    assert gone(detached)
    assert nothing_is_left(tmp_path)


@pytest.mark.parametrize("error", [RuntimeError("of the caller"), KeyboardInterrupt()])
def test_an_error_inside_the_context_passes_through(
    environment: ProcessEnvironment, order: Ordering, heard: Listener, tmp_path: Path, error: BaseException
) -> None:
    """What goes wrong while the candidate runs is not replaced, and the candidate is gone all the same."""
    with pytest.raises(type(error)) as raised, environment.start(order("serves"), heard):
        raise error
    assert raised.value is error
    assert nothing_is_left(tmp_path)


def test_an_interruption_while_waiting_cleans_up(
    environment: ProcessEnvironment, order: Ordering, heard: Listener, tmp_path: Path
) -> None:
    """SIGINT while a service is not ready yet ends the start with nothing left: the service itself sends it here."""
    with (
        pytest.raises(KeyboardInterrupt),
        environment.start(order("serves", "interrupts", limit_s=1800), heard),
    ):
        pytest.fail("it was started")
    assert nothing_is_left(tmp_path)


@pytest.mark.parametrize("word", ["starting a", "starting b"])
def test_an_interruption_between_two_steps_cleans_up(
    environment: ProcessEnvironment, order: Ordering, tmp_path: Path, word: str
) -> None:
    """Wherever it comes, what had been started by then is gone."""

    class Impatient:
        def step(self, text: str) -> None:
            if text.startswith(word):
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), environment.start(order("serves", "serves"), Impatient()):
        pytest.fail("it was started")
    assert nothing_is_left(tmp_path)


def test_what_a_killed_run_left_behind_goes_first(
    environment: ProcessEnvironment, order: Ordering, heard: Heard, tmp_path: Path
) -> None:
    """The next start clears away, and says so."""
    state = tmp_path / "state"
    (state / "folders" / "old").mkdir(parents=True)
    owner = {"kind": "owner", "pid": 1, "create_time": 0.0, "run_id": "old"}
    (state / "old.jsonl").write_text(f'{json.dumps(owner)}\n{{"kind": "folder", "name": "old"}}\n')
    with environment.start(order("serves"), heard):
        assert heard.steps[0] == f"removed folder {state / 'folders' / 'old'}, left behind by run old"
        assert not (state / "folders" / "old").exists()


def test_a_state_folder_that_cannot_be_written(
    cache: Path, systems: Path, tmp_path: Path, order: Ordering, heard: Listener
) -> None:
    """Nothing is started that could not be cleared away after a crash."""
    (tmp_path / "state").touch()
    with (
        pytest.raises(EnvironmentDown, match="cannot be written down") as failed,
        ProcessEnvironment(cache, tmp_path / "state", systems).start(order("serves"), heard),
    ):
        pytest.fail("it was started")
    assert (failed.value.stage, failed.value.root) == (EnvironmentStage.PREPARE, EnvironmentCause.SET_UP)


def test_a_description_that_does_not_say_how(environment: ProcessEnvironment, order: Ordering, heard: Listener) -> None:
    """A release or a service without its process table is refused by the name of the table."""
    whole = order("serves", "serves")
    half = whole.system.model_copy(
        update={
            "services": {**whole.system.services, "b": whole.system.services["b"].model_copy(update={"process": None})}
        }
    )
    for missing, table in (
        (replace(whole, system=half), "services.b.process is missing"),
        (replace(whole, release=Release()), r"releases\.'1\.0'\.process is missing"),
    ):
        with pytest.raises(EnvironmentDown, match=table) as failed, environment.start(missing, heard):
            pytest.fail("it was started")
        assert (failed.value.stage, failed.value.root) == (EnvironmentStage.PREPARE, EnvironmentCause.SET_UP)
