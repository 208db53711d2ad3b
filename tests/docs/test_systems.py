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
    ImageBuild,
    Interface,
    ProcessRelease,
    ProcessService,
    Readiness,
    Release,
    RemoteRelease,
    Service,
    System,
)

# The heading above a table, the head of its first column, and the value that the table describes.
TABLES = [
    ("The system", "Key", System),
    ("A service", "Key", Service),
    ("A service", "Key of `ready`", Readiness),
    ("A service", "Key of `process`", ProcessService),
    ("A service", "Key of `container`", ContainerService),
    ("An interface", "Key", Interface),
    ("A release", "Key of `process`", ProcessRelease),
    ("A release", "Key of `container`", ContainerRelease),
    ("A release", "Key of `build`", ImageBuild),
    ("A release", "Key of `remote`", RemoteRelease),
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
    sentence = next(line for line in document("docs/systems.md").splitlines() if line.startswith("Capabilities with"))
    assert set(CAPABILITIES) == set(quoted(sentence))


def test_the_example_is_a_description(document: Callable[[str], str], block: Callable[[str, str], str]) -> None:
    """The example is read without a mistake and shows every environment."""
    text = block(document("docs/systems.md"), "toml system")
    system = parse_toml(text, "docs/systems.md", System)
    (release,) = system.releases.values()
    assert all(getattr(release, name) is not None for name in Release.model_fields)
