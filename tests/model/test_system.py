"""System descriptions: what is named must be described."""

from __future__ import annotations

from pathlib import Path

import pytest

from epjgate.errors import UsageError
from epjgate.model.parsing import parse_toml
from epjgate.model.system import System

GOOD = """
schema_version = "epjgate/system/1"
name = "tiny"
title = "Tiny"
[services.desk]
ready = { path = "/ready" }
[interfaces.http]
service = "desk"
[capabilities]
patients = "http"
[absent]
surgery = "there is no theatre"
[releases."1.0".container]
images = { desk = "tiny:1.0" }
[releases."1.0".remote]
urls = { desk = "http://127.0.0.1:1" }
"""


def test_a_description_is_read_with_its_defaults() -> None:
    """What is left out takes the documented default: status 200 within 60 seconds, not disposable."""
    system = parse_toml(GOOD, "system.toml", System)
    assert (system.services["desk"].ready.status, system.services["desk"].ready.limit_s) == (200, 60)
    remote = system.releases["1.0"].remote
    assert remote is not None
    assert remote.disposable is False


def test_the_real_descriptions_are_good() -> None:
    """Every system.toml in the repository can be read."""
    files = sorted((Path(__file__).parents[2] / "fixtures/systems").glob("*/system.toml"))
    assert files
    for file in files:
        assert parse_toml(file.read_text(encoding="utf-8"), str(file), System).name == file.parent.name


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        ('service = "desk"', 'service = "dusk"', "interfaces.http.service = 'dusk' is not described; allowed: desk"),
        ('patients = "http"', 'patients = "htpp"', "capabilities.patients = 'htpp' is not described; allowed: http"),
        ("surgery =", "patients =", "patients: named both under capabilities and under absent; keep one"),
        (
            "images = { desk",
            "images = { dusk",
            "releases.1.0.container.images = 'dusk' is not described; allowed: desk",
        ),
        ("urls = { desk", "urls = { dusk", "releases.1.0.remote.urls = 'dusk' is not described; allowed: desk"),
        ("system/1", "system/2", "schema_version: Input should be 'epjgate/system/1'"),
        ('path = "/ready"', 'path = "ready"', "services.desk.ready.path: String should match pattern"),
        (
            'path = "/ready"',
            'path = "/ready", limit_s = 0',
            "services.desk.ready.limit_s: Input should be greater than 0",
        ),
        ('name = "tiny"', 'name = "Tiny One"', "name: String should match pattern"),
        ("[services.desk]", '[services."the desk"]', "services.the desk.[key]: String should match pattern"),
        (
            "[interfaces.http]",
            "[interfaces.http]\nport = 1",
            "interfaces.http.port: unknown key; allowed here: path, service",
        ),
    ],
)
def test_a_mistake_is_named(good: str, bad: str, expected: str) -> None:
    """A name that refers to nothing, an unknown schema and a value out of range are told by their key."""
    assert good in GOOD
    with pytest.raises(UsageError) as caught:
        parse_toml(GOOD.replace(good, bad), "system.toml", System)
    assert expected in caught.value.cause


@pytest.mark.parametrize("table", ["services.desk", "interfaces.http", 'releases."1.0"'])
def test_a_system_without_anything_in_it_is_refused(table: str) -> None:
    """A system that has no service, no interface or no release could only ever be tested to nothing."""
    name = table.partition(".")[0]
    lines = GOOD.split("\n[")
    text = "\n[".join(part for part in lines if not part.startswith(f"{name}.")) + f"\n[{name}]\n"
    with pytest.raises(UsageError, match=f"{name}: Dictionary should have at least 1 item"):
        parse_toml(text, "system.toml", System)
