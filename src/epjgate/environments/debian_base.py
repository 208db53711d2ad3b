"""Finds the image that others are built upon: a named one, an official one, or one made from Debian packages."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from docker import DockerClient
from docker.errors import DockerException, ImageNotFound

from epjgate.environments.engine import ENGINE_ERRORS, connected
from epjgate.environments.interface import EnvironmentDown, Listener
from epjgate.environments.readiness import tail, with_last_lines
from epjgate.model.events import EnvironmentCause, EnvironmentStage

OFFICIAL = "python:3.11-slim-bookworm"
FROM_PACKAGES = "epjgate/base:bookworm"

_RELEASE = "bookworm"
_PACKAGES = "python3,python3-venv,ca-certificates"
_REGISTRY_LIMIT_S = 10
_DEBOOTSTRAP_LIMIT_S = 900
_TAR_LIMIT_S = 300
# Lists and archives of packages that are installed already.
_LEFT_OUT = ("./var/cache/apt/archives/*.deb", "./var/cache/apt/*.bin", "./var/lib/apt/lists/*")


def find_base(engine: DockerClient, named: str | None, listener: Listener) -> str:
    """Return the id of the base image, `sha256:...`; what the engine holds already comes before what must be fetched.

    `named` is the only choice where it is given; it is pulled if need be. Otherwise the official image, else one made
    from Debian packages. Raises EnvironmentDown with stage `prepare` where none can be had.
    """
    if named is not None:
        return _held(engine, named) or _pulled(engine, named, listener)
    held = _held(engine, OFFICIAL) or _held(engine, FROM_PACKAGES)
    if held is not None:
        return held
    why_not = registry_silence(OFFICIAL)
    if why_not is None:
        return _pulled(engine, OFFICIAL, listener)
    listener.step(f"no registry offers {OFFICIAL}; making {FROM_PACKAGES} from Debian packages")
    missing = missing_for_debootstrap()
    if missing:
        raise _no_base(f"no registry offers {OFFICIAL} ({why_not}), and to make one there is {' and '.join(missing)}")
    return make_base(engine)


def registry_silence(reference: str) -> str | None:
    """Return None where a registry offers `reference`, else why not; it has 10 s for its answer."""
    try:
        with connected(limit_s=_REGISTRY_LIMIT_S) as engine:
            engine.images.get_registry_data(reference)
    except EnvironmentDown as err:
        return err.cause
    except ENGINE_ERRORS as err:
        return str(getattr(err, "explanation", None) or err)
    return None


def missing_for_debootstrap() -> tuple[str, ...]:
    """Return what this process lacks to make a base image from Debian packages, in words."""
    lacks = [] if os.geteuid() == 0 else ["no root"]
    return (*lacks, *(f"no {tool}" for tool in ("debootstrap", "unshare", "tar") if shutil.which(tool) is None))


def _held(engine: DockerClient, reference: str) -> str | None:
    try:
        return str(engine.images.get(reference).id)
    except ImageNotFound:
        return None


def _pulled(engine: DockerClient, reference: str, listener: Listener) -> str:
    listener.step(f"pulling {reference}")
    try:
        return str(engine.images.pull(reference).id)
    except DockerException as err:
        raise _no_base(f"{reference} could not be pulled: {err}") from err


def make_base(engine: DockerClient, reference: str = FROM_PACKAGES) -> str:
    """Make the image `reference` from Debian packages and return its id; this takes about a minute.

    It happens in a temporary folder, which is removed whatever happens. Raises EnvironmentDown with stage `prepare`.
    """
    with TemporaryDirectory(prefix="epjgate-base-") as folder:
        tree, archive, log = Path(folder, "root"), Path(folder, "root.tar"), Path(folder, "log")
        # In a mount namespace of its own, what it mounts below the folder can never outlive it there.
        bootstrap = ("debootstrap", "--variant=minbase", f"--include={_PACKAGES}", _RELEASE, str(tree))
        run(("unshare", "--mount", *bootstrap), log, _DEBOOTSTRAP_LIMIT_S)
        left_out = [f"--exclude={pattern}" for pattern in _LEFT_OUT]
        run(("tar", "--create", "--file", str(archive), "--directory", str(tree), *left_out, "."), log, _TAR_LIMIT_S)
        repository, _colon, tag = reference.rpartition(":")
        answer = engine.api.import_image_from_file(
            str(archive), repository=repository, tag=tag, changes=['CMD ["python3"]']
        )
    made = _held(engine, reference)
    if made is None:
        raise _no_base(f"the container engine did not take {reference}: {answer}")
    return made


def run(command: Sequence[str], log: Path, limit_s: float) -> None:
    """Run `command` to its end, its output added to `log`; raises EnvironmentDown when it fails.

    It and all that it started is killed when it takes longer than `limit_s`, or when this is interrupted.
    """
    with log.open("ab") as out, ThreadPoolExecutor(max_workers=1) as starter:
        # An interruption reaches the main thread only, so it cannot come between a start and its handle.
        starting = starter.submit(_start, command, out)
        try:
            code = starting.result().wait(limit_s)
        except subprocess.TimeoutExpired as err:
            raise _no_base(with_last_lines(f"{command[0]} took more than {limit_s:g} s", tail(log))) from err
        finally:
            _kill(starting.result())
    if code != 0:
        raise _no_base(with_last_lines(f"{' '.join(command)} ended with exit code {code}", tail(log)))


def _start(command: Sequence[str], out: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
    )


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _no_base(cause: str) -> EnvironmentDown:
    return EnvironmentDown(
        "there is no base image to build upon",
        cause,
        "name an image that the engine has or can pull (--base IMAGE), or run as root with debootstrap installed",
        stage=EnvironmentStage.PREPARE,
        root=EnvironmentCause.SET_UP,
    )
