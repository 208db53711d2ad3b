"""A release runs as processes while it is tested, and not a moment longer."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import psutil
import pytest
import requests
from tests.environments.receivers import Receivers

from epjgate.environments.catalogue import load_system, release_for
from epjgate.environments.interface import EnvironmentDown, Listener, Order, Running
from epjgate.environments.process import ProcessEnvironment
from epjgate.errors import EnvironmentFailed, UsageError
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.identity import DigestKind
from epjgate.model.redaction import Redactor
from epjgate.model.system import EarlierRelease, Release, System

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


def described(order: Order, **changes: Any) -> Order:
    """Return `order` with tables of its one service replaced."""
    service = order.system.services["a"].model_dump() | changes
    system = System.model_validate({**order.system.model_dump(), "services": {"a": service}})
    return replace(order, system=system)


def with_port(order: Ordering, *arguments: str, limit_s: float = 30) -> Order:
    """Return an order for a service that has a further port, and is started with more arguments."""
    made = described(order("serves", limit_s=limit_s), ports={"mllp": 2575})
    return described(made, process={"command": ("tiny-service", "${port}", "serves", *arguments)})


def test_a_further_port_is_free_and_told(environment: ProcessEnvironment, order: Ordering, heard: Listener) -> None:
    """The service is given the number, and the suites are given the place."""
    with environment.start(with_port(order, "${port_mllp}"), heard) as running:
        host, port = running.ports["a"]["mllp"].split(":")
        socket.create_connection((host, int(port)), 10).close()
        assert running.urls["a"] != f"http://{host}:{port}"


def test_a_further_port_must_be_held_before_the_service_is_ready(
    environment: ProcessEnvironment, order: Ordering, heard: Listener, tmp_path: Path
) -> None:
    """A service that answers HTTP and never opens its other port is no candidate to be tested."""
    with pytest.raises(EnvironmentDown, match=r"does not listen at its port mllp") as caught:
        environment.start(with_port(order, limit_s=1), heard).__enter__()
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.START, EnvironmentCause.UNREACHABLE)
    assert nothing_is_left(tmp_path)


def test_a_later_service_is_told_where_an_earlier_one_is(
    environment: ProcessEnvironment, order: Ordering, heard: Listener
) -> None:
    """`${url_of_a}` is the URL of the service `a`; the version of the release is known to each."""
    two = order("serves", "serves", env={"SAYS": "${version}"})
    second = two.system.services["b"].model_dump() | {
        "process": {"command": ["tiny-service", "${port}", "serves"], "env": {"FIRST": "${url_of_a}"}}
    }
    services = {"a": two.system.services["a"], "b": second}
    system = System.model_validate({**two.system.model_dump(), "services": services})
    with environment.start(replace(two, system=system), heard) as running:
        assert get(running, "/surroundings", "b").json()["env"]["FIRST"] == running.urls["a"]
        assert surroundings(running)["env"]["SAYS"] == "1.0"


def test_an_earlier_service_knows_no_later_one(
    environment: ProcessEnvironment, order: Ordering, heard: Listener, tmp_path: Path
) -> None:
    """Services start in order: what is not there yet has no URL, and the placeholders that exist are listed."""
    with pytest.raises(UsageError, match=r"url_of_b") as caught:
        environment.start(order("serves", "serves", env={"NEXT": "${url_of_b}"}), heard).__enter__()
    assert "${port}" in caught.value.fix
    assert nothing_is_left(tmp_path)


def test_a_service_of_another_environment_is_not_started(
    environment: ProcessEnvironment, order: Ordering, heard: Listener
) -> None:
    """It need not even say how it would run as a process."""
    one = order("serves")
    services = {
        "db": {"environments": ["container"], "ready": {"command": ["true"]}, "container": {"port": 5432}},
        "a": one.system.services["a"],
    }
    system = System.model_validate({**one.system.model_dump(), "services": services})
    with environment.start(replace(one, system=system), heard) as running:
        assert set(running.urls) == set(running.ports) == {"a"}
        assert [identity.service for identity in running.identities] == ["a"]


def test_partners_are_open_before_the_candidate_starts(
    environment: ProcessEnvironment, order: Ordering, heard: Listener
) -> None:
    """The candidate is told where they are; they listen at the loopback only, and are left to whoever made them."""
    partners = Receivers("fmk")
    told = replace(order("serves", env={"FMK": "${partner_fmk}"}), partners=partners)
    with environment.start(told, heard) as running:
        assert surroundings(running)["env"]["FMK"] == partners.urls["fmk"]
        assert partners.opened_at == "127.0.0.1"
    assert partners.closed == 0
    partners.close()


def test_a_partner_that_is_unfit_starts_no_candidate(
    environment: ProcessEnvironment, order: Ordering, heard: Heard, tmp_path: Path
) -> None:
    """The harness is at fault, and nothing of the candidate has run."""
    partners = Receivers("fmk", unfit="it took a bad message")
    with pytest.raises(EnvironmentDown, match="it took a bad message"):
        environment.start(replace(order("serves"), partners=partners), heard).__enter__()
    partners.close()
    assert not [step for step in heard.steps if step.startswith("starting")]
    assert nothing_is_left(tmp_path)


@pytest.fixture
def shop(systems: Path) -> Path:
    """A source tree beside the description: a module that says which build it is, in a train of two builds."""
    tree = systems / "shop"
    for name, text in {
        "builds.toml": """
            schema_version = "epjgate/train/1"
            build = [{ version = "1.0.1", change = "x" }, { version = "1.0.2", change = "y" }]
        """,
        "shop/__init__.py": "",
        "shop/_version.py": 'VERSION = "head"\n',
    }.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text, encoding="utf-8")
    return tree


def build_of(order: Order, version: str) -> Order:
    """Return an order for a build of the shop, on the packages of the tiny service."""
    release = order.release.model_dump()
    release["process"]["source"] = {"folder": "../shop", "build": version}
    return replace(order, version=version, release=Release.model_validate(release))


@pytest.mark.usefixtures("shop")
def test_builds_run_their_own_source_on_one_installation(
    environment: ProcessEnvironment, order: Ordering, heard: Heard
) -> None:
    """The source comes first on the path; packages are shared, and the identity tells the builds apart."""
    seen = []
    for version in ("1.0.1", "1.0.2"):
        wanted = build_of(order("serves", env={"PYTHONPATH": "/elsewhere"}), version)
        with environment.start(wanted, heard) as running:
            env = surroundings(running)["env"]
            folder, also = env["PYTHONPATH"].split(os.pathsep)
            said = (Path(folder) / "shop/_version.py").read_text()
            seen.append((said, also, env["PATH"].split(os.pathsep)[0], running.identities[0]))
    (first, also, programs, one), (second, _also, same, other) = seen
    assert (first, second, also) == ('VERSION = "1.0.1"\n', 'VERSION = "1.0.2"\n', "/elsewhere")
    assert programs == same
    assert (one.reference, other.reference) == ("tiny 1.0.1", "tiny 1.0.2")
    assert one.digest != other.digest
    assert one.parts[0].startswith("tiny 1.0.1 sha256:")
    assert one.parts[1:] == other.parts[1:]
    assert one.kind is DigestKind.PACKAGES


@pytest.mark.usefixtures("shop")
def test_source_that_cannot_be_assembled_starts_nothing(
    environment: ProcessEnvironment, order: Ordering, heard: Heard, tmp_path: Path
) -> None:
    """A build that is not in the train is told before anything is installed."""
    with pytest.raises(EnvironmentDown, match="no such build"):
        environment.start(build_of(order("serves"), "1.0.3"), heard).__enter__()
    assert heard.steps == []
    assert nothing_is_left(tmp_path)


def test_a_command_runs_beside_the_service_that_is_named(
    environment: ProcessEnvironment, order: Ordering, heard: Listener
) -> None:
    """Each service has surroundings of its own; one that is not there has none."""
    command = ("python", "-c", "import os; print(os.getcwd())")
    with environment.start(order("serves", "serves"), heard) as running:
        for service in ("a", "b"):
            assert running.run_beside(service, command).strip() == get(running, "/surroundings", service).json()["cwd"]
        with pytest.raises(EnvironmentFailed, match="beside c"):
            running.run_beside("c", command)


@pytest.mark.usefixtures("shop")
def test_a_release_is_identified_without_being_started(
    environment: ProcessEnvironment, order: Ordering, heard: Heard, tmp_path: Path
) -> None:
    """The digests are those that it has when it runs, and nothing of it is left or was begun."""
    for asked in (order("serves", "serves"), build_of(order("serves"), "1.0.1")):
        looked_up = environment.identify(asked, heard)
        assert not [step for step in heard.steps if step.startswith("starting")]
        assert nothing_is_left(tmp_path)
        with environment.start(asked, heard) as running:
            assert running.identities == looked_up
        heard.steps.clear()


def earlier(placed: Order, *options: str, **env: str) -> Order:
    """Return the order of an earlier release of the same system, to be started beside `placed`."""
    how = EarlierRelease(service="a", options=options, env=env)
    system = placed.system.model_copy(update={"earlier_release": how})
    return replace(placed, system=system, run_id="run1-earlier", version="0.9", logs=placed.logs / "earlier")


def test_an_earlier_release_stands_on_what_the_candidate_keeps(
    environment: ProcessEnvironment, order: Ordering, heard: Heard, tmp_path: Path, gone: Gone
) -> None:
    """One service of it, with a URL of its own and the candidate's data; it goes alone, and leaves nothing."""
    env = {"DATABASE": "${data}/epj.db", "URL": "${url}", "VERSION": "${version}", "MIGRATES": "yes"}
    placed = order("serves", "serves", env=env)
    with environment.start(placed, heard) as candidate:
        candidate.run_beside("a", ("sh", "-c", 'echo kept > "$DATABASE"'))
        with candidate.start_earlier(earlier(placed, MIGRATES="no"), heard) as beside:
            own = surroundings(beside)
            assert beside.urls.keys() == {"a"}
            assert beside.urls["a"] != candidate.urls["a"]
            assert (own["env"]["URL"], own["env"]["VERSION"]) == (beside.urls["a"], "0.9")
            assert own["env"]["MIGRATES"] == "no"
            assert own["env"]["DATABASE"] == surroundings(candidate)["env"]["DATABASE"]
            assert own["cwd"] != surroundings(candidate)["cwd"]
            assert beside.run_beside("a", ("sh", "-c", 'cat "$DATABASE"')) == "kept\n"
            *_installed, number = [
                line["pid"] for line in ledger_of(tmp_path, "run1-earlier") if line["kind"] == "process"
            ]
        assert gone(number)
        candidate.raise_if_silent()
    assert "tiny service serves" in (tmp_path / "logs/earlier/a.log").read_text()
    assert nothing_is_left(tmp_path)


def test_an_earlier_release_that_ends_leaves_the_candidate_alone(
    environment: ProcessEnvironment, order: Ordering, heard: Heard, tmp_path: Path
) -> None:
    """It is told as a crash at its start, with its last lines; the candidate goes on, and nothing else is left."""
    placed = order("serves")
    services = dict(placed.system.services)
    described = services["a"].process
    assert described is not None
    crashing = described.model_copy(update={"command": ("tiny-service", "${port}", "exits")})
    services["a"] = services["a"].model_copy(update={"process": crashing})
    with environment.start(placed, heard) as candidate:
        before = earlier(placed)
        unfit = replace(before, system=before.system.model_copy(update={"services": services}))
        with pytest.raises(EnvironmentDown) as down, candidate.start_earlier(unfit, heard):
            pass
        assert (down.value.stage, down.value.root) == (EnvironmentStage.START, EnvironmentCause.CRASHED)
        assert "there is no database" in down.value.cause
        candidate.raise_if_silent()
    assert nothing_is_left(tmp_path)


def test_an_interruption_takes_both_releases_with_it(
    environment: ProcessEnvironment, order: Ordering, heard: Heard, tmp_path: Path
) -> None:
    """Whoever stops the run while both stand finds nothing of either afterwards."""
    placed = order("serves")
    with (
        pytest.raises(KeyboardInterrupt),
        environment.start(placed, heard) as candidate,
        candidate.start_earlier(earlier(placed), heard),
    ):
        raise KeyboardInterrupt
    assert nothing_is_left(tmp_path)


def ledger_of(tmp_path: Path, run_id: str) -> list[dict[str, Any]]:
    """The lines of the ledger of a start that goes on."""
    (path,) = (tmp_path / "state").glob(f"{run_id}.*.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]
