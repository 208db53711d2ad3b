"""What Allure's results show."""

from __future__ import annotations

import json

from tests.plugin.conftest import Inner

TOLD = '''
import pytest

@pytest.mark.requirement("HTTP", "200", url="https://example.invalid/200")
@pytest.mark.severity("critical")
def test_0101011234(desk, recorder):
    """Patient 0101011234 is found."""
    with recorder.step("Look for 0101011234"):
        answer = desk.request("GET", "/0101011234")
    assert answer.text == "0101011234 is somebody else"
'''


def test_severity_links_steps_and_no_cpr_number(inner: Inner) -> None:
    """A result has the test's severity, its requirement as a link, its steps, and no CPR number anywhere."""
    folder = inner.pytester.path / "allure"
    inner.run(TOLD, f"--alluredir={folder}", "--allure-no-capture")
    result = json.loads(next(folder.glob("*-result.json")).read_text(encoding="utf-8"))
    assert {"name": "severity", "value": "critical"} in result["labels"]
    assert result["links"] == [{"type": "link", "url": "https://example.invalid/200", "name": "HTTP: 200"}]
    assert result["steps"][0]["name"].startswith("Look for [cpr ")
    kept = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert not [name for name, text in kept.items() if '"0101011234' in text or "/0101011234" in text]
    assert "0101011234 is somebody" not in "".join(kept.values())


SET_UPS = """
import pytest

@pytest.fixture
def quiet():
    yield 1

@pytest.fixture
def telling(recorder):
    with recorder.step("Lay out the forms"):
        return 2

def test_passes(desk, quiet, telling):
    assert desk.request("GET", "/").status == 200
"""


def test_set_ups_are_shown_where_there_is_something_to_tell(inner: Inner) -> None:
    """A set-up with a step is shown; one in which nothing happened costs no file."""
    folder = inner.pytester.path / "allure"
    inner.run(SET_UPS, f"--alluredir={folder}", "--allure-no-capture")
    shown = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*-container.json")]
    assert [before["name"] for container in shown for before in container["befores"]] == ["telling"]
