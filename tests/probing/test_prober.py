"""A system that really fails, and a prober that is really stopped: each is told for what it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import pytest
from tests.probing.conftest import Target

from epjgate.errors import UsageError
from epjgate.model.availability import Availability, Connection, Standing, TrackSeen
from epjgate.probing.prober import Prober, ProbingFailed
from epjgate.probing.request import ProbeRequest

UP, DOWN, UNKNOWN = Standing.UP, Standing.DOWN, Standing.UNKNOWN
EVERY_S, TIMEOUT_S = 0.05, 5.0
PATIENCE_S = 2.0  # a busy machine lets nobody wait for that long without letting the control endpoint wait too
OWNER = """
import sys, time
from epjgate.probing.prober import Prober
from epjgate.probing.request import ProbeRequest
with Prober([ProbeRequest("read", "GET", sys.argv[1])]) as prober:
    print(prober.sampler_pid, prober.control_pid, flush=True)
    time.sleep(600)
"""


def prober_of(*requests: ProbeRequest, patience_s: float = PATIENCE_S) -> Prober:
    return Prober(requests, EVERY_S, timeout_s=TIMEOUT_S, patience_s=patience_s)


def standings(seen: TrackSeen, begin_s: float, end_s: float) -> set[Standing]:
    """Return how the system stood at any moment of the time given."""
    return {one.standing for one in seen.stretches if one.begin_s < end_s and begin_s < one.end_s}


def whys(seen: TrackSeen, standing: Standing) -> str:
    return "; ".join(one.why for one in seen.stretches if one.standing is standing)


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Let a process stand still."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def all_told(seen: Availability) -> None:
    """See to it that what was due was taken, or is unknown for a reason."""
    for track in seen.tracks:
        assert track.expected > 0
        assert track.taken == track.expected or whys(track, UNKNOWN)


def test_a_system_that_serves_is_up(target: Target) -> None:
    """Reads and writes, on new and reused connections, and nothing is down."""
    prober = prober_of(target.request(), target.request("write", "POST", b"{}"))
    with prober:
        time.sleep(1.5)
    seen = prober.seen()
    assert [(one.track.probe, one.track.connection) for one in seen.tracks] == [
        ("read", Connection.NEW),
        ("read", Connection.REUSED),
        ("write", Connection.NEW),
        ("write", Connection.REUSED),
    ]
    assert 1.5 <= seen.duration_s <= prober.now_s()
    for track in seen.tracks:
        assert UP in standings(track, 0, seen.duration_s)
        assert DOWN not in standings(track, 0, seen.duration_s)
    all_told(seen)
    assert prober.seen() == seen


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        ("refuse", "refused"),
        ("status 503", "status 503 instead of 200"),
        ("reset", "connection lost"),
        ("half", "no whole answer in HTTP"),
        ("mute", "no answer within 5 s"),
    ],
)
def test_an_outage_is_down_and_what_comes_before_and_after_it_is_not(target: Target, mode: str, why: str) -> None:
    """On both tracks, from when the first sample was not served until one is served again."""
    with prober_of(target.request()) as prober:
        time.sleep(0.5)
        before_s = prober.now_s()
        target.say(mode)
        began_s = prober.now_s()
        time.sleep(1)
        ends_s = prober.now_s()
        target.say("serve")
        after_s = prober.now_s()
        time.sleep(0.7)
    seen = prober.seen()
    for track in seen.tracks:
        assert standings(track, 0, before_s - 4 * EVERY_S) <= {UP, UNKNOWN}
        assert UP not in standings(track, began_s + 2 * EVERY_S, ends_s - EVERY_S)
        assert DOWN in standings(track, began_s, ends_s)
        assert DOWN not in standings(track, after_s + 10 * EVERY_S, seen.duration_s)
        first = whys(track, DOWN).split("; ")[0]
        assert why in first or (mode == "refuse" and "connection lost" in first)  # it may have been in flight
    all_told(seen)


def test_a_server_that_stands_still_is_down_while_it_does(target: Target) -> None:
    """All its answers come in the end; the silence is what users met."""
    with prober_of(target.request(), patience_s=0.5) as prober:
        time.sleep(0.5)
        with stopped(target.pid):
            began_s = prober.now_s()
            time.sleep(2)
            ends_s = prober.now_s()
        time.sleep(0.5)
    for track in prober.seen().tracks:
        assert UP not in standings(track, began_s + 2 * EVERY_S, ends_s - EVERY_S)
        assert DOWN in standings(track, began_s, ends_s)
        assert "while samples waited" in whys(track, DOWN)


def test_a_prober_that_stands_still_for_5_s_knows_nothing_of_them(target: Target) -> None:
    """Neither down nor up, on every track; what was due is missing, and named."""
    with prober_of(target.request(), target.request("write", "POST"), patience_s=0.5) as prober:
        time.sleep(0.5)
        with stopped(prober.sampler_pid):
            began_s = prober.now_s()
            time.sleep(5)
            ends_s = prober.now_s()
        time.sleep(0.5)
    seen = prober.seen()
    assert len(seen.tracks) == 4
    for track in seen.tracks:
        assert standings(track, began_s + 2 * EVERY_S, ends_s) == {UNKNOWN}
        assert DOWN not in standings(track, 0, seen.duration_s)
        assert track.taken <= track.expected - 95
        assert "late" in whys(track, UNKNOWN) or "stood still" in whys(track, UNKNOWN)
    assert any(one.lasts_s >= 4.9 and one.why == "the prober stood still" for one in seen.stalls)


def test_without_its_control_endpoint_an_outage_is_unknown(target: Target) -> None:
    """Nobody can tell whether it is the system or the machine; what succeeds meanwhile is up."""
    with prober_of(target.request()) as prober:
        time.sleep(0.5)
        os.kill(prober.control_pid, signal.SIGKILL)
        killed_s = prober.now_s()
        time.sleep(0.5)
        target.say("refuse")
        refused_s = prober.now_s()
        time.sleep(0.5)
    seen = prober.seen()
    for track in seen.tracks:
        assert UP in standings(track, killed_s + 2 * EVERY_S, refused_s - 2 * EVERY_S)
        assert standings(track, refused_s + 2 * EVERY_S, seen.duration_s) == {UNKNOWN}
        assert DOWN not in standings(track, killed_s + 2 * EVERY_S, seen.duration_s)
    assert "did not reach its own endpoint" in seen.stalls[-1].why


def test_a_hang_of_everything_is_unknown(target: Target) -> None:
    """System and control endpoint stand still together, as where the machine does."""
    with prober_of(target.request(), patience_s=0.5) as prober:
        time.sleep(0.5)
        with stopped(prober.control_pid), stopped(target.pid):
            began_s = prober.now_s()
            time.sleep(2)
            ends_s = prober.now_s()
        time.sleep(0.5)
    for track in prober.seen().tracks:
        assert standings(track, began_s + 2 * EVERY_S, ends_s - EVERY_S) == {UNKNOWN}
        assert DOWN not in standings(track, began_s, ends_s)


def test_a_sampler_that_is_killed_leaves_the_rest_unknown(target: Target) -> None:
    """With the reason; the end of probing is that of the context."""
    with prober_of(target.request()) as prober:
        time.sleep(0.5)
        os.kill(prober.sampler_pid, signal.SIGKILL)
        killed_s = prober.now_s()
        time.sleep(1)
        ended_s = prober.now_s()
    seen = prober.seen()
    assert seen.duration_s >= ended_s
    for track in seen.tracks:
        assert UP in standings(track, 0, killed_s)
        assert standings(track, killed_s + 2 * EVERY_S, seen.duration_s) == {UNKNOWN}
        assert "the sampler ended by signal 9" in whys(track, UNKNOWN)
    all_told(seen)


def test_a_stopped_sampler_does_not_keep_its_owner(target: Target) -> None:
    """Leaving ends it, and what it had not told is unknown."""
    prober = Prober([target.request()], EVERY_S, timeout_s=1.0, patience_s=0.5)
    with prober:
        time.sleep(0.5)
        sampler = psutil.Process(prober.sampler_pid)
        sampler.suspend()
        stopped_s = prober.now_s()
        time.sleep(0.5)
    assert not sampler.is_running()
    seen = prober.seen()
    for track in seen.tracks:
        assert standings(track, stopped_s + 2 * EVERY_S, seen.duration_s) == {UNKNOWN}
        assert "did not end" in whys(track, UNKNOWN)


def test_what_is_in_flight_at_the_end_is_waited_for(target: Target) -> None:
    """A sample whose answer comes after the last one was due counts like any other."""
    target.say("slow 1")
    with prober_of(target.request()) as prober:
        time.sleep(1)
    for track in prober.seen().tracks:
        assert DOWN not in standings(track, 0, prober.seen().duration_s)
        assert whys(track, UNKNOWN).find("not answered") == -1


def test_what_is_seen_meanwhile_is_provisional(target: Target) -> None:
    """What has not been answered yet is unknown, not down, and not up."""
    target.say("mute")
    with prober_of(target.request()) as prober:
        time.sleep(0.5)
        meanwhile = prober.seen()
        assert [standings(track, 0, 0.3) for track in meanwhile.tracks] == [{UNKNOWN}, {UNKNOWN}]
    assert all(DOWN in standings(track, 0, 0.3) for track in prober.seen().tracks)


def test_a_server_that_keeps_no_connection_is_up(target: Target) -> None:
    """Closing one that is idle is no outage; how often it was needed is told."""
    target.say("close_idle")
    with prober_of(target.request(), target.request("write", "POST")) as prober:
        time.sleep(1)
    for track in prober.seen().tracks:
        if track.track.probe == "read":
            assert DOWN not in standings(track, 0, prober.seen().duration_s)
            assert (track.reconnected > 0) is (track.track.connection is Connection.REUSED)


def test_all_its_processes_end_with_it(target: Target) -> None:
    """Also where the block is left by an error."""
    processes: list[psutil.Process] = []
    prober = prober_of(target.request())

    def leave_by_an_error() -> None:
        with prober:
            processes.extend(psutil.Process(pid) for pid in (prober.sampler_pid, prober.control_pid))
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        leave_by_an_error()
    assert len(processes) == 2
    assert prober.seen().duration_s > 0
    for process in processes:
        assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_all_its_processes_end_with_whoever_probes(
    target: Target, wait_for: Callable[[Callable[[], bool]], None]
) -> None:
    """Even when that is killed."""
    command = [sys.executable, "-c", OWNER, target.request().url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        processes = [psutil.Process(int(pid)) for pid in owner.stdout.readline().split()]
        assert len(processes) == 2
        owner.kill()
    wait_for(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in processes))


def test_a_host_that_nobody_knows_cannot_be_probed() -> None:
    """Probing does not begin, and says why."""
    prober = Prober([ProbeRequest("read", "GET", "http://nobody.invalid/")])
    with pytest.raises(ProbingFailed, match="could not be probed"), prober:
        pytest.fail("nothing to probe")


def test_a_listener_is_told_that_it_begins(target: Target) -> None:
    """Somebody waits until it has."""
    told: list[str] = []

    class Noting:
        def step(self, text: str) -> None:
            """See Listener."""
            told.append(text)

    with Prober([target.request()], listener=Noting()):
        assert told == ["probing 1 requests every 0.05 s"]


@pytest.mark.parametrize(
    ("every_s", "timeout_s", "patience_s"),
    [(0, 2, 0.3), (-1, 2, 0.3), (0.05, 2, 2), (0.05, 2, 0), (0.05, float("inf"), 0.3), (0.001, 2, 0.3)],
)
def test_times_that_do_not_fit_are_refused(every_s: float, timeout_s: float, patience_s: float) -> None:
    """Before anything starts; also a bound on how many samples wait at the same time."""
    with pytest.raises(UsageError, match="cannot be probed like this"):
        Prober([ProbeRequest("read", "GET", "http://a/")], every_s, timeout_s=timeout_s, patience_s=patience_s)


def test_an_unusable_request_is_refused() -> None:
    """Before anything starts."""
    with pytest.raises(UsageError, match="`read`"):
        Prober([ProbeRequest("read", "GET", "https://a/")])
