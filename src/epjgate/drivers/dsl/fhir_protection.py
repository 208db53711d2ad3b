"""The capability `address_protection` on FHIR R4: dk-core marks a protected Patient with the security label R."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from epjgate.drivers import exact_json
from epjgate.drivers.dsl.fhir_patients import address_in
from epjgate.drivers.dsl.fhir_records import change, version_of
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirAnswer, FhirClient
from epjgate.drivers.fhir_values import Resource, text_at
from epjgate.errors import CandidateFault
from epjgate.model.person import Address

LABEL = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
# Answers of a way of asking that the user may not go, or that the system does not have: nothing is shown by it.
_NOT_SHOWN = (400, 401, 403, 404, 405, 410, 501)


class FhirAddressProtection:
    """Protection as a label of the Patient, looked for in every answer that could hold a Patient."""

    def __init__(self, client: FhirClient) -> None:
        self._client = client

    def protect(self, patient: PatientRef) -> None:
        """Add the label to those that the Patient has."""

        def label(record: Resource) -> None:
            meta = record.setdefault("meta", {})
            meta["security"] = [*meta.get("security", []), LABEL]

        change(self._client, "Patient", patient.id, label)

    def address_of(self, patient: PatientRef) -> Address | None:
        """Read the Patient."""
        return address_in(self._client.read("Patient", patient.id).expect(200).resource)

    def find_by_address(self, address: Address) -> list[PatientRef]:
        """Search by each part on its own: one that is not kept from the user is enough to find somebody."""
        parts = {
            "address": address.line,
            "address-postalcode": address.postal_code,
            "address-city": address.city,
        }
        found = [
            PatientRef(text_at(patient, "id"))
            for parameter, text in parts.items()
            for patient in self._client.search_all("Patient", {parameter: text, "_count": "200"})
        ]
        return list(dict.fromkeys(found))

    def where_shown(self, patient: PatientRef, address: Address) -> list[str]:
        """Ask in every way that can answer a Patient; an answer that is neither one nor a denial is a fault."""
        shown = []
        for way, ask in self._ways(patient, address).items():
            answer = ask()
            if answer.status != 200 and answer.status not in _NOT_SHOWN:
                raise CandidateFault(f"asked by {way}: {answer.describe()}")
            if address.line in _unescaped(answer):
                shown.append(way)
        return shown

    def _ways(self, patient: PatientRef, address: Address) -> Mapping[str, Callable[[], FhirAnswer]]:
        client, one = self._client, patient.id
        now = client.read("Patient", one)
        version = (now.status == 200 and version_of(now)) or "1"
        return {
            "reading": lambda: client.read("Patient", one),
            "reading this version": lambda: client.vread("Patient", one, version),
            "reading the first version": lambda: client.vread("Patient", one, "1"),
            "history": lambda: client.history("Patient", one),
            "searching by id": lambda: client.search("Patient", {"_id": one}),
            "searching by street": lambda: client.search("Patient", {"_id": one, "address": address.line}),
            "including the patient of a stay": lambda: client.search(
                "Encounter", {"patient": one, "_include": "Encounter:subject"}
            ),
            "reading in a batch": lambda: client.transaction(_bundle("batch", one)),
            "reading in a transaction": lambda: client.transaction(_bundle("transaction", one)),
        }


def _bundle(kind: str, patient_id: str) -> Resource:
    request = {"method": "GET", "url": f"Patient/{patient_id}"}
    return {"resourceType": "Bundle", "type": kind, "entry": [{"request": request}]}


def _unescaped(answer: FhirAnswer) -> str:
    return exact_json.encode(answer.json()).decode("utf-8") if answer.content else ""
