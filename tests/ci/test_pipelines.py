"""The pipeline templates call the gate, keep its evidence, and let its exit code through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

PIPELINES = sorted((Path(__file__).parents[2] / "ci/pipelines").iterdir())
YAML = [path for path in PIPELINES if path.suffix == ".yml"]
# What would turn a failed gate into a passed job.
SWALLOWS = (
    "|| true",
    "|| :",
    "set +e",
    "allow_failure",
    "continue-on-error",
    "continueOnError",
    "returnStatus",
    "catchError",
)


def keys(value: Any) -> Iterator[str]:
    """Yield every key in a document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from keys(inner)
    if isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def lines(path: Path) -> str:
    """Return a template without its comments."""
    return re.sub(r"^\s*(#|//).*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_there_is_one_for_each_service() -> None:
    """GitHub, GitLab, Azure and Jenkins."""
    assert [path.name for path in PIPELINES] == ["Jenkinsfile", "azure.yml", "github.yml", "gitlab.yml"]


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_it_is_yaml(path: Path) -> None:
    """It can be read, and has something to say."""
    assert len(list(keys(yaml.safe_load(path.read_text(encoding="utf-8"))))) > 10


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.name)
def test_it_gates_and_keeps_the_evidence(path: Path) -> None:
    """It calls the gate, installed by the lock, so that its exit code is seen; evidence is kept whatever that is."""
    text = lines(path)
    assert re.search(r"epjgate run --system \S+ --candidate \S+ --baseline \S+ --out \"?gate", text)
    assert "--constraint ci/constraints.txt" in text
    assert "always" in text
    assert not [word for word in SWALLOWS if word in text]
    assert "junit" in text.lower() or "upload-artifact" in text


def test_actions_are_pinned_by_digest_and_may_only_read() -> None:
    """Every action is named by the digest of its commit, with its version beside it; permissions are the least."""
    path = next(path for path in YAML if path.name == "github.yml")
    text = path.read_text(encoding="utf-8")
    uses = re.findall(r"uses: (.+)", text)
    assert uses
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action) for action in uses)
    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}


def test_inputs_never_become_a_script() -> None:
    """What somebody types reaches the shell as a variable: no expression stands in a command."""
    for path in YAML:
        commands = re.findall(r"^\s*-?\s*(?:run|script): (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert not [command for command in commands if "${{" in command], path.name
