"""Assembles the source code of one build: the head that lies in its folder, with the variations that it carries."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp

from filelock import FileLock, Timeout

from epjgate.environments.interface import EnvironmentDown
from epjgate.errors import UsageError
from epjgate.evidence.digests import content_of, text_digest
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.parsing import Model, parse_toml
from epjgate.model.train import Train
from epjgate.model.variation import Variation, VariationMisfit

BUILDS = "builds.toml"
VARIATIONS = "variations"

_ABOUT_THE_TREE = frozenset({BUILDS, VARIATIONS, "README.md"})
_VERSION_FILE = "*/_version.py"
_VERSION_LINE = re.compile(rb'^VERSION = "[^"]*"$', re.MULTILINE)
_LIMIT_S = 60


@dataclass(frozen=True)
class Assembled:
    """The source code of one build: its folder, and `sha256:...` over the names and contents of all files in it."""

    folder: Path
    digest: str


def assemble(tree: Path, version: str, cache: Path) -> Assembled:
    """Return build `version` of the train in the folder `tree`, kept below `cache`.

    It is assembled each time, and what the cache holds is compared with it, byte by byte: a file that was changed
    since is not run. Raises EnvironmentDown with stage `prepare` where it cannot be assembled or kept.
    """
    files = assembled_files(tree, version)
    digest = files_digest(files)
    folder = cache.resolve() / "sources" / f"{tree.name}-{version}-{digest.removeprefix('sha256:')[:12]}"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f"{folder.name}.lock"), timeout=_LIMIT_S):
            if _content(folder) != files:
                _keep(folder, files)
    except Timeout as err:
        raise _failed(tree, version, f"another run has been writing it for {_LIMIT_S} s", "run again") from err
    except OSError as err:
        fix = f"make {cache} writable, with room on its disk"
        raise _failed(tree, version, f"it cannot be kept in the cache: {err}", fix) from err
    return Assembled(folder, digest)


def assembled_files(tree: Path, version: str) -> dict[str, bytes]:
    """Return the files (path -> content) of build `version` of the train in the folder `tree`.

    They are the head with everything that the build carries, in the order of `Train.variations_of`, and the build's own
    version in `_version.py` of its package. Raises EnvironmentDown with stage `prepare` where that cannot be had.
    """
    try:
        train = read_train(tree / BUILDS)
        names = train.variations_of(version)
    except UsageError as err:
        raise _failed(tree, version, str(err.cause), err.fix) from err
    except KeyError as err:
        raise _failed(tree, version, f"{BUILDS} has no such build", "choose one of its builds") from err
    with _told(tree, version):
        files = head_of(tree)
    for name in names:
        with _told(tree, version, name):
            files = read_variation(tree, name).applied_to(files)
    with _told(tree, version):
        return _stamped(files, version)


def head_of(tree: Path) -> dict[str, bytes]:
    """Return every file of the head in `tree`, by its path; raises OSError where one cannot be read."""
    paths = ((path, path.relative_to(tree)) for path in content_of(tree))
    return {name.as_posix(): path.read_bytes() for path, name in paths if name.parts[0] not in _ABOUT_THE_TREE}


def read_train(path: Path) -> Train:
    """Return the train that a builds.toml describes; raises UsageError for one that is missing or wrong.

    It is wrong, too, if it names a variation that does not lie in `variations` beside it.
    """
    train = _read(path, Train)
    missing = sorted(name for name in train.variations() if not _file_of(path.parent, name).is_file())
    if missing:
        raise UsageError(
            f"{path} is not valid",
            f"it names {', '.join(missing)}, and {path.parent / VARIATIONS} holds no file of that name",
            f"write {_file_of(path.parent, missing[0])}, or correct enters, leaves and arrives",
        )
    return train


def read_variation(tree: Path, name: str) -> Variation:
    """Return the variation `name` of the train in `tree`; raises UsageError for one that is missing or wrong."""
    return _read(_file_of(tree, name), Variation)


def files_digest(files: Mapping[str, bytes]) -> str:
    """Return the digest of `files` that `tree_digest` gives for a folder that holds just them."""
    ordered = sorted(files, key=PurePosixPath)
    return text_digest(*(f"{name} sha256:{hashlib.sha256(files[name]).hexdigest()}" for name in ordered))


def _file_of(tree: Path, name: str) -> Path:
    return tree / VARIATIONS / f"{name}.toml"


def _read(path: Path, model: type[Model]) -> Model:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise UsageError(f"{path} cannot be read", str(err), "make it a readable file in UTF-8") from err
    return parse_toml(text, str(path), model)


def _stamped(files: Mapping[str, bytes], version: str) -> dict[str, bytes]:
    """Return `files` with `version` in the one `_version.py` of a package, as it is written there by hand."""
    found = [name for name in files if PurePosixPath(name).match(_VERSION_FILE) and name.count("/") == 1]
    if len(found) != 1:
        raise VariationMisfit(_VERSION_FILE, f"one such file must hold the version, and there are {len(found)}")
    stamped, count = _VERSION_LINE.subn(f'VERSION = "{version}"'.encode(), files[found[0]])
    if count != 1:
        raise VariationMisfit(found[0], f'one line must read VERSION = "...", and {count} do')
    return {**files, found[0]: stamped}


def _content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in content_of(folder)}


def _keep(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write `files` so that `folder` is either whole or not there; what it held before is gone, compiled files too."""
    half = Path(mkdtemp(prefix=".half-", dir=folder.parent))
    try:
        for name, content in files.items():
            path = half / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if folder.exists():
            shutil.rmtree(folder)
        half.chmod(0o755)
        half.rename(folder)
    finally:
        shutil.rmtree(half, ignore_errors=True)


@contextmanager
def _told(tree: Path, version: str, variation: str = "") -> Iterator[None]:
    """Tell what goes wrong with the files, or with the one variation."""
    where = f"{_file_of(tree, variation)}: " if variation else ""
    try:
        yield
    except VariationMisfit as err:
        fix = "write its text as the head has it now" if variation else "give the head one such line in one such file"
        raise _failed(tree, version, f"{where}{err}", fix) from err
    except UsageError as err:
        raise _failed(tree, version, f"{err.problem}: {err.cause}", err.fix) from err
    except OSError as err:
        raise _failed(tree, version, f"{where}{err}", "make its files readable") from err


def _failed(tree: Path, version: str, cause: str, fix: str) -> EnvironmentDown:
    return EnvironmentDown(
        f"build {version} of {tree} cannot be assembled",
        cause,
        fix,
        stage=EnvironmentStage.PREPARE,
        root=EnvironmentCause.SET_UP,
    )
