"""How one service starts, and how its end is told: its own doing, or somebody else's."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import requests

from epjgate.environments.interface import EnvironmentDown
from epjgate.environments.placeholders import free_port
from epjgate.environments.service_process import Launch, ServiceProcess
from epjgate.errors import EnvironmentFailed, UsageError
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.redaction import Redactor
from epjgate.model.system import Readiness

TINY = Path(__file__).with_name("tiny_service.py")


@pytest.fixture
def launch(tmp_path: Path) -> Launch:
    """The tiny service, with nothing declared."""
    port = free_port()
    home = tmp_path / "home"
    home.mkdir()
    return Launch(
        service="his",
        url=f"http://127.0.0.1:{port}",
        ready=Readiness(path="/ready", limit_s=30),
        command=(Path(sys.executable).name, str(TINY), str(port), "serves"),
        env={},
        files={},
        home=home,
        programs=Path(sys.executable).parent,
    )


def told(launch: Launch, behaviour: str) -> Launch:
    return replace(launch, command=(*launch.command[:-1], behaviour))


@contextmanager
def started(launch: Launch) -> Iterator[ServiceProcess]:
    service = ServiceProcess(launch, {"MARK": "1"}, launch.home.parent / "his.log", Redactor(b"key"))
    try:
        yield service
    finally:
        with suppress(ProcessLookupError):
            os.killpg(service.pid, signal.SIGKILL)
        service.reap()


def after(launch: Launch, path: str) -> EnvironmentDown:
    """Ask a ready service for `path`, at which it ends without an answer; return what is said of its end."""
    with started(launch) as service:
        service.wait_until_ready()
        with suppress(requests.ConnectionError):
            requests.get(f"{service.url}{path}", timeout=10)
        return end_of(service)


def end_of(service: ServiceProcess) -> EnvironmentDown:
    service._process.wait(10)
    with pytest.raises(EnvironmentDown) as down:
        service.raise_if_ended(EnvironmentStage.RUN)
    return down.value


def test_a_service_gets_a_mark_and_a_group_of_its_own(launch: Launch) -> None:
    """It leads its session, carries the mark and what is declared, and listens itself."""
    with started(replace(launch, env={"DECLARED": "yes"}, files={"conf/a.ini": "æ"})) as service:
        service.wait_until_ready()
        process = psutil.Process(service.pid)
        assert os.getsid(service.pid) == service.pid
        assert process.environ()["MARK"] == "1"
        assert process.environ()["DECLARED"] == "yes"
        assert (Path(process.cwd()) / "conf" / "a.ini").read_text(encoding="utf-8") == "æ"
        assert service.listens_itself()
        service.raise_if_ended(EnvironmentStage.RUN)
        service.raise_if_silent()


@pytest.mark.parametrize(
    ("path", "words"), [("/exit?code=3", "exit code 3"), ("/exit?code=0", "exit code 0"), ("/abort", "SIGABRT")]
)
def test_an_end_of_its_own_doing_is_a_crash(launch: Launch, path: str, words: str) -> None:
    """A service that exits or aborts has crashed; how comes with the error."""
    down = after(launch, path)
    assert down.problem == f"his ended by itself with {words} while it was being tested"
    assert (down.stage, down.root, down.service) == (EnvironmentStage.RUN, EnvironmentCause.CRASHED, "his")


def test_the_last_words_are_told(launch: Launch) -> None:
    """What was said right before the end is in the cause, though much was said at once."""
    assert after(launch, "/exit?code=3").cause.endswith("these are my last words")


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_end_from_outside_is_no_crash(launch: Launch, sent: signal.Signals) -> None:
    """Signals that only others send make it killed, and the signal is named."""
    with started(told(launch, "uncaught")) as service:
        service.wait_until_ready()
        os.kill(service.pid, sent)
        down = end_of(service)
    assert down.problem == f"his was ended by {sent.name} from outside while it was being tested"
    assert down.root is EnvironmentCause.KILLED


@pytest.mark.parametrize(("code", "root"), [(143, EnvironmentCause.KILLED), (134, EnvironmentCause.CRASHED)])
def test_a_signal_that_a_shell_passes_on_is_understood(launch: Launch, code: int, root: EnvironmentCause) -> None:
    """A start script that ends with 128 and a number says which signal ended its server (POSIX shell, 2.8.2)."""
    assert after(launch, f"/exit?code={code}").root is root


def test_an_end_before_it_was_ready(launch: Launch) -> None:
    """A service that ends at its start is not waited for, and its last words say why."""
    slow = replace(told(launch, "exits"), ready=Readiness(path="/ready", limit_s=1800))
    with started(slow) as service, pytest.raises(EnvironmentDown, match="there is no database") as down:
        service.wait_until_ready()
    assert down.value.problem == "his ended by itself with exit code 1 before it was ready"
    assert down.value.stage is EnvironmentStage.START


def test_a_dead_service_is_not_merely_silent(launch: Launch) -> None:
    """Asked for an answer, a service that was killed tells the root cause and not its consequence."""
    with started(launch) as service:
        service.wait_until_ready()
        os.kill(service.pid, signal.SIGKILL)
        with pytest.raises(EnvironmentDown) as down:
            service.raise_if_silent()
    assert down.value.root is EnvironmentCause.KILLED


def test_a_stuck_service_is_silent(launch: Launch) -> None:
    """A process that stands and does not answer as declared is out of reach."""
    with started(launch) as service:
        service.wait_until_ready()
        requests.get(f"{service.url}/refuse", timeout=10)
        service.raise_if_ended(EnvironmentStage.RUN)
        with pytest.raises(EnvironmentDown, match="answered 503, declared is 200") as down:
            service.raise_if_silent()
    assert (down.value.stage, down.value.root) == (EnvironmentStage.RUN, EnvironmentCause.UNREACHABLE)


def test_a_server_that_is_not_the_service_is_told_apart(launch: Launch) -> None:
    """Who answers at the port without being the process or a child of it is somebody else."""
    with started(launch) as real:
        real.wait_until_ready()
        (other_home := launch.home.parent / "other").mkdir()
        with started(replace(told(launch, "hides"), home=other_home)) as other:
            other.wait_until_ready()
            assert real.listens_itself()
            assert not other.listens_itself()


def test_a_program_that_is_not_there(launch: Launch) -> None:
    """The message names the program and where it was looked for; the release's own programs come first."""
    with pytest.raises(EnvironmentDown) as down, started(replace(launch, command=("missing-service",))):
        pytest.fail("it was started")
    assert f"no program 'missing-service' in {launch.programs}:" in down.value.cause
    assert (down.value.stage, down.value.root) == (EnvironmentStage.START, EnvironmentCause.SET_UP)


@pytest.mark.parametrize("name", ["../precious", "{parent}/precious", "conf/../../precious"])
def test_a_file_outside_its_folder_is_refused(launch: Launch, name: str) -> None:
    """A description can write into the service's own folder only."""
    files = {name.format(parent=launch.home.parent): "overwritten"}
    with pytest.raises(UsageError, match="lies outside the folder"), started(replace(launch, files=files)):
        pytest.fail("it was started")
    assert not (launch.home.parent / "precious").exists()


def probed(launch: Launch, *command: str, limit_s: float = 30) -> Launch:
    return replace(launch, ready=Readiness(command=command, limit_s=limit_s))


def test_a_command_may_tell_when_it_is_ready(launch: Launch) -> None:
    """It runs in the folder and the surroundings of the service, again and again until it ends with 0."""
    there = probed(replace(launch, env={"DECLARED": "yes"}), "sh", "-c", 'test "$DECLARED" = yes && test -e made')
    with started(replace(there, files={"made": ""})) as service:
        service.wait_until_ready()
        service.raise_if_silent()
        (launch.home / "made").unlink()
        with pytest.raises(EnvironmentDown, match="ended with exit code 1"):
            service.raise_if_silent()


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("sh", "-c", "echo no database; exit 3"), "ended with exit code 3: no database"),
        (("no-such-program",), "cannot be run: there is no program 'no-such-program'"),
        (("sleep", "600"), "did not end within"),
    ],
)
def test_a_command_that_does_not_say_so_never_makes_it_ready(
    command: tuple[str, ...], why: str, launch: Launch
) -> None:
    """What it said comes with the error; one that hangs is ended."""
    with started(probed(launch, *command, limit_s=1)) as service, pytest.raises(EnvironmentDown) as caught:
        service.wait_until_ready()
    assert why in caught.value.cause
    assert not [one for one in psutil.Process().children(recursive=True) if one.name() == "sleep"]


@pytest.fixture
def beside(launch: Launch) -> Iterator[ServiceProcess]:
    """A service that stands, with a variable of its own."""
    with started(replace(launch, env={"RECORDS": "kept here"})) as service:
        yield service


def test_a_command_beside_it_finds_its_surroundings(beside: ServiceProcess, launch: Launch) -> None:
    """It has the service's programs, variables and folder, and only its output is told."""
    program = "import os, sys; print(os.environ['RECORDS'], os.getcwd()); print('aside', file=sys.stderr)"
    told = beside.run_beside((Path(sys.executable).name, "-c", program))
    assert told == f"kept here {launch.home}\n"


@pytest.mark.parametrize(
    ("command", "cause"),
    [
        (("no-such-program",), "there is no program 'no-such-program'"),
        (("python3", "-c", "raise SystemExit('no records')"), "exit code 1: no records"),
        (("python3", "-c", "import os; os.abort()"), "SIGABRT"),
    ],
    ids=["unknown", "fails", "dies"],
)
def test_a_command_beside_it_that_comes_to_no_good_end_is_told(
    beside: ServiceProcess, command: tuple[str, ...], cause: str
) -> None:
    """An answer is never made of half a command."""
    with pytest.raises(EnvironmentFailed) as failed:
        beside.run_beside(command)
    assert cause in failed.value.cause
    assert f"`{' '.join(command)}` did not do its work beside his" in failed.value.problem
