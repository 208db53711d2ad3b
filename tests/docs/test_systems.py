"""docs/systems.md knows every key of a system description, and its example is one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from pydantic import BaseModel

from epjgate.drivers.dsl.serving import CAPABILITIES
from epjgate.model.parsing import parse_toml
from epjgate.model.system import (
    ContainerRelease,
    ContainerService,
    DatabaseAccess,
    EarlierRelease,
    ImageBuild,
    Interface,
    ProcessRelease,
    ProcessService,
    Readiness,
    Release,
    ReleaseTrain,
    RemoteRelease,
    Service,
    SourceTree,
    System,
)
from epjgate.model.train import Build, Train
from epjgate.model.upgrade import Probe, SideCommand, Upgrade, UpgradeCommands
from epjgate.model.variation import Variation

# The heading above a table, the head of its first column, and the value that the table describes.
TABLES = [
    ("The system", "Key", System),
    ("The system", "Key of `database`", DatabaseAccess),
    ("The system", "Key of `earlier_release`", EarlierRelease),
    ("An upgrade", "Key of `upgrade`", Upgrade),
    ("An upgrade", "Key of the commands", UpgradeCommands),
    ("An upgrade", "Key of a command", SideCommand),
    ("An upgrade", "Key of a probe", Probe),
    ("A service", "Key", Service),
    ("A service", "Key of `ready`", Readiness),
    ("A service", "Key of `process`", ProcessService),
    ("A service", "Key of `container`", ContainerService),
    ("An interface", "Key", Interface),
    ("A release", "Key of `process`", ProcessRelease),
    ("A release", "Key of `container`", ContainerRelease),
    ("A release", "Key of `build`", ImageBuild),
    ("A release", "Key of `source`", SourceTree),
    ("A release", "Key of `remote`", RemoteRelease),
    ("A release train", "Key of `train`", ReleaseTrain),
    ("A release train", "Key of a build", Build),
    ("A release train", "Key of a variation", Variation),
]
Rows = list[dict[str, str]]


def section(text: str, heading: str) -> str:
    """Return the part of a document below a heading of the second level."""
    return re.split(r"^## ", text.split(f"\n## {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize(("heading", "first", "model"), TABLES)
def test_every_key_is_documented_and_no_other(
    heading: str,
    first: str,
    model: type[BaseModel],
    document: Callable[[str], str],
    table: Callable[[str, str], Rows],
) -> None:
    """The rows are the keys that a description may have, and those called needed are those it must have."""
    rows = table(section(document("docs/systems.md"), heading), first)
    assert [row[first].strip("`") for row in rows] == list(model.model_fields)
    required = [name for name, field in model.model_fields.items() if field.is_required()]
    assert [row[first].strip("`") for row in rows if row["Needed"] == "yes"] == required


def test_every_environment_of_a_release_is_documented(document: Callable[[str], str]) -> None:
    """A release has a table for each environment."""
    named = ", ".join(f"`{name}`" for name in Release.model_fields)
    assert f"A table for each environment in which it can run: {named}." in section(
        document("docs/systems.md"), "A release"
    )


def test_every_capability_is_documented(document: Callable[[str], str], quoted: Callable[[str], list[str]]) -> None:
    """The capabilities that have words in the DSL are listed."""
    paragraph = document("docs/systems.md").split("\nCapabilities with", 1)[1].split("\n\n", 1)[0]
    assert set(CAPABILITIES) == set(quoted(paragraph))


def test_the_train_and_its_variation_are_some(document: Callable[[str], str], block: Callable[[str, str], str]) -> None:
    """The examples of a train are read without a mistake, and the fault is carried where the text says."""
    text = document("docs/systems.md")
    train = parse_toml(block(text, "toml train"), "docs/systems.md", Train)
    assert [train.faults_of(version) for version in train.versions] == [(), ("INC-0002",), ()]
    variation = parse_toml(block(text, "toml variation"), "docs/systems.md", Variation)
    (edit,) = variation.edit
    assert variation.applied_to({edit.file: edit.head.encode()}) == {edit.file: edit.build.encode()}


def test_every_placeholder_is_documented(document: Callable[[str], str], table: Callable[[str, str], Rows]) -> None:
    """Those that the reference EPJ and the services of the environments are given are listed."""
    listed = " ".join(row["Placeholder"] for row in table(document("docs/systems.md"), "Placeholder"))
    used = set(re.findall(r"\$\{([a-z]+)[a-z_0-9]*\}", document("fixtures/systems/reference_epj/system.toml")))
    assert used <= set(re.findall(r"\$\{([a-z]+)", listed))
    assert {"host", "port", "url", "data", "version", "partner"} <= used


def test_the_example_is_a_description(document: Callable[[str], str], block: Callable[[str, str], str]) -> None:
    """The example is read without a mistake and shows every environment."""
    text = block(document("docs/systems.md"), "toml system")
    system = parse_toml(text, "docs/systems.md", System)
    (release,) = system.releases.values()
    assert all(getattr(release, name) is not None for name in Release.model_fields)
