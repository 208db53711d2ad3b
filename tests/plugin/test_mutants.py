"""A session that measures the suites, with real tests against a desk that answers JSON."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tests.plugin.conftest import Inner

from epjgate.model.mutant import Mutant, Operator, Place
from epjgate.model.outcome import Outcome
from epjgate.model.target import Endpoint, Target
from epjgate.sensing.ledger import Control, Ended, Line, Meeting, Order, Reader, Sighting, Tried, Work

RECORD = b'{"name": "Ida", "ward": "M1", "beds": [1, 2]}'
SUITE = """
import pytest

def record(desk):
    return desk.request("GET", "/records/1").json()

def test_name(desk): assert record(desk)["name"] == "Ida"
def test_nothing(desk): assert record(desk)
def test_crashes(desk): assert record(desk)["ward"].startswith("M")
def test_red(desk): assert desk.request("GET", "/records/1").status == 404
@pytest.mark.needs("surgery")
def test_elsewhere(desk): assert record(desk)

SEEN = []
def test_own_persons(desk, clinic_seed):
    assert clinic_seed not in SEEN
    SEEN.append(clinic_seed)
    assert record(desk)["name"]

STRICT = []
def test_worn_out(desk):
    STRICT.append(1)
    assert record(desk)["name"] == "Ida" and len(STRICT) < 2

@pytest.fixture(scope="session")
def shared(desk_of_session): return record(desk_of_session)
@pytest.fixture(scope="module")
def of_module(desk_of_session): return record(desk_of_session)
def test_shared(shared): assert shared["name"] == "Ida"
def test_of_module(of_module): assert of_module["name"] == "Ida"
"""
SHARED = """
@pytest.fixture(scope="session")
def desk_of_session(target, recorder):
    with RecordedSession(target.url("http"), recorder) as session:
        yield session
"""


class JsonDesk(BaseHTTPRequestHandler):
    """Answers one record."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(RECORD)))
        self.end_headers()
        self.wfile.write(RECORD)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""


@pytest.fixture
def target() -> Iterator[Target]:
    """The desk as a started candidate without surgery."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), JsonDesk)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    yield Target(
        system="tiny",
        release="1.0",
        environment="process",
        endpoints=(Endpoint(interface="http", url=url),),
        capabilities={"patients": "http"},
        absent={"surgery": "there is no theatre"},
    )
    server.shutdown()
    thread.join()
    server.server_close()


class Measuring:
    """A session with an order, and the lines that it writes."""

    def __init__(self, inner: Inner) -> None:
        self._inner = inner
        self._passes = 0
        conftest = inner.pytester.path / "conftest.py"
        conftest.write_text(conftest.read_text(encoding="utf-8") + SHARED, encoding="utf-8")

    def run(self, *work: Work, tests: str = SUITE, **order: Any) -> list[Line]:
        """Run the session with `work`, and return what it wrote down."""
        self._passes += 1
        folder = self._inner.pytester.path / f"pass{self._passes}"
        folder.mkdir()
        (folder / "turns").touch()
        made = Order(folder=folder, lock=folder / "turns", work=work, **order)
        (folder / "order.json").write_text(made.model_dump_json(), encoding="utf-8")
        self._inner.run(tests, f"--epj-sensing={folder / 'order.json'}")
        return list(Reader(folder / "order.jsonl").read_on())


@pytest.fixture
def measuring(inner: Inner) -> Measuring:
    """Sessions against the desk."""
    return Measuring(inner)


def mutant(operator: Operator = Operator.CHANGE, field: str = "name") -> Mutant:
    return Mutant(place=Place(interface="http", subject="records/{id}", field=field), operator=operator)


def work(*tests: str, one: Mutant | None = None) -> Work:
    return Work(mutant=one or mutant(), tests={"desk": tuple(f"desk/test_desk.py::test_{test}" for test in tests)})


def ends(lines: list[Line]) -> list[tuple[str, Outcome, int]]:
    return [
        (line.test.rpartition("::test_")[2], line.outcome, line.struck) for line in lines if isinstance(line, Meeting)
    ]


def test_watching_finds_what_every_green_test_sees(measuring: Measuring) -> None:
    """A test that is red, or does not apply, is named and has seen nothing that counts; a mutant strikes nobody yet."""
    lines = measuring.run()
    sightings = {line.test.rpartition("::test_")[2]: line for line in lines if isinstance(line, Sighting)}
    assert {name: line.outcome for name, line in sightings.items() if line.outcome is not Outcome.PASSED} == {
        "red": Outcome.FAILED,
        "elsewhere": Outcome.NOT_APPLICABLE,
    }
    assert mutant() in sightings["name"].mutants
    assert mutant(Operator.DROP_ENTRY, "beds") in sightings["nothing"].mutants
    assert (sightings["red"].mutants, sightings["elsewhere"].mutants) == ((), ())
    assert sightings["name"].suite == "desk"
    assert lines[-1] == Ended()


def test_a_test_that_asserts_kills_and_one_that_does_not_lets_live(measuring: Measuring) -> None:
    """The killer is the last of its suite to meet the mutant, and is asked again on true answers."""
    lines = measuring.run(work("nothing", "name", "nothing"))
    assert ends(lines) == [("nothing", Outcome.PASSED, 1), ("name", Outcome.FAILED, 1)]
    killer = "desk/test_desk.py::test_name"
    assert lines[-3:] == [
        Tried(number=0),
        Control(test=killer, outcome=Outcome.PASSED, numbers=(0,)),
        Ended(),
    ]


def test_a_crash_is_no_red(measuring: Measuring) -> None:
    """A test that falls over what is missing says nothing of the candidate; the next one is asked."""
    lines = measuring.run(work("crashes", "nothing", one=mutant(Operator.DROP, "ward")))
    assert ends(lines) == [("crashes", Outcome.BROKEN, 1), ("nothing", Outcome.PASSED, 1)]


def test_what_is_not_there_is_not_struck(measuring: Measuring) -> None:
    """The count stays at nothing."""
    lines = measuring.run(work("name", one=mutant(field="allergies")))
    assert ends(lines) == [("name", Outcome.PASSED, 0)]


def test_every_run_has_persons_of_its_own(measuring: Measuring) -> None:
    """The same test meets many mutants, and never what an earlier run of it left behind."""
    lines = measuring.run(*(work("own_persons", one=mutant(field=field)) for field in ("ward", "beds", "name")))
    assert [outcome for _, outcome, _ in ends(lines)] == [Outcome.PASSED] * 3


def test_every_session_has_a_seed_of_its_own(measuring: Measuring, inner: Inner) -> None:
    """Sessions that measure side by side share the candidate, and nobody's persons."""
    noted = inner.pytester.path / "seeds"
    tests = f"def test_seed(session_seed): open({str(noted)!r}, 'a').write(f'{{session_seed}}\\n')"
    for _ in range(2):
        measuring.run(tests=tests)
    first, second = noted.read_text(encoding="utf-8").split()
    assert first != second


def test_a_test_that_stays_red_is_relied_on_no_more(measuring: Measuring) -> None:
    """Its control says so, and after that it meets no mutant."""
    many = [work("worn_out", "name") for _ in range(21)]
    lines = measuring.run(*many)
    worn_out = "desk/test_desk.py::test_worn_out"
    assert Control(test=worn_out, outcome=Outcome.FAILED, numbers=tuple(range(20))) in lines
    assert [line.test for line in lines if isinstance(line, Meeting) and line.number == 20] == [
        "desk/test_desk.py::test_name"
    ]


def test_what_the_session_shares_is_made_of_true_answers(measuring: Measuring) -> None:
    """A mutant would stay in it for every later test; what a module shares is made anew for each run."""
    lines = measuring.run(work("shared", "of_module"), work("of_module"))
    assert ends(lines) == [
        ("shared", Outcome.PASSED, 0),
        ("of_module", Outcome.FAILED, 1),
        ("of_module", Outcome.FAILED, 1),
    ]


def test_nothing_is_begun_when_the_time_is_over(measuring: Measuring) -> None:
    """The session ends in order all the same."""
    assert measuring.run(work("name"), until=0.001) == [Ended()]


def test_a_suite_that_cannot_be_read_is_not_measured(measuring: Measuring) -> None:
    """The session does not say that it came to its end."""
    assert measuring.run(tests="def test_x(:\n") == []


def test_an_order_needs_a_candidate(inner: Inner) -> None:
    """And a folder."""
    result = inner.pytester.runpytest_subprocess("--epj-sensing=order.json", "desk")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--epj-sensing needs --epj-bundle and --epj-target*"])
