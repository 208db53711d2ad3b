"""A small FHIR R4 server in memory behind a real socket, and the clinic that works on it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest
from tests.drivers.dsl.reference_clinic import reference_clinic

from epjgate.drivers.dsl import Drug, Epj, Prescription
from epjgate.drivers.exact_json import decode, encode
from epjgate.drivers.fhir import FhirClient, Resource
from epjgate.evidence.recorder import Recorder
from epjgate.model.person import Person
from epjgate.model.target import Endpoint, Target
from epjgate.partners.client import Partners
from population.persons import person

if TYPE_CHECKING:
    from tests.drivers.conftest import Asked, Deed, StandIn


class FhirMemory:
    """Keeps `records` by `Type/id`, as a test may also put or spoil them by hand; versions count from 1."""

    def __init__(self) -> None:
        self.records: dict[str, Resource] = {}

    def answer(self, asked: Asked) -> Deed:
        """Create, read, update and search by `identifier`, `patient`, `status` and `category`."""
        url = urlsplit(asked.path)
        key = url.path.removeprefix("/fhir/")
        match asked.method:
            case "POST":
                return self._store(f"{key}/{len(self.records) + 1}", decode(asked.body), 201)
            case "PUT" if asked.headers.get("If-Match", self._etag(key)) != self._etag(key):
                return _say(412, {"resourceType": "OperationOutcome", "issue": [{"code": "conflict"}]})
            case "PUT":
                return self._store(key, decode(asked.body), 200)
            case _ if "/" not in key:
                return self._search(key, dict(parse_qsl(url.query)))
            case _ if key in self.records:
                return _say(200, self.records[key], {"ETag": self._etag(key)})
            case _:
                return _say(404, {"resourceType": "OperationOutcome", "issue": [{"code": "not-found"}]})

    def only(self, resource_type: str) -> Resource:
        """Return the one record of this type."""
        (record,) = [one for one in self.records.values() if one["resourceType"] == resource_type]
        return record

    def _store(self, key: str, record: Resource, status: int) -> Deed:
        version = int(self.records[key]["meta"]["versionId"]) + 1 if key in self.records else 1
        self.records[key] = {**record, "id": key.split("/")[1], "meta": {"versionId": str(version)}}
        return _say(status, self.records[key], {"ETag": self._etag(key)})

    def _etag(self, key: str) -> str:
        return f'W/"{self.records[key]["meta"]["versionId"]}"' if key in self.records else ""

    def _search(self, resource_type: str, params: dict[str, str]) -> Deed:
        found = [record for record in self.records.values() if record["resourceType"] == resource_type]
        if "identifier" in params:
            system, value = params["identifier"].split("|")
            wanted = (system, value)
            found = [one for one in found if wanted in {(i["system"], i["value"]) for i in one["identifier"]}]
        if "patient" in params:
            found = [one for one in found if one["subject"]["reference"] == f"Patient/{params['patient']}"]
        if "status" in params:
            found = [one for one in found if one["status"] == params["status"]]
        if "category" in params:
            code = params["category"].split("|")[1]
            found = [one for one in found if one["category"][0]["coding"][0]["code"] == code]
        entries = [{"resource": record} for record in found]
        return _say(200, {"resourceType": "Bundle", "type": "searchset", "entry": entries})


def _say(status: int, body: Any, headers: dict[str, str] | None = None) -> Deed:
    content = encode(body)
    return lambda handler: handler.say(status, content, headers)


@pytest.fixture
def memory(stand_in: StandIn) -> FhirMemory:
    """Return the memory behind the stand-in; deeds that a test plans still come first."""
    memory = FhirMemory()
    stand_in.otherwise = memory.answer
    return memory


@pytest.fixture
def target(stand_in: StandIn) -> Target:
    """Return a target that serves every capability over FHIR."""
    return Target(
        system="stand-in",
        release="1",
        environment="process",
        endpoints=(Endpoint(interface="fhir_r4", url=stand_in.url),),
        capabilities=dict.fromkeys(("patients", "encounters", "laboratory", "medication"), "fhir_r4"),
        timeout_s=2,
    )


@pytest.fixture
def epj(target: Target, recorder: Recorder, memory: FhirMemory) -> Iterator[Epj]:  # noqa: ARG001  (it must answer)
    """Return the clinic's words on the memory."""
    with Epj(target, recorder) as epj:
        yield epj


@pytest.fixture
def client(stand_in: StandIn, recorder: Recorder, memory: FhirMemory) -> Iterator[FhirClient]:  # noqa: ARG001  (as above)
    """Return a FHIR client on the memory."""
    with FhirClient(stand_in.url, recorder, timeout_s=2) as client:
        yield client


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Return the reference EPJ with everything around it, one for all tests."""
    with reference_clinic(tmp_path_factory.mktemp("reference")) as target:
        yield target


@pytest.fixture
def clinic(reference: Target, recorder: Recorder) -> Iterator[Epj]:
    """Return the clinic's words on the reference EPJ, with all receiving systems."""
    with Partners(reference.partners) as partners, Epj(reference, recorder, partners=partners) as clinic:
        yield clinic


_INDEX = itertools.count()


@pytest.fixture
def somebody() -> Callable[[], Person]:
    """Call it for a person whom no other test knows."""
    return lambda: person(3, next(_INDEX))


@pytest.fixture
def morning() -> datetime:
    """Return a moment in Danish winter time."""
    return datetime(2026, 3, 2, 8, 0, tzinfo=ZoneInfo("Europe/Copenhagen"))


@pytest.fixture
def amoxicillin(morning: datetime) -> Prescription:
    """Return one tablet of 500 mg three times a day, until further notice."""
    return Prescription(
        drug=Drug("J01CA04", "Amoxicillin"),
        strength_mg=Decimal(500),
        dose=Decimal(1),
        dose_unit="{tablet}",
        interval=timedelta(hours=8),
        start=morning,
        text="1 tablet tre gange daglig på tom mave",
    )
