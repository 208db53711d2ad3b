"""How precisely outages are found: a server that fails for half a second, again and again, in five ways.

    python benchmarks/probing.py [--outages 20] [--kinds refuse hang] [--seed 1]

The server says when it began and ceased to fail, by the clock that the prober uses. The exit code is 1 when an outage
is not found, an edge is off by more than 100 ms, an outage is found where none was, or the harness was too busy to
see a fifth of them: then the machine is the wrong one.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from epjgate.model.availability import Standing, Stretch, TrackSeen
from epjgate.probing.prober import Prober
from epjgate.probing.request import ProbeRequest

SERVER = Path(__file__).parents[1] / "tests" / "probing" / "switchable.py"
OUTAGE_S, EVERY_S, TARGET_S = 0.5, 0.05, 0.1
NEAR_S = 0.3
MOST_BLIND = 0.2


@dataclass
class Server:
    """The process of the server; `begin` and `cease` return when it began and ceased to fail."""

    process: subprocess.Popen[str]
    port: int

    def say(self, line: str) -> float:
        """Tell it how to behave; return when it did."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def signal(self, number: signal.Signals) -> float:
        """Send it a signal; return when."""
        os.kill(self.process.pid, number)
        return time.monotonic()


Deed = Callable[[Server], float]
KINDS: dict[str, tuple[Deed, Deed]] = {
    "refuse": (lambda server: server.say("refuse"), lambda server: server.say("serve")),
    "hang": (lambda server: server.signal(signal.SIGSTOP), lambda server: server.signal(signal.SIGCONT)),
    "mute": (lambda server: server.say("mute"), lambda server: server.say("serve")),
    "reset": (lambda server: server.say("reset"), lambda server: server.say("serve")),
    "status": (lambda server: server.say("status 503"), lambda server: server.say("serve")),
}


@dataclass
class Row:
    """What came of the outages of one kind on one track: errors of the edges in seconds, and what went wrong."""

    begins: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    blind: int = 0
    lost: int = 0

    @property
    def off(self) -> int:
        """How many edges are too far off."""
        return sum(abs(error) > TARGET_S for error in (*self.begins, *self.ends))


@contextmanager
def server() -> Iterator[Server]:
    """Have a server."""
    command = [sys.executable, str(SERVER)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Server(process, int(process.stdout.readline()))
        process.kill()


def failed(target: Server, prober: Prober, kind: str, outages: int, seed: int) -> list[tuple[float, float]]:
    """Let the server fail; return when it did, in seconds since probing began."""
    begin, cease = KINDS[kind]
    chance = random.Random(f"{seed} {kind}")  # noqa: S311 - at which moment between two samples it fails
    zero = time.monotonic() - prober.now_s()
    found = []
    for _ in range(outages):
        time.sleep(0.8 + chance.uniform(0, EVERY_S))
        began = begin(target)
        time.sleep(OUTAGE_S)
        found.append((began - zero, cease(target) - zero))
    time.sleep(0.8)
    return found


def judged(track: TrackSeen, outages: Sequence[tuple[float, float]]) -> tuple[Row, list[Stretch]]:
    """Return the errors of the edges on a track, and the outages that were found where none was."""
    row, left = Row(), [one for one in track.stretches if one.standing is Standing.DOWN]
    for begin_s, end_s in outages:
        near = [one for one in track.stretches if one.begin_s < end_s + NEAR_S and begin_s - NEAR_S < one.end_s]
        down = [one for one in near if one.standing is Standing.DOWN]
        left = [one for one in left if one not in down]
        if any(one.standing is Standing.UNKNOWN for one in near):
            row.blind += 1
        elif not down:
            row.lost += 1
        else:
            row.begins.append(down[0].begin_s - begin_s)
            row.ends.append(down[-1].end_s - end_s)
    return row, left


def told(kind: str, track: TrackSeen, row: Row, invented: Sequence[Stretch]) -> None:
    """Print a row."""
    errors = [sorted(edges) for edges in (row.begins, row.ends)]
    edges = [f"{e[0] * 1e3:+4.0f} {e[len(e) // 2] * 1e3:+4.0f} {e[-1] * 1e3:+4.0f}" if e else "-" for e in errors]
    print(
        f"{kind:8} {track.track.connection:8} {len(row.begins):6} {row.blind:6} {row.lost:5} {row.off:4} "
        f"{len(invented):9}   {edges[0]:>16} {edges[1]:>16}   {track.taken}/{track.expected}"
    )
    for one in invented:
        print(f"    found without an outage: {one.begin_s:.3f} s to {one.end_s:.3f} s, {one.why}")


def run(kind: str, outages: int, seed: int) -> bool:
    """Probe a server that fails in one way; return whether all was found."""
    with server() as target:
        prober = Prober([ProbeRequest("read", "GET", f"http://127.0.0.1:{target.port}/")], EVERY_S)
        with prober:
            processes = [psutil.Process(prober.sampler_pid), psutil.Process(prober.control_pid)]
            before = [sum(process.cpu_times()[:2]) for process in processes]
            truth = failed(target, prober, kind, outages, seed)
            used = [sum(process.cpu_times()[:2]) for process in processes]
    seen = prober.seen()
    good = True
    for track in seen.tracks:
        row, invented = judged(track, truth)
        told(kind, track, row, invented)
        good = good and not (row.lost or row.off or invented) and row.blind <= MOST_BLIND * outages
    taken = sum(track.taken for track in seen.tracks)
    cost = [(after - first) / taken * 1e3 for after, first in zip(used, before, strict=True)]
    print(f"    CPU for 1,000 samples: sampler {cost[0]:.2f} s, control endpoint {cost[1]:.2f} s")
    print(f"    the harness stood still or was blind {len(seen.stalls)} times")
    return good


def main() -> int:
    """Let each kind of outage happen; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--outages", type=int, default=20)
    parser.add_argument("--kinds", nargs="+", choices=sorted(KINDS), default=list(KINDS))
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    print(f"{args.outages} outages of {OUTAGE_S * 1e3:.0f} ms; errors of the edges in ms: least, median, most")
    print("kind     track     found  blind  lost  off  invented              begin              end   samples")
    good = [run(kind, args.outages, args.seed) for kind in args.kinds]
    print("all within 100 ms" if all(good) else "MISSED")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
