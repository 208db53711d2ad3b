"""Releases follow one another as processes on the same folders and ports, and commands run in their surroundings."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests
from tests.environments.receivers import Receivers
from tests.environments.test_process import nothing_is_left

from epjgate.environments.interface import EnvironmentDown, Listener, Order, Running
from epjgate.environments.process_site import ProcessSites
from epjgate.environments.site import Done, Limits, Site
from epjgate.errors import UsageError
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.upgrade import SideCommand, Upgrade

LIMITS = Limits(stall_s=20, limit_s=40)


class Heard(Listener, Protocol):
    """The listener of these tests, which keeps what it was told."""

    steps: list[str]


Ordering = Callable[..., Order]


@pytest.fixture
def sites(cache: Path, tmp_path: Path, systems: Path) -> ProcessSites:
    """Sites of processes, with a state folder of their own."""
    return ProcessSites(cache, tmp_path / "state", systems)


@pytest.fixture
def key() -> str:
    """A key under which no other test keeps anything."""
    return uuid4().hex[:12]


@pytest.fixture
def upgraded(order: Ordering, systems: Path) -> Callable[..., Order]:
    """Orders a release of `tiny` with one service for each behaviour, which says the release by its environment."""
    (systems / "tiny" / "upgrade").mkdir(exist_ok=True)

    def make(
        version: str = "1.0", behaviours: tuple[str, ...] = ("serves",), keeps: tuple[str, ...] = (), **process: object
    ) -> Order:
        env = {"RELEASE": "${version}", "PUBLIC": "${url}", "OTHERS": "${url_of_a}"}
        made = order(*behaviours, env=env, **process)
        releases = dict.fromkeys(("1.0", "2.0"), made.release)
        upgrade = Upgrade(scripts="upgrade", keeps=keeps)
        system = made.system.model_copy(update={"upgrade": upgrade, "releases": releases})
        return replace(made, system=system, version=version)

    return make


@pytest.fixture
def site(sites: ProcessSites, upgraded: Callable[..., Order], heard: Heard) -> Iterator[Site]:
    """A site of `tiny` with one service, a."""
    with sites.open(upgraded(), heard) as opened:
        yield opened


def python(program: str, *arguments: str, service: str = "a") -> SideCommand:
    """A command that runs a Python program, with placeholders in its arguments only."""
    return SideCommand(service=service, command=("python", "-c", program.replace("$", "$$"), *arguments))


def surroundings(running: Running, service: str = "a") -> Any:
    return requests.get(f"{running.urls[service]}/surroundings", timeout=10).json()


@contextmanager
def both(sites: ProcessSites, order: Order, heard: Heard) -> Iterator[tuple[Site, Running]]:
    with sites.open(order, heard) as site, site.serve(order, heard) as running:
        yield site, running


def test_releases_follow_one_another_in_the_same_place(
    site: Site, upgraded: Callable[..., Order], heard: Heard, tmp_path: Path
) -> None:
    """The second has the ports and the files of the first, and its own variables; nothing is left at the end."""
    with site.serve(upgraded("1.0"), heard) as running:
        first, url = surroundings(running), running.urls["a"]
        (Path(first["cwd"]) / "kept").write_text("by 1.0")
        running.raise_if_silent()
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)
    with site.serve(upgraded("2.0"), heard) as running:
        second = surroundings(running)
        assert running.urls == {"a": url}
    assert (first["env"]["RELEASE"], second["env"]["RELEASE"]) == ("1.0", "2.0")
    assert second["env"]["PUBLIC"] == second["env"]["OTHERS"] == url
    assert second["files"] == {"kept": "by 1.0"}
    assert (tmp_path / "logs" / "a.log").is_file()


def test_a_site_leaves_nothing_behind(
    sites: ProcessSites, upgraded: Callable[..., Order], heard: Heard, tmp_path: Path
) -> None:
    """However it ends: also while a release stands, and by an interruption."""
    standing = ExitStack()
    standing.enter_context(both(sites, upgraded(), heard))
    assert len(list((tmp_path / "state" / "folders").iterdir())) == 2
    assert not standing.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert nothing_is_left(tmp_path)


def test_a_command_runs_in_the_surroundings_of_its_service(
    site: Site, upgraded: Callable[..., Order], heard: Heard, systems: Path
) -> None:
    """It has the folder, variables and placeholders of the service, and those of the site and of the caller."""
    program = "import json, os, sys; print(json.dumps([os.getcwd(), dict(os.environ), sys.argv[1:]]))"
    names = ("scripts", "backup", "data", "url", "patients")
    command = python(program, *(f"${{{name}}}" for name in names))
    done = site.run(upgraded("2.0"), command, {"patients": "10", "url": "mine"}, LIMITS, heard)
    cwd, env, told = json.loads(done.output)
    with site.serve(upgraded("1.0"), heard) as running:
        assert surroundings(running)["cwd"] == cwd
        assert told[3] == env["PUBLIC"] == running.urls["a"]
    assert env["RELEASE"] == "2.0"
    assert told[0] == str(systems / "tiny" / "upgrade")
    assert Path(told[1]).is_dir()
    assert (told[2], told[4]) == (cwd, "10")
    assert (done.fault, done.stalled, done.killed) == ("", False, False)
    assert 0 < done.duration_s < LIMITS.limit_s


def test_a_command_sees_and_leaves_files(site: Site, upgraded: Callable[..., Order], heard: Heard) -> None:
    """What it writes into the folder of its service, or into the backup, the next one finds, whatever release it is."""
    write = (
        "import pathlib, sys; pathlib.Path('rows').write_text('1'); pathlib.Path(sys.argv[1], 'rows').write_text('2')"
    )
    read = "import pathlib, sys; print(pathlib.Path('rows').read_text(), pathlib.Path(sys.argv[1], 'rows').read_text())"
    assert not beside_backup(site, upgraded("1.0"), write, heard).fault
    assert beside_backup(site, upgraded("2.0"), read, heard).output == "1 2\n"


def beside_backup(site: Site, order: Order, program: str, heard: Heard) -> Done:
    return site.run(order, python(program, "${backup}"), {}, LIMITS, heard)


def test_the_end_of_a_command_is_told(site: Site, upgraded: Callable[..., Order], heard: Heard, tmp_path: Path) -> None:
    """Its exit code and its last complaints, redacted as in its log; its output comes as it was."""
    program = (
        "import sys; print('output 010203-1234'); print('no such patient: 010203-1234', file=sys.stderr); sys.exit(3)"
    )
    done = site.run(upgraded(), python(program), {}, LIMITS, heard)
    assert done.output == "output 010203-1234\n"
    assert "exit code 3" in done.fault
    assert "no such patient: [cpr " in done.fault
    log = (tmp_path / "logs" / "a-commands.log").read_text()
    assert log.startswith("$ python -c ")
    assert "010203-1234" not in log + done.fault
    assert "output [cpr " in log


def test_a_command_that_waits_for_ever_is_ended(site: Site, upgraded: Callable[..., Order], heard: Heard) -> None:
    """Without a line, processor time or data it makes no progress; what it started goes with it."""
    program = "import subprocess, time; subprocess.Popen(['sleep', '600']); print('began', flush=True); time.sleep(600)"
    done = site.run(upgraded(), python(program), {}, Limits(stall_s=1.5, limit_s=60), heard)
    assert (done.stalled, done.killed, done.output) == (True, False, "began\n")
    assert "for 1.5 s it wrote no line" in done.fault
    assert done.duration_s < 30


@pytest.mark.parametrize(
    "work",
    [
        pytest.param("print('row', flush=True); time.sleep(0.3)", id="a line now and then"),
        pytest.param("sum(range(10**6))", id="processor time"),
        pytest.param("file.write(bytes(2**18)); file.flush(); os.fsync(file.fileno()); time.sleep(0.3)", id="data"),
    ],
)
def test_a_command_that_gets_on_is_left_alone(
    work: str, site: Site, upgraded: Callable[..., Order], heard: Heard
) -> None:
    """Each sign of progress by itself is enough, for longer than a stall may last; a line is told to who waits."""
    program = f"import os, time\nfile, until = open('rows', 'wb'), time.time() + 4\nwhile time.time() < until: {work}"
    done = site.run(upgraded(), python(program), {}, Limits(stall_s=2, limit_s=60), heard)
    assert not done.fault
    assert done.duration_s >= 4
    assert ("row" in heard.steps) == work.startswith("print")


def test_a_command_has_a_limit_whatever_it_shows(site: Site, upgraded: Callable[..., Order], heard: Heard) -> None:
    """One that is busy for ever counts as stalled when its time is over."""
    done = site.run(upgraded(), python("while True: print(1)"), {}, Limits(stall_s=10, limit_s=1), heard)
    assert done.stalled
    assert "within 1 s" in done.fault or "16 MiB" in done.fault


def test_a_drill_kills_the_command_at_its_time(
    site: Site, upgraded: Callable[..., Order], heard: Heard, gone: Callable[[int], bool]
) -> None:
    """All of its group is killed then, not before; one that ended by itself sooner was not killed."""
    program = "import subprocess, time; print(subprocess.Popen(['sleep', '600']).pid, flush=True); time.sleep(600)"
    done = site.run(upgraded(), python(program), {}, Limits(20, 60, kill_after_s=1.0), heard)
    assert (done.killed, done.stalled) == (True, False)
    assert "on purpose after 1 s" in done.fault
    assert 1.0 <= done.duration_s < 5
    assert gone(int(done.output))
    sooner = site.run(upgraded(), python("print('done')"), {}, Limits(20, 60, kill_after_s=30), heard)
    assert (sooner.killed, sooner.fault, sooner.output) == (False, "", "done\n")


def test_too_much_output_is_an_error(site: Site, upgraded: Callable[..., Order], heard: Heard) -> None:
    """A census that was cut off would be one of other data."""
    program = "import sys; sys.stdout.write(('x' * 1023 + chr(10)) * (17 * 1024))"
    done = site.run(upgraded(), python(program), {}, LIMITS, heard)
    assert "more than 16 MiB" in done.fault
    assert not done.stalled


def test_a_command_that_somebody_else_kills_says_nothing_of_the_release(
    site: Site, upgraded: Callable[..., Order], heard: Heard
) -> None:
    """Nor does one whose program or service there is not."""
    kill = python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    nowhere = SideCommand(service="a", command=("no-such-program",))
    for command, stage, root in (
        (kill, EnvironmentStage.RUN, EnvironmentCause.KILLED),
        (nowhere, EnvironmentStage.START, EnvironmentCause.SET_UP),
        (python("", service="b"), EnvironmentStage.PREPARE, EnvironmentCause.SET_UP),
    ):
        with pytest.raises(EnvironmentDown) as down:
            site.run(upgraded(), command, {}, LIMITS, heard)
        assert (down.value.stage, down.value.root, down.value.service) == (stage, root, command.service)


def test_an_unknown_placeholder_is_refused(site: Site, upgraded: Callable[..., Order], heard: Heard) -> None:
    """A command that would run with half its arguments is not run."""
    with pytest.raises(UsageError, match="cannot be filled in"):
        site.run(upgraded(), SideCommand(service="a", command=("echo", "${patients}")), {}, LIMITS, heard)


def test_data_is_saved_brought_back_and_taken_away(
    sites: ProcessSites, upgraded: Callable[..., Order], heard: Heard, key: str
) -> None:
    """A snapshot is the data as it was, outlasts its site, and stays what it was when it is saved again."""
    write = (
        "import pathlib, sys; pathlib.Path('rows').write_text('1'); pathlib.Path(sys.argv[1], 'dump').write_text('1')"
    )
    look = "import os, sys; print(sorted(os.listdir()), os.listdir(sys.argv[1]))"
    with sites.open(upgraded(), heard) as site:
        assert not site.load(key)
        beside_backup(site, upgraded(), write, heard)
        site.save(key)
        site.empty()
        assert beside_backup(site, upgraded(), look, heard).output == "[] []\n"
        site.save(key)
    with sites.open(upgraded(), heard) as site:
        beside_backup(site, upgraded(), "open('other', 'w').close()", heard)
        assert site.load(key)
        assert beside_backup(site, upgraded(), look, heard).output == "['rows'] []\n"


def test_data_in_use_is_left_alone(sites: ProcessSites, upgraded: Callable[..., Order], heard: Heard) -> None:
    """A copy of a database that somebody writes to is none."""
    with both(sites, upgraded(), heard) as (site, _running):
        for change in (site.empty, lambda: site.save("k2"), lambda: site.load("k2")):
            with pytest.raises(RuntimeError, match="while a release stood on it"):
                change()


def test_kept_services_stand_beneath_all_releases(
    sites: ProcessSites, upgraded: Callable[..., Order], heard: Heard
) -> None:
    """They are one process throughout, that of the first release, and belong to what each release shows."""
    first, second = (upgraded(version, ("serves", "serves"), ("a",)) for version in ("1.0", "2.0"))
    with sites.open(first, heard) as site:
        with site.serve(first, heard) as running:
            assert sorted(running.urls) == ["a", "b"]
            assert [identity.service for identity in running.identities] == ["a", "b"]
            requests.get(f"{running.urls['a']}/refuse", timeout=10)
        with site.serve(second, heard) as running:
            assert surroundings(running, "a")["env"]["RELEASE"] == "1.0"
            assert surroundings(running, "b")["env"]["RELEASE"] == "2.0"
            with pytest.raises(EnvironmentDown, match="a does not answer"):
                running.raise_if_silent()
        site.empty()
        with site.serve(second, heard) as running:
            running.raise_if_silent()


def test_work_of_a_kept_service_is_progress(sites: ProcessSites, upgraded: Callable[..., Order], heard: Heard) -> None:
    """A command that waits for a busy server gets on; one whose server is gone tells of the server, not of itself."""
    order = upgraded("1.0", ("serves", "serves"), ("a",))
    ask = "import os, urllib.request; urllib.request.urlopen(os.environ['OTHERS'] + '{}')"
    with sites.open(order, heard) as site:
        done = site.run(order, python(ask.format("/busy?for=4"), service="b"), {}, Limits(2, 60), heard)
        assert not done.fault
        with pytest.raises(EnvironmentDown, match="a ended by itself"):
            site.run(order, python(ask.format("/exit?code=3"), service="b"), {}, LIMITS, heard)


def test_partners_are_opened_once(sites: ProcessSites, upgraded: Callable[..., Order], heard: Heard) -> None:
    """Every release finds them at the same address, and whoever made them closes them."""
    partners = Receivers("fmk")
    with sites.open(replace(upgraded(), partners=partners), heard) as site:
        url = partners.urls["fmk"]
        for version in ("1.0", "2.0"):
            command = SideCommand(service="a", command=("echo", "${partner_fmk}"))
            order = replace(upgraded(version), partners=partners)
            assert site.run(order, command, {}, LIMITS, heard).output == f"{url}\n"
    assert partners.closed == 0
    partners.close()


def test_a_port_that_was_taken_meanwhile_is_told(site: Site, upgraded: Callable[..., Order], heard: Heard) -> None:
    """The release is not blamed for what another program did."""
    with site.serve(upgraded(), heard) as running:
        port = urlsplit(running.urls["a"]).port
    with (
        socket.create_server(("127.0.0.1", port or 0)),
        pytest.raises(EnvironmentDown, match="where the release") as down,
    ):
        site.serve(upgraded(), heard).__enter__()
    assert (down.value.stage, down.value.root) == (EnvironmentStage.START, EnvironmentCause.SET_UP)


def test_missing_scripts_are_told_before_anything_starts(
    sites: ProcessSites, upgraded: Callable[..., Order], heard: Heard, tmp_path: Path
) -> None:
    """The description is at fault, and says so itself."""
    order = upgraded()
    system = order.system.model_copy(update={"upgrade": Upgrade(scripts="nowhere")})
    with pytest.raises(UsageError, match="cannot be upgraded as described"):
        sites.open(replace(order, system=system), heard).__enter__()
    assert nothing_is_left(tmp_path)
