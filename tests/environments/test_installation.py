"""A release is installed once, whole or not at all, and it is known which bits were installed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import pytest

from epjgate.environments import installation
from epjgate.environments.installation import MARKER, Installed, Installer
from epjgate.environments.interface import EnvironmentDown, Listener
from epjgate.environments.ledger import Ledger
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.system import ProcessRelease

WHEEL = "./tiny_service-1.0-py3-none-any.whl"
TINY = ProcessRelease(packages=(WHEEL,))

# A package that builds itself, and asks its installer to stop first where the folder says so.
BACKEND = """
import os, pathlib, signal, time, zipfile

def build_wheel(folder, *_others):
    impatient = pathlib.Path(__file__).with_name("impatient")
    if impatient.exists():
        impatient.write_text(str(os.getpid()))
        os.kill(int(os.environ["INSTALLER"]), signal.SIGINT)
        time.sleep(600)
    with zipfile.ZipFile(pathlib.Path(folder) / "local-2.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("local-2.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: local\\nVersion: 2.0\\n")
        wheel.writestr("local-2.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("local-2.0.dist-info/RECORD", "")
    return "local-2.0-py3-none-any.whl"
"""
PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


class Heard(Listener, Protocol):
    """The listener of these tests, which keeps what it was told."""

    steps: list[str]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger for what an installation starts; nothing may be left of it."""
    kept = Ledger(tmp_path / "state", "run1")
    yield kept
    assert kept.clear() == ()


@pytest.fixture
def installer(tmp_path: Path, ledger: Ledger, heard: Heard) -> Installer:
    """An installer with an empty cache."""
    return Installer(tmp_path / "cache", ledger, heard)


def test_a_release_is_installed_once_and_identified(
    installer: Installer, systems: Path, tmp_path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two that come at once one installs; the digest is that of the archive; the caller's paths do not leak in."""
    (tmp_path / "venv.py").write_text("raise SystemExit('the wrong venv')")
    (tmp_path / "pip.py").write_text("raise SystemExit('the wrong pip')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(lambda _one: installer.install("tiny 1.0", TINY, systems / "tiny"), range(2))
    assert first == second
    folder, installed = first
    sha256 = hashlib.sha256((systems / "tiny" / WHEEL).read_bytes()).hexdigest()
    assert installed.parts == (f"tiny-service 1.0 sha256:{sha256}",)
    assert installed.digest == f"sha256:{hashlib.sha256(installed.parts[0].encode()).hexdigest()}"
    assert (folder / "bin" / "tiny-service").is_file()
    assert re.fullmatch(r"tiny-1\.0-py3\.[0-9.]+-[0-9a-f]{12}", folder.name)
    assert heard.steps == ["installing tiny 1.0"]
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert installer.install("tiny 1.0", TINY, systems / "tiny") == first
    assert heard.steps == ["installing tiny 1.0"]


def test_an_interrupted_installation_is_begun_anew(
    installer: Installer, tmp_path: Path, heard: Heard, gone: Callable[[int], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGINT ends pip and all it started; what was half made is not used. A folder has no digest of its own."""
    package = tmp_path / "system" / "local"
    package.mkdir(parents=True)
    (package / "pyproject.toml").write_text(PYPROJECT)
    (package / "backend.py").write_text(BACKEND)
    impatient = package / "impatient"
    impatient.touch()
    monkeypatch.setenv("INSTALLER", str(os.getpid()))
    release = ProcessRelease(packages=("./local",))
    with pytest.raises(KeyboardInterrupt):
        installer.install("local 2.0", release, package.parent)
    build = int(impatient.read_text())
    for _again in range(1000):
        if gone(build):
            break
        time.sleep(0.01)
    assert gone(build)
    assert not list((tmp_path / "cache").glob(f"*/{MARKER}"))
    (half_made,) = (path for path in (tmp_path / "cache").iterdir() if path.is_dir())
    (half_made / "left over").touch()
    impatient.unlink()
    folder, installed = installer.install("local 2.0", release, package.parent)
    assert folder == half_made
    assert not (half_made / "left over").exists()
    assert installed == Installed(parts=("local 2.0 unknown",), digest="")
    assert heard.steps == ["installing local 2.0"] * 2


def test_a_failing_pip_is_told_with_its_last_lines(
    installer: Installer, systems: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package that does not exist, and constraints that cannot be kept, end the preparation; nothing is kept."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    release = ProcessRelease(packages=("no-such-package==9.9",))
    with pytest.raises(EnvironmentDown) as down:
        installer.install("tiny 9.9", release, systems / "tiny")
    assert "tiny 9.9 could not be installed" in down.value.problem
    assert "pip ended with exit code 1" in down.value.cause
    assert "No matching distribution found for no-such-package==9.9" in down.value.cause
    assert "HTTPS_PROXY" in down.value.fix
    assert (down.value.stage, down.value.root) == (EnvironmentStage.PREPARE, EnvironmentCause.SET_UP)
    assert not list((tmp_path / "cache").glob(f"*/{MARKER}"))


def test_a_cache_that_cannot_be_written(tmp_path: Path, systems: Path, ledger: Ledger, heard: Listener) -> None:
    """The cache is named, and what to do about it."""
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentDown, match=r"make .*file/cache writable"):
        Installer(tmp_path / "file" / "cache", ledger, heard).install("tiny 1.0", TINY, systems / "tiny")


def folder_name(folder: Path, title: str = "tiny 1.0", *packages: str) -> str:
    release = ProcessRelease(packages=packages or ("tiny==1.0", "./a.whl"), constraints="pins.txt")
    return installation._folder_name(title, release, folder)


def test_whatever_decides_what_is_installed_is_in_the_name(tmp_path: Path) -> None:
    """Another version, package, constraint or archive gets another place; the same gets the same one."""
    (tmp_path / "pins.txt").write_text("six==1.16")
    (tmp_path / "a.whl").write_text("bits")
    names = [folder_name(tmp_path), folder_name(tmp_path, "tiny 1.1"), folder_name(tmp_path, "tiny 1.0", "tiny==1.1")]
    assert folder_name(tmp_path) == names[0]
    (tmp_path / "pins.txt").write_text("six==1.17")
    names.append(folder_name(tmp_path))
    (tmp_path / "a.whl").write_text("other bits under the same name")
    names.append(folder_name(tmp_path))
    assert len(set(names)) == len(names)
    assert "/" not in folder_name(tmp_path, "tiny ../../1.0")


@pytest.fixture
def complete(tmp_path: Path) -> Path:
    """A folder that looks like a whole installation."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    (tmp_path / MARKER).write_text(Installed(parts=("a 1 sha256:1",), digest="sha256:2").model_dump_json())
    return tmp_path


def test_a_whole_installation_is_used_again(complete: Path) -> None:
    """With its marker and its Python it is whole."""
    assert installation._complete(complete) == Installed(parts=("a 1 sha256:1",), digest="sha256:2")


@pytest.mark.parametrize(
    "marker", ["", "{", '{"parts": [], "digest": "x", "more": 1}', '{"parts": ["a 1 unknown"], "digest": ""}']
)
def test_a_marker_that_does_not_say_it_all_is_no_marker(complete: Path, marker: str) -> None:
    """A marker cut off, of another kind, or without a digest means that the release is installed anew."""
    (complete / MARKER).write_text(marker)
    assert installation._complete(complete) is None


def test_an_installation_without_its_python_is_not_used(complete: Path) -> None:
    """When the Python that it was made with has been removed from the machine, it is made anew."""
    (complete / "bin" / "python").unlink()
    (complete / "bin" / "python").symlink_to(complete / "removed")
    assert installation._complete(complete) is None


def report(path: Path, *items: tuple[str, bool, str]) -> Path:
    """Write a report as pip does: name, whether it was asked for, and digest of each item."""
    install = [
        {
            "metadata": {"name": name, "version": "1.0", "summary": "ignored"},
            "requested": requested,
            "download_info": {"url": "ignored", "archive_info": {"hashes": {"sha256": sha256}}}
            if sha256
            else {"url": ""},
        }
        for name, requested, sha256 in items
    ]
    path.write_text(json.dumps({"version": "1", "pip_version": "24.0", "install": install}))
    return path


@pytest.mark.parametrize(
    "main", ["Tiny.EPJ==1.0", "tiny_epj", "tiny-epj[extra]>=1", "./wheels/tiny_epj-1.0-py3-none-any.whl"]
)
def test_the_main_package_comes_first(tmp_path: Path, main: str) -> None:
    """However it is written, the first requirement leads; the others follow by name, whatever pip's order was."""
    path = report(tmp_path / "r", ("z", False, "1"), ("tiny", True, "2"), ("tiny-epj", True, "3"), ("A", False, "4"))
    installed = installation._read_report("tiny 1.0", path, main)
    assert [part.split()[0] for part in installed.parts] == ["tiny-epj", "A", "tiny", "z"]
    assert installed.parts[0] == "tiny-epj 1.0 sha256:3"
    digest = hashlib.sha256("\n".join(installed.parts).encode()).hexdigest()
    assert installed.digest == f"sha256:{digest}"


def test_one_part_without_a_digest_leaves_the_whole_without_one(tmp_path: Path) -> None:
    """Unknown bits are never covered by a digest that looks complete."""
    path = report(tmp_path / "r", ("tiny", True, "1"), ("z", False, ""))
    assert installation._read_report("tiny 1.0", path, "tiny").digest == ""


def test_an_empty_report_identifies_nothing(tmp_path: Path) -> None:
    """Nothing installed means no digest, not the digest of nothing."""
    assert installation._read_report("tiny 1.0", report(tmp_path / "r"), "tiny") == Installed(parts=(), digest="")


@pytest.mark.parametrize("text", [None, "", "{}", '{"version": "2", "install": []}'])
def test_a_report_that_cannot_be_read_is_an_error(tmp_path: Path, text: str | None) -> None:
    """A missing report, or one of a version that is not known, is never taken for an empty one."""
    if text is not None:
        (tmp_path / "r").write_text(text)
    with pytest.raises(EnvironmentDown, match="cannot be read"):
        installation._read_report("tiny 1.0", tmp_path / "r", "tiny")
