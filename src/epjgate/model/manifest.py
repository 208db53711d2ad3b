"""What a run set out to do, written before anything starts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from epjgate.model.base import Value

BUNDLE_SCHEMA = "epjgate/bundle/1"


class DigestKind(StrEnum):
    """What a digest is taken of."""

    IMAGE = "image"
    PACKAGES = "packages"
    DECLARED = "declared"
    NONE = "none"


class Identity(Value):
    """Which bits one service of the candidate ran.

    `digest` is `sha256:` and 64 hex digits, or empty where none could be had. A digest of kind `declared` was told to
    the gate, not seen by it. `parts` lists what the digest covers, one `name version sha256:...` or image name a line.
    """

    service: str
    reference: str
    digest: str
    kind: DigestKind
    parts: tuple[str, ...] = ()


class SuitePlan(Value):
    """A suite that the run is to execute; `digest` covers every file below its folder."""

    name: str
    title: str
    digest: str


class Manifest(Value):
    """What a run set out to do; the digests cover suites, fixtures and contracts, policy and floors."""

    schema_version: str = BUNDLE_SCHEMA
    run_id: str
    epjgate_version: str
    system: str
    candidate: str
    baseline: str
    environment: str
    suites: tuple[SuitePlan, ...]
    suite_revision: str
    policy_digest: str
    seed: int
    workers: int
    started_at: datetime
    host: str
    python: str
