"""From a fresh clone to the main job, or to all tests, with nothing but Python 3.11 and its standard library.

    python3 ci/bootstrap.py demo [arguments of ci/demo.py]
    python3 ci/bootstrap.py test [arguments of tox]

Makes `.venv` in the checkout where it is missing, incomplete or out of date, by that environment's own pip, which obeys
the site's configuration. The Python that runs this file gets nothing installed. Then this process becomes the job: its
signals and its exit code are the job's own. Exit code 2: the set-up could not be done, and nothing was started.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "epjgate-set-up.txt"
LOCK = ROOT / "ci" / "constraints.txt"
DECIDES = (ROOT / "pyproject.toml", LOCK, Path(__file__).resolve())

EPJGATE = ("--editable", ".")
JOBS = {
    "demo": (EPJGATE,),
    "test": (EPJGATE, ("tox",)),
}
COMMANDS = {
    "demo": ("python", "ci/demo.py"),
    "test": ("tox",),
}
# What would make pip look at, or write to, another environment than `.venv`.
MISLEADING = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_USER")

USAGE_ERROR = 2
INTERRUPTED = 130


class SetUpFailed(Exception):
    """What could not be set up, why, and what to do about it."""

    def __init__(self, problem: str, cause: str, fix: str) -> None:
        super().__init__(f"{problem}\n  why: {cause}\n  fix: {fix}")


def main(arguments: list[str]) -> int:
    """Set up what the job needs and become it; returns an exit code only where that was not possible."""
    if not arguments or arguments[0] not in JOBS:
        print(__doc__, file=sys.stderr)
        return USAGE_ERROR
    job = arguments[0]
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        require_python(sys.version_info[:2])
        set_up(JOBS[job])
        program, *given = (*COMMANDS[job], *arguments[1:])
        become(VENV / "bin" / program, given)
    except SetUpFailed as err:
        print(f"bootstrap: {err}\nnothing was started, and no verdict was reached", file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:
        print(
            "bootstrap: interrupted while setting up; nothing was started, and the next call mends it", file=sys.stderr
        )
        return INTERRUPTED


def set_up(wanted: tuple[tuple[str, ...], ...]) -> None:
    """Make sure that `.venv` holds `wanted`, each as arguments of pip install; calls no pip where it does already.

    The stamp holds the digest of what decides and a line for all that is installed; it is written when that is done.
    """
    digest = digest_of_what_decides()
    stamp = STAMP.read_text(encoding="utf-8").splitlines() if STAMP.is_file() else []
    if stamp[:1] != [digest]:
        make_environment()
        stamp = [digest]
    for arguments in wanted:
        if " ".join(arguments) not in stamp:
            install(arguments)
            stamp.append(" ".join(arguments))
            STAMP.write_text("".join(f"{line}\n" for line in stamp), encoding="utf-8")


def digest_of_what_decides() -> str:
    """Return one digest over every file, and the Python, that an up-to-date environment depends on."""
    files = "".join(hashlib.sha256(path.read_bytes()).hexdigest() for path in DECIDES)
    return hashlib.sha256(f"{files} {ROOT} {sys.version} {os.path.realpath(sys.executable)}".encode()).hexdigest()


def make_environment() -> None:
    """Make an empty `.venv`; one that this file did not make is never touched."""
    if VENV.exists() and not STAMP.is_file():
        raise SetUpFailed(
            f"{VENV} cannot be used",
            "it was not made by this script, so the script will not change or remove it",
            "move it away, or work in it by hand: pip install --editable . (CONTRIBUTING.md)",
        )
    require_venv_module()
    print(f"bootstrap: making {VENV}", file=sys.stderr, flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir()
    STAMP.write_text("incomplete\n", encoding="utf-8")
    run((sys.executable, "-m", "venv", str(VENV)), "the environment could not be made", "see the lines above")


def install(arguments: tuple[str, ...]) -> None:
    """Install what `arguments` say by the pip of `.venv`, at the versions of the lock."""
    print(f"bootstrap: installing {arguments[-1]} into {VENV}", file=sys.stderr, flush=True)
    pip = (str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input")
    run(
        (*pip, "--constraint", str(LOCK), *arguments),
        "the packages could not be installed",
        "see pip's lines above; pip config list shows the index, proxy and certificates that it uses",
    )


def require_python(version: tuple[int, ...]) -> None:
    """Return for a Python that the gate runs on."""
    if version < (3, 11):
        raise SetUpFailed(
            "this Python is too old",
            f"epjgate needs 3.11 or newer; {sys.executable} is {'.'.join(map(str, version))}",
            "call this script with a newer one, for example python3.11",
        )


def require_venv_module() -> None:
    """Return where environments can be made; Debian keeps that part of Python in a package of its own."""
    missing = missing_modules()
    if missing and can_install_debian_packages():
        print("bootstrap: python3-venv is missing; installing it: apt-get install python3-venv", file=sys.stderr)
        why, fix = "python3-venv could not be installed", "see apt-get's lines above"
        run(("apt-get", "update"), why, fix)
        run(("apt-get", "install", "-y", "python3-venv"), why, fix)
        importlib.invalidate_caches()
        missing = missing_modules()
    if missing:
        raise SetUpFailed(
            "no environment can be made",
            f"{sys.executable} comes without {' and '.join(missing)}",
            "on Debian or Ubuntu, as root: apt-get update && apt-get install python3-venv; then call this again",
        )


def missing_modules() -> list[str]:
    """Return the modules that making an environment takes and this Python lacks."""
    return [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]


def can_install_debian_packages() -> bool:
    """Whether this is root on Debian, with Debian's own Python: its packages would mend no other one."""
    is_debians_own = Path(os.path.realpath(sys.executable)).parent == Path("/usr/bin")
    return is_debians_own and os.geteuid() == 0 and shutil.which("apt-get") is not None


def run(command: tuple[str, ...], problem: str, fix: str) -> None:
    """Run one step of the set-up to its end; interrupted, it ends the step and waits for it."""
    env = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    try:
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, env=env) as process:
            try:
                code = process.wait()
            except KeyboardInterrupt:
                process.terminate()
                raise
    except OSError as err:
        raise SetUpFailed(problem, f"{command[0]} could not be started: {err}", fix) from err
    if code != 0:
        raise SetUpFailed(problem, f"{' '.join(command)} ended with exit code {code}", fix)


def become(program: Path, arguments: list[str]) -> NoReturn:
    """Put `program` in this process's place, in the root of the checkout."""
    os.chdir(ROOT)
    try:
        os.execv(program, [str(program), *arguments])  # noqa: S606 - no shell is what is wanted
    except OSError as err:
        raise SetUpFailed(
            f"{program.name} could not be started", f"{program}: {err}", f"remove {VENV} and call this again"
        ) from err


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
