"""System descriptions: what is named must be described."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from epjgate.errors import UsageError
from epjgate.model.parsing import parse_toml
from epjgate.model.system import ContainerRelease, System

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
            "[interfaces.http]\ncolour = 1",
            "interfaces.http.colour: unknown key; allowed here: path, port, service",
        ),
        (
            "[interfaces.http]",
            '[interfaces.http]\nport = "mllp"',
            "interfaces.http.port = 'mllp' is not described; allowed: none",
        ),
        (
            'path = "/ready"',
            'path = "/ready", command = ["true"]',
            "services.desk.ready: give either path, for a request, or command",
        ),
        ('path = "/ready"', "status = 200", "services.desk.ready: give either path, for a request, or command"),
        ("[interfaces.http]", "[interfaces.partners]", "interfaces.partners: the gate plays it"),
        ('patients = "http"', 'patients = "partners"', "capabilities.patients = 'partners' is not described"),
        (
            "[absent]",
            '[partners]\nfmk = "fax"\n[absent]',
            "partners.fmk: Input should be 'fmk', 'lpr3', 'medcom' or 'mllp'",
        ),
        (
            'ready = { path = "/ready" }',
            'ready = { path = "/ready" }\nenvironments = ["cloud"]',
            "services.desk.environments.0: Input should be 'process', 'container' or 'remote'",
        ),
        (
            'urls = { desk = "http://127.0.0.1:1" }',
            'urls = { desk = "http://127.0.0.1:1" }\nports = { desk = { mllp = "mllp://host:1" } }',
            "releases.1.0.remote.ports.desk.mllp: String should match pattern",
        ),
        (
            'images = { desk = "tiny:1.0" }',
            'images = { desk = "tiny:1.0" }\nbuilds = { dusk = { folder = "tiny" } }',
            "builds.dusk = 'dusk' is not described; allowed: desk",
        ),
        (
            '[releases."1.0".container]',
            '[train]\nbuilds = "builds.toml"\ncontainer.images = { dusk = "tiny" }\n[releases."1.0".container]',
            "train.container.images = 'dusk' is not described; allowed: desk",
        ),
    ],
)
def test_a_mistake_is_named(good: str, bad: str, expected: str) -> None:
    """A name that refers to nothing, an unknown schema and a value out of range are told by their key."""
    assert good in GOOD
    with pytest.raises(UsageError) as caught:
        parse_toml(GOOD.replace(good, bad), "system.toml", System)
    assert expected in caught.value.cause


@pytest.mark.parametrize("table", ["services.desk", "interfaces.http"])
def test_a_system_without_anything_in_it_is_refused(table: str) -> None:
    """A system that has no service or no interface could only ever be tested to nothing."""
    name = table.partition(".")[0]
    lines = GOOD.split("\n[")
    text = "\n[".join(part for part in lines if not part.startswith(f"{name}.")) + f"\n[{name}]\n"
    with pytest.raises(UsageError, match=f"{name}: Dictionary should have at least 1 item"):
        parse_toml(text, "system.toml", System)


def system(**changes: object) -> System:
    return System.model_validate({**tomllib.loads(GOOD), **changes})


def test_a_system_without_a_release_is_refused() -> None:
    """There must be something to start: a release, or a train of them."""
    with pytest.raises(ValueError, match="releases: describe at least one, or a train of them"):
        system(releases={})
    assert system(releases={}, train={"builds": "builds.toml"}).train is not None


def test_a_service_exists_where_it_says() -> None:
    """Without a word it exists everywhere; the order of the description is kept."""
    ready = {"path": "/ready"}
    several = system(
        services={
            "db": {"ready": {"command": ["true"]}, "environments": ["container"]},
            "desk": {"ready": ready},
            "lab": {"ready": ready, "environments": ["process", "container"]},
        }
    )
    assert list(several.services_in("process")) == ["desk", "lab"]
    assert list(several.services_in("container")) == ["db", "desk", "lab"]
    assert list(several.services_in("remote")) == ["desk"]


def test_only_what_somebody_asks_is_reached_from_outside() -> None:
    """A main port is asked for readiness or for an interface, a further one for the interface that names it."""
    several = system(
        services={
            "db": {"ready": {"command": ["true"]}, "ports": {"replication": 5433}},
            "desk": {"ready": {"path": "/ready"}, "ports": {"mllp": 2575, "metrics": 9090}},
            "archive": {"ready": {"command": ["true"]}},
        },
        interfaces={
            "http": {"service": "desk"},
            "hl7v2": {"service": "desk", "port": "mllp"},
            "ask": {"service": "archive"},
        },
    )
    assert [name for name in several.services if several.is_asked(name)] == ["desk", "archive"]
    assert several.ports_asked("desk") == {"mllp": 2575}
    assert several.ports_asked("db") == {}


def test_an_image_is_made_in_one_way() -> None:
    """Services that share an image share its build; one that names its own build does not take the common one."""
    own, common = {"folder": "postgres"}, {"folder": "tiny"}
    release = ContainerRelease.model_validate(
        {"images": {"db": "pg", "desk": "tiny", "lab": "tiny"}, "build": common, "builds": {"db": own}}
    )
    assert [build.folder if build else "" for build in map(release.build_of, ("pg", "tiny"))] == ["postgres", "tiny"]
    with pytest.raises(ValueError, match="another service has the same image 'tiny' made differently"):
        ContainerRelease.model_validate(
            {"images": {"desk": "tiny", "lab": "tiny"}, "builds": {"desk": common, "lab": own}}
        )


def test_capabilities_may_be_served_by_the_receivers() -> None:
    """What arrived at a partner is asked of the gate, so no service has to speak it."""
    told = system(partners={"fmk": "fmk"}, capabilities={"shared_medication_record": "partners"})
    assert told.capabilities == {"shared_medication_record": "partners"}


@pytest.mark.parametrize(
    ("access", "expected"),
    [
        ('service = "dusk"\ncommand = ["schema"]', "database.service = 'dusk' is not described; allowed: desk"),
        ('service = "desk"\ncommand = []', "database.command"),
        ('service = "desk"', "database.command: missing"),
        ('service = "desk"\ncommand = ["schema"]\nmigrate = true', "database.migrate: unknown key"),
    ],
)
def test_access_to_a_database_names_a_service_and_a_command(access: str, expected: str) -> None:
    """One that names none would let the schema go uncompared."""
    good = parse_toml(f'{GOOD}\n[database]\nservice = "desk"\ncommand = ["schema"]\n', "system.toml", System)
    assert good.database is not None
    assert good.database.command == ("schema",)
    with pytest.raises(UsageError, match=expected):
        parse_toml(f"{GOOD}\n[database]\n{access}\n", "system.toml", System)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ('service = "dusk"', "earlier_release.service = 'dusk' is not described; allowed: desk"),
        ("options = []", "earlier_release.service: missing"),
        ('service = "desk"\noptions = ["--no-migrate"]', "services.desk.container has no command for them to follow"),
        ('service = "desk"\nmigrate = false', "earlier_release.migrate: unknown key"),
    ],
)
def test_an_earlier_release_is_a_service_with_its_own_words(table: str, expected: str) -> None:
    """Options follow a command: after an image's own, which is not known, they would take its place."""
    container = "[services.desk.container]\nport = 80\n"
    good = f'{GOOD}\n{container}[earlier_release]\nservice = "desk"\nenv = {{ MIGRATE = "no" }}\n'
    described = parse_toml(good, "system.toml", System).earlier_release
    assert described is not None
    assert (described.service, described.options, described.env) == ("desk", (), {"MIGRATE": "no"})
    with pytest.raises(UsageError, match=expected):
        parse_toml(f"{GOOD}\n{container}[earlier_release]\n{table}\n", "system.toml", System)
