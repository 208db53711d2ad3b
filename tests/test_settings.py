"""Settings: of the nearest project, overruled by the environment, and every mistake named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from epjgate.errors import UsageError
from epjgate.settings import load_settings


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment of these tests says about epjgate is not theirs."""
    for name in [name for name in os.environ if name.startswith("EPJGATE_")]:
        monkeypatch.delenv(name)


def project(folder: Path, text: str = "[tool.epjgate]\n") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return folder


def test_the_nearest_project_with_settings_counts(tmp_path: Path) -> None:
    """A project without [tool.epjgate], and one above, do not."""
    project(tmp_path, '[tool.epjgate]\nsystem = "outer"\n')
    inner = project(tmp_path / "a", '[tool.epjgate]\nsystem = "inner"\n')
    project(tmp_path / "a" / "b", "[tool.other]\n")
    settings = load_settings(tmp_path / "a" / "b")
    assert (settings.root, settings.system) == (inner, "inner")


def test_paths_lie_below_the_root(tmp_path: Path) -> None:
    """A relative path starts at the project, wherever the command is given; an absolute one stays."""
    settings = load_settings(project(tmp_path))
    assert settings.path(settings.suites) == tmp_path / "suites"
    assert settings.path(Path("/somewhere")) == Path("/somewhere")


def test_the_environment_overrules_what_judges_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipeline can move the cache without editing the project."""
    monkeypatch.setenv("EPJGATE_CACHE", "/elsewhere")
    settings = load_settings(project(tmp_path, '[tool.epjgate]\ncache = "here"\nfloors = "low.toml"\n'))
    assert (settings.cache, settings.floors) == (Path("/elsewhere"), Path("low.toml"))


@pytest.mark.parametrize("name", ["EPJGATE_POLICY", "EPJGATE_FLOORS", "EPJGATE_SUITES", "EPJGATE_ROOT"])
def test_the_environment_does_not_change_what_approved_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A variable left on a machine cannot put another policy in place of the project's: it is refused by name."""
    monkeypatch.setenv(name, "lax.toml")
    with pytest.raises(UsageError, match=name):
        load_settings(project(tmp_path))


def test_without_a_project_nothing_is_guessed(tmp_path: Path) -> None:
    """The message names the folder from which was looked."""
    with pytest.raises(UsageError, match="this is no epjgate project") as caught:
        load_settings(project(tmp_path, "[tool.other]\n"))
    assert str(tmp_path) in caught.value.cause


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[tool.epjgate]\npolize = "a"\n',
            "[tool.epjgate] polize: Extra inputs are not permitted; known keys: approved_changes, cache, ",
        ),
        ("[tool.epjgate]\npolicy = 3\n", "[tool.epjgate] policy: Input is not a valid path"),
        ("[tool.epjgate\n", "it is not valid TOML"),
        ("[tool]\nepjgate = 3\n", "tool.epjgate is no table"),
        ('[tool.epjgate]\nroot = "/"\n', "names a root"),
    ],
)
def test_a_mistake_names_the_file_and_the_key(tmp_path: Path, text: str, expected: str) -> None:
    """Nothing is started on settings that were not understood."""
    with pytest.raises(UsageError) as caught:
        load_settings(project(tmp_path, text))
    assert expected in caught.value.cause
    assert str(tmp_path) in str(caught.value)


def test_settings_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are a mistake in the file, not a crash."""
    (project(tmp_path) / "pyproject.toml").write_bytes(b"[tool.epjgate]\n# \xff\n")
    with pytest.raises(UsageError, match="cannot be read"):
        load_settings(tmp_path)
