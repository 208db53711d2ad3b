"""docs/writing-tests.md knows every marker and fixture, and its example is found by the real suites' settings."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from epjgate.drivers.dsl import Epj, Receiver
from epjgate.drivers.dsl.misbehaviour import ReceiverAtWork
from epjgate.drivers.dsl.serving import CAPABILITIES
from epjgate.model.events import Severity
from epjgate.model.parsing import parse_toml
from epjgate.model.suite import SuiteDescription
from epjgate.plugin.options import MARKERS

Rows = list[dict[str, str]]
NAME = "docs/writing-tests.md"


def pytest_in(folder: Path, *arguments: str) -> str:
    """Run pytest on the suites in `folder`, as their pytest.toml says, and return what it prints."""
    command = [sys.executable, "-m", "pytest", "-c", "suites/pytest.toml", "--rootdir=suites", *arguments, "suites"]
    return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout


@pytest.fixture
def suites(tmp_path: Path, repo: Path) -> Path:
    """A folder with the settings and fixtures of the suites, and no suite."""
    shutil.copytree(repo / "fixtures", tmp_path / "fixtures", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "suites").mkdir()
    for name in ("conftest.py", "pytest.toml"):
        shutil.copy(repo / "suites" / name, tmp_path / "suites" / name)
    return tmp_path


def test_every_marker_is_documented_and_no_other(
    document: Callable[[str], str], table: Callable[[str, str], Rows]
) -> None:
    """The table has one row for each marker that the plugin declares."""
    documented = [re.split(r"\W", row["Marker"].strip("`"))[0] for row in table(document(NAME), "Marker")]
    assert documented == [re.split(r"\W", marker)[0] for marker in MARKERS]


def test_every_severity_is_documented(
    document: Callable[[str], str], table: Callable[[str, str], Rows], quoted: Callable[[str], list[str]]
) -> None:
    """The severities are listed, worst first."""
    row = next(row for row in table(document(NAME), "Marker") if "severity" in row["Marker"])
    assert quoted(row["It says"]) == list(Severity)


def test_every_fixture_is_documented_and_no_other(
    document: Callable[[str], str], table: Callable[[str, str], Rows], suites: Path
) -> None:
    """The table has one row for each fixture that all suites can ask for."""
    shown = pytest_in(suites, "--collect-only", "--fixtures", "-q", "--color=no")
    ours = re.findall(
        r"^(\w+)(?: \[session scope\])? -- .*(?:epjgate/plugin/fixtures|conftest)\.py:\d+$", shown, re.MULTILINE
    )
    documented = [row["Fixture"].strip("`") for row in table(document(NAME), "Fixture")]
    assert sorted(documented) == sorted(ours)


def words_of(speaker: type) -> set[str]:
    """Return the public methods of a class."""
    return {name for name in dir(speaker) if not name.startswith("_") and callable(getattr(speaker, name, None))}


def test_every_word_is_documented_and_no_other(
    document: Callable[[str], str], table: Callable[[str, str], Rows], quoted: Callable[[str], list[str]]
) -> None:
    """Every capability has a row, and every word of `epj` stands in one of them, or below the table."""
    rows = table(document(NAME), "Capability")
    assert sorted(row["Capability"].strip("`") for row in rows) == sorted(CAPABILITIES)
    listed = [word for row in rows for word in quoted(row["Words of `epj`"])]
    assert sorted(listed) == sorted(words_of(Epj) - {"close", "requires", "receiver", "wait_for_deliveries"})


def test_every_disturbance_is_documented_and_no_other(
    document: Callable[[str], str], table: Callable[[str, str], Rows]
) -> None:
    """The table has one row for each word of a receiver, and the names of receivers are listed."""
    rows = table(document(NAME), "Word of a receiver")
    assert sorted(row["Word of a receiver"].strip("`") for row in rows) == sorted(words_of(ReceiverAtWork))
    assert all(f"`{receiver}`" in document(NAME) for receiver in Receiver if receiver is not Receiver.UNKNOWN)


def test_the_example_is_a_suite(document: Callable[[str], str], block: Callable[[str, str], str], suites: Path) -> None:
    """The example's description is read without a mistake, and its test is found: imports, markers, strict settings."""
    text = document(NAME)
    parse_toml(block(text, "toml suite"), NAME, SuiteDescription)
    place = "ward/stopped_stays_stopped/test_stopped_order.py"
    assert f"`suites/{place}`" in text
    file = suites / "suites" / place
    file.parent.mkdir(parents=True)
    file.write_text(block(text, "python suite"), encoding="utf-8")
    found = pytest_in(suites, "--collect-only", "-qq", "--color=no", "--strict-markers")
    assert found.split() == [f"{place}:", "1"]
