"""The fixtures that every suite can ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from epjgate.evidence.digests import text_digest
from epjgate.evidence.recorder import Recorder
from epjgate.model.target import Target
from epjgate.plugin.attempt import missing
from epjgate.plugin.recording import RECORDING

if TYPE_CHECKING:
    from epjgate.drivers.dsl import Epj
    from epjgate.drivers.fhir import FhirClient


@pytest.fixture(scope="session")
def target(pytestconfig: pytest.Config) -> Target:
    """Return where the candidate is, and what it can do."""
    return pytestconfig.stash[RECORDING].target


@pytest.fixture(scope="session")
def recorder(pytestconfig: pytest.Config) -> Recorder:
    """Return the recorder of this test's exchanges."""
    return pytestconfig.stash[RECORDING].recorder


@pytest.fixture(scope="session")
def fhir(target: Target, recorder: Recorder) -> Iterator[FhirClient]:
    """Give a FHIR R4 client, one for all tests; a test is not applicable to a system without that interface."""
    from epjgate.drivers.fhir import FhirClient

    url = target.url("fhir_r4")
    if url is None:
        raise missing("fhir_r4", target)
    with FhirClient(url, recorder, timeout_s=target.timeout_s) as client:
        yield client


@pytest.fixture(scope="session")
def epj(target: Target, recorder: Recorder) -> Iterator[Epj]:
    """Give the record system in the clinic's words, one for all tests."""
    from epjgate.drivers.dsl import Epj

    with Epj(target, recorder) as clinic:
        yield clinic


@pytest.fixture
def clinic_seed(request: pytest.FixtureRequest, target: Target) -> int:
    """Return a number of 32 bits that is this test's own in this run: the same for the same seed and node id."""
    return int(text_digest(str(target.seed), request.node.nodeid)[7:15], 16)
