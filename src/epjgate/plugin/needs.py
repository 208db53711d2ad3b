"""What tests need: a name that nobody knows would leave a test out on every system, and is an error of its file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from epjgate.errors import UsageError
from epjgate.plugin.recording import RECORDING

_OF_TARGET: pytest.StashKey[frozenset[str]] = pytest.StashKey()
_OF_SYSTEMS: pytest.StashKey[frozenset[str]] = pytest.StashKey()


def needs_of(item: pytest.Item) -> tuple[str, ...]:
    """Return the names in the `needs` markers of `item`, in their order, each once."""
    return tuple(dict.fromkeys(str(name) for mark in item.iter_markers("needs") for name in mark.args))


def raise_if_unknown(made: object, collector: pytest.Collector) -> None:
    """Return where everything that was `made` of one function needs only what somebody knows.

    A name is known that a system's description has as a capability or an interface, whether the system has it or says
    why not, or that there are words for. Raises CollectError for any other: it would never be applicable to anything.
    """
    for item in made if isinstance(made, list) else [made]:
        if not isinstance(item, pytest.Item):
            continue
        unknown = [name for name in needs_of(item) if not _is_known(name, collector.config)]
        if unknown:
            raise collector.CollectError(
                f"{item.name} cannot be run: it needs {', '.join(map(repr, unknown))}, which no system's description "
                "knows and for which there are no words; correct the name in its `needs` marker, or describe it "
                "below [capabilities] or [absent] in a system.toml"
            )


def _is_known(name: str, config: pytest.Config) -> bool:
    """Ask the candidate first: the descriptions of all systems are read for a name that it does not have."""
    return any(name in names for names in _known_names(config))


def _known_names(config: pytest.Config) -> Iterator[frozenset[str]]:
    if _OF_TARGET not in config.stash:
        config.stash[_OF_TARGET] = frozenset(_of_target(config))
    yield config.stash[_OF_TARGET]
    if _OF_SYSTEMS not in config.stash:
        config.stash[_OF_SYSTEMS] = frozenset(_of_systems(config.rootpath))
    yield config.stash[_OF_SYSTEMS]
    from epjgate.drivers.dsl.serving import CAPABILITIES  # slow to import, and seldom needed here

    yield frozenset(CAPABILITIES)


def _of_target(config: pytest.Config) -> Iterator[str]:
    """Yield what the candidate of this session has and lacks; nothing where tests are only listed."""
    recording = config.stash.get(RECORDING, None)
    if recording is not None:
        target = recording.target
        yield from (*target.capabilities, *target.absent, *(endpoint.interface for endpoint in target.endpoints))


def _of_systems(root: Path) -> Iterator[str]:
    """Yield what the systems of the project have and lack; a description with a mistake is told where it is used."""
    for file in _descriptions(root):
        from epjgate.model.parsing import parse_toml
        from epjgate.model.system import System

        try:
            system = parse_toml(file.read_text(encoding="utf-8"), str(file), System)
        except (UsageError, OSError, UnicodeDecodeError):
            continue
        yield from (*system.capabilities, *system.interfaces, *system.absent)


def _descriptions(root: Path) -> Iterable[Path]:
    from epjgate.environments.catalogue import DESCRIPTION
    from epjgate.settings import load_settings

    try:
        settings = load_settings(root)
    except UsageError:
        return ()  # suites that lie in no project have the candidate's own description alone
    return sorted(settings.path(settings.systems).glob(f"*/{DESCRIPTION}"))
