"""The set-up script: what it refuses, what it leaves alone, and how it becomes the job."""

from __future__ import annotations

import os
import runpy
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
# Stands for a program of the environment: shows how it was called, and that the script's process has become it.
JOB = '#!/bin/sh\necho "$0 $*"\n'
# A job that ends in its own way when it is told to. It looks up often: a signal may come just before it rests.
PATIENT_JOB = """#!{python}
import signal, sys, time
signal.signal({number}, lambda *_: sys.exit(42))
print("ready", flush=True)
while True:
    time.sleep(0.05)
"""
# Python itself, as it comes without the packages that Debian keeps apart.
WITHOUT = """
import runpy, sys
sys.modules[{module!r}] = None
sys.argv = ["bootstrap.py", "demo"]
runpy.run_path({script!r}, run_name="__main__")
"""


@pytest.fixture
def checkout(tmp_path: Path, repo: Path) -> Path:
    """As much of a checkout as the script looks at."""
    (tmp_path / "ci").mkdir()
    for name in ("ci/bootstrap.py", "ci/constraints.txt", "pyproject.toml"):
        shutil.copy(repo / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def bootstrap(checkout: Path) -> Run:
    """Call it with arguments to run the script; no program is found on PATH, so that nothing can be installed."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, checkout / "ci/bootstrap.py", *arguments],
            env={**os.environ, "PATH": str(checkout)},
            text=True,
            capture_output=True,
            check=False,
        )

    return run


@pytest.fixture
def environment(checkout: Path) -> Path:
    """An environment that is up to date, but has no pip: calling it would be an error. Holds both jobs' programs."""
    script = runpy.run_path(str(checkout / "ci/bootstrap.py"), run_name="bootstrap")
    programs = checkout / ".venv/bin"
    programs.mkdir(parents=True)
    for name in ("python", "tox"):
        (programs / name).write_text(JOB, encoding="utf-8")
        (programs / name).chmod(0o755)
    stamp = [script["digest_of_what_decides"](), *(" ".join(arguments) for arguments in script["JOBS"]["test"])]
    script["STAMP"].write_text("".join(f"{line}\n" for line in stamp), encoding="utf-8")
    return programs


@pytest.mark.parametrize("arguments", [(), ("deploy",), ("--help",)])
def test_without_a_job_it_says_how_to_call_it(arguments: tuple[str, ...], bootstrap: Run, checkout: Path) -> None:
    """It exits 2, shows both commands and makes nothing."""
    done = bootstrap(*arguments)
    assert done.returncode == 2
    assert "bootstrap.py demo" in done.stderr
    assert "bootstrap.py test" in done.stderr
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize(
    ("job", "called"),
    [
        ("demo", "python ci/demo.py -n 2"),
        ("test", "tox -n 2"),
    ],
)
def test_a_second_call_starts_the_job_at_once(job: str, called: str, bootstrap: Run, environment: Path) -> None:
    """With the environment up to date no pip is called; further arguments reach the job."""
    done = bootstrap(job, "-n", "2")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{environment}/{called}\n", "")


def test_the_exit_code_is_the_jobs(bootstrap: Run, environment: Path) -> None:
    """The exit code of the job comes through as it is."""
    (environment / "python").write_text("#!/bin/sh\nexit 10\n", encoding="utf-8")
    assert bootstrap("demo").returncode == 10


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_reaches_the_job(number: signal.Signals, checkout: Path, environment: Path) -> None:
    """The job hears the signal that is sent to the script, and takes its time to clean up."""
    (environment / "python").write_text(PATIENT_JOB.format(python=sys.executable, number=int(number)), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, checkout / "ci/bootstrap.py", "demo"], stdout=subprocess.PIPE, text=True
    ) as job:
        try:
            assert job.stdout is not None
            assert job.stdout.readline() == "ready\n"
            job.send_signal(number)
            assert job.wait(timeout=60) == 42
        finally:
            job.kill()


def test_a_changed_lock_makes_the_environment_anew(bootstrap: Run, environment: Path, checkout: Path) -> None:
    """The old environment is gone, and the job of the old one was not started, when the new one cannot be made."""
    (checkout / "ci/constraints.txt").write_text("no such requirement ==\n", encoding="utf-8")
    done = bootstrap("demo")
    assert done.returncode == 2
    assert "why: " in done.stderr
    assert "no verdict was reached" in done.stderr
    assert not (environment / "tox").exists()


def test_an_environment_of_somebody_else_is_left_alone(bootstrap: Run, checkout: Path) -> None:
    """A .venv that the script did not make is neither used nor removed."""
    theirs = checkout / ".venv/theirs.txt"
    theirs.parent.mkdir()
    theirs.write_text("kept", encoding="utf-8")
    done = bootstrap("demo")
    assert done.returncode == 2
    assert "not made by this script" in done.stderr
    assert theirs.read_text(encoding="utf-8") == "kept"


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_that_cannot_make_environments_is_told_so(module: str, checkout: Path) -> None:
    """Where the module is missing and cannot be installed: what, why, what to do; exit code 2."""
    program = WITHOUT.format(module=module, script=str(checkout / "ci/bootstrap.py"))
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PATH": str(checkout)},
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"comes without {module}\n" in done.stderr
    assert "fix: on Debian or Ubuntu, as root: apt-get" in done.stderr
    assert not (checkout / ".venv").exists()


def test_an_old_python_is_told_so(checkout: Path) -> None:
    """Python 3.10 is refused in words, 3.11 is taken."""
    script = runpy.run_path(str(checkout / "ci/bootstrap.py"), run_name="bootstrap")
    with pytest.raises(script["SetUpFailed"], match=r"needs 3\.11 or newer"):
        script["require_python"]((3, 10))
    script["require_python"]((3, 11))
