"""A train of three builds of the tiny system, the incidents that meet them, and the matrix that is right for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.conftest import SYSTEM
from tests.incidents.conftest import NOW, SEEN

from epjgate.incidents.matrix import Catalogue
from epjgate.incidents.record import Record, read_record
from epjgate.model.matrix import Matrix, Repetition, Row, SeenRed
from epjgate.model.parsing import parse_toml
from epjgate.model.system import System
from epjgate.model.train import Build, Train

if TYPE_CHECKING:
    from tests.incidents.conftest import Suites

RED = SeenRed(fingerprints=(SEEN,), message="the desk says yes")
TRAIN = Train(
    schema_version="epjgate/train/1",
    build=(
        Build(version="1.0.1", change="first"),
        Build(version="1.0.2", change="a fault", enters=("INC-0001",)),
        Build(version="1.1.3", change="mended", leaves=("INC-0001",)),
    ),
)


def make_catalogue(suites: Suites) -> Catalogue:
    """Return three incidents: the first is the train's, the second another system's, the third does not apply."""
    other = {"system": '"other"', "known_bad": '"1"', "fixed_in": '"2"', "fingerprint": '"00000000"'}
    folders = (
        suites.record(fingerprint=f'"{SEEN}"'),
        suites.record("INC-0002_another_desk", id='"INC-0002"', **other),
        suites.record("INC-0003_surgery", id='"INC-0003"', capabilities='["patients", "surgery"]', **other),
    )
    records = tuple(read_record(folder) for folder in folders)
    return Catalogue(
        system=parse_toml(SYSTEM, "system.toml", System),
        train=TRAIN,
        records=records,
        words="sha256:w",
        tests={record.incident.id: f"sha256:{number}" for number, record in enumerate(records)},
        sources={version: f"sha256:{version}" for version in TRAIN.versions},
    )


def row(version: str, **changes: Any) -> Row:
    """Return what the build `version` must show; `changes` replace what they name."""
    faulty = version == "1.0.2"
    fields: dict[str, Any] = {
        "source": f"sha256:{version}",
        "at": NOW,
        "red": {"INC-0001": RED} if faulty else {},
        "not_applicable": ("INC-0003",),
        "green": ("INC-0002",) if faulty else ("INC-0001", "INC-0002"),
    }
    return Row(**fields | changes)


def make_matrix(catalogue: Catalogue, **changes: Any) -> Matrix:
    """Return the matrix that is right for `catalogue`; `changes` replace what they name."""
    fields: dict[str, Any] = {
        "system": "tiny",
        "environment": "process",
        "words": catalogue.words,
        "tests": dict(catalogue.tests),
        "repeated": Repetition(build="1.1.3", source="sha256:1.1.3", at=NOW, runs=20),
        "builds": {version: row(version) for version in TRAIN.versions},
    }
    return Matrix(**fields | changes)


def fingerprinted(record: Record, *fingerprints: str) -> Record:
    """Return `record` with other fingerprints."""
    return replace(record, incident=record.incident.model_copy(update={"fingerprint": fingerprints}))
