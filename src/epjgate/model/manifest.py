"""What a run set out to do, written before anything starts."""

from __future__ import annotations

from datetime import datetime

from epjgate.model.base import Value
from epjgate.model.proof import ProofStanding
from epjgate.model.rehearsal import RehearsalPlan
from epjgate.model.sensitivity import StoredSensitivity

BUNDLE_SCHEMA = "epjgate/bundle/1"


class SuitePlan(Value):
    """A suite that the run is to execute; `digest` covers every file below its folder."""

    name: str
    title: str
    digest: str


class IncidentPlan(Value):
    """A past incident whose tests are part of the run, in both languages of the reports, and how it stands proven.

    It is kept in the manifest so that a bundle is judged and told anywhere without the checkout it came from.
    """

    id: str
    title: str
    title_da: str
    hazard: str
    hazard_da: str
    kind: str
    proof: ProofStanding


class Manifest(Value):
    """What a run set out to do; the digests cover suites, fixtures and contracts, policy and floors.

    `sensitivity` is the last accepted measurement of the suites, None where there is none: it is judged offline too.
    `rehearsal` is the plan of an upgrade that is rehearsed, None for a run that gates a candidate as it stands; then
    `baseline` is the release that is upgraded, and `candidate` the one that it is upgraded to.
    """

    schema_version: str = BUNDLE_SCHEMA
    run_id: str
    epjgate_version: str
    system: str
    candidate: str
    baseline: str
    environment: str
    suites: tuple[SuitePlan, ...]
    incidents: tuple[IncidentPlan, ...] = ()
    sensitivity: StoredSensitivity | None = None
    rehearsal: RehearsalPlan | None = None
    suite_revision: str
    policy_digest: str
    seed: int
    workers: int
    started_at: datetime
    host: str
    python: str
