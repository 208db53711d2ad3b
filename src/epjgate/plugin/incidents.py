"""Tests of past incidents: each lies in its incident's folder, and its record says what it needs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

SUITE = "incidents"


class IncidentModule(pytest.Module):
    """A test file of the suite of incidents; without a record beside it that can be read, it cannot be collected."""

    incident = ""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Return its tests, which need the record's capabilities and have its severity.

        Raises CollectError for a file outside an incident's folder and for a record that is missing or has a mistake.
        """
        from epjgate.errors import UsageError
        from epjgate.incidents.record import read_record

        try:
            incident = read_record(self.path.parent).incident
        except UsageError as err:
            raise self.CollectError(f"{err.problem}: {err.cause}") from err
        self.incident = incident.id
        self.add_marker(pytest.mark.needs(*incident.capabilities))
        self.add_marker(pytest.mark.severity(incident.severity.value))
        return super().collect()


def module_of(path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Return the module at `path` where it lies in the suite of incidents, None anywhere else."""
    if parent.config.rootpath / SUITE not in path.parents:
        return None
    module: IncidentModule = IncidentModule.from_parent(parent, path=path)
    return module


def incident_of(item: pytest.Item) -> str:
    """Return the incident that `item` is a test of, empty for any other test."""
    module = item.getparent(IncidentModule)
    return module.incident if module is not None else ""
