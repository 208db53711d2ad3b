"""The fixtures that every suite can ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from epjgate.errors import CandidateFault
from epjgate.evidence.digests import text_digest
from epjgate.evidence.recorder import Recorder
from epjgate.model.target import EARLIER_RELEASE, Target
from epjgate.plugin.attempt import missing
from epjgate.plugin.occasions import own_name
from epjgate.plugin.recording import RECORDING
from epjgate.plugin.rules import book_of

if TYPE_CHECKING:
    from epjgate.contracts.checks import Document
    from epjgate.drivers.dsl import Epj
    from epjgate.drivers.fhir import FhirClient
    from epjgate.partners.client import Partners

ALL_RIGHTS = "integration"
"""The role that a system gives to whoever may do everything."""


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
    """Give a FHIR R4 client, one for all tests; a test is not applicable to a system without that interface.

    Where users sign in, it is the one who may do everything: a contract suite pins the protocol, not the rights.
    """
    from epjgate.drivers.fhir import FhirClient

    url = target.url("fhir_r4")
    if url is None:
        raise missing("fhir_r4", target)
    token = _token_of_all_rights(target) if target.users else None
    with FhirClient(url, recorder, timeout_s=target.timeout_s, token=token, alterations=target.alterations) as client:
        yield client


@pytest.fixture(scope="session")
def epj(target: Target, recorder: Recorder) -> Iterator[Epj]:
    """Give the record system in the clinic's words, one for all tests."""
    from epjgate.drivers.dsl import Epj

    with ExitStack() as stack:
        partners = stack.enter_context(_partners(target.partners, recorder)) if target.partners else None
        yield stack.enter_context(Epj(target, recorder, partners=partners))


@pytest.fixture(scope="session")
def earlier_target(target: Target) -> Target:
    """Return where the release before the candidate is, which works on the candidate's database.

    A test is not applicable where there is none, and the candidate's database is at fault where it does not stand.
    """
    if target.earlier is None:
        raise missing(EARLIER_RELEASE, target)
    if target.earlier.fault:
        raise CandidateFault(
            f"{target.system} {target.earlier.release} does not come up on the database that {target.release} has "
            f"migrated: {target.earlier.fault}"
        )
    return target.at_earlier(target.earlier)


@pytest.fixture(scope="session")
def earlier_epj(earlier_target: Target, recorder: Recorder) -> Iterator[Epj]:
    """Give the release before the candidate, on the candidate's database, in the clinic's words."""
    from epjgate.drivers.dsl import Epj

    with ExitStack() as stack:
        control_url = earlier_target.partners
        partners = stack.enter_context(_partners(control_url, recorder)) if control_url else None
        yield stack.enter_context(Epj(earlier_target, recorder, partners=partners))


@pytest.fixture(scope="session")
def violations(pytestconfig: pytest.Config) -> Callable[[str, Document], list[str]]:
    """Call it with a rule's id and a document for what in the document breaks the rule, in words.

    Every check was tried on its canaries first; one that cannot be believed is the harness's fault, and says nothing.
    """
    from epjgate.contracts.canaries import try_checks
    from epjgate.contracts.checks import violations as found
    from epjgate.errors import SuitesFailed
    from epjgate.settings import load_settings

    settings = load_settings(pytestconfig.rootpath)
    canaries = try_checks(settings.path(settings.contracts), book_of(pytestconfig))

    def ask(rule: str, document: Document) -> list[str]:
        if rule in canaries.unfit:
            raise SuitesFailed(f"the check of {rule} is unfit", canaries.unfit[rule], "mend the check or its canary")
        return found(rule, document)

    return ask


@pytest.fixture
def clinic_seed(request: pytest.FixtureRequest, target: Target) -> int:
    """Return a number of 32 bits that is this test's own in this run: the same for the same seed and node id."""
    return int(text_digest(str(target.seed), own_name(request.node))[7:15], 16)


@pytest.fixture(scope="session")
def session_seed(pytestconfig: pytest.Config, target: Target) -> int:
    """Return a number of 32 bits that no other session on the same candidate has, the same for the same seed.

    What several tests share belongs to persons of this number: other workers of the run, and the sessions that
    measure the suites side by side, make their own.
    """
    return int(text_digest(str(target.seed), pytestconfig.stash[RECORDING].worker)[7:15], 16)


def _token_of_all_rights(target: Target) -> str:
    from epjgate.drivers.dsl.words.base import token_of

    return token_of(target, ALL_RIGHTS)


def _partners(control_url: str, recorder: Recorder) -> Partners:
    from epjgate.partners.client import Partners

    return Partners(control_url, recorder)
