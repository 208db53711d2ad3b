"""Which implementation serves a capability over which interface."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from epjgate.drivers.dsl.encounters import Encounters
from epjgate.drivers.dsl.fhir_encounters import FhirEncounters
from epjgate.drivers.dsl.fhir_laboratory import FhirLaboratory
from epjgate.drivers.dsl.fhir_medication import FhirMedication
from epjgate.drivers.dsl.fhir_patients import FhirPatients
from epjgate.drivers.dsl.laboratory import Laboratory
from epjgate.drivers.dsl.medication import Medication
from epjgate.drivers.dsl.patients import Patients
from epjgate.drivers.fhir import FhirClient
from epjgate.errors import CapabilityMissing, UsageError
from epjgate.evidence.recorder import Recorder
from epjgate.model.target import Target

FHIR_R4 = "fhir_r4"
Served = TypeVar("Served")


class Connections:
    """The interfaces of one target, each opened once and shared by the capabilities that it serves."""

    def __init__(self, target: Target, recorder: Recorder) -> None:
        self.target = target
        url = target.url(FHIR_R4)
        self._fhir_r4 = None if url is None else FhirClient(url, recorder, timeout_s=target.timeout_s)

    @property
    def fhir_r4(self) -> FhirClient:
        """The FHIR R4 server; UsageError where the target names no URL for it."""
        if self._fhir_r4 is None:
            raise _no_endpoint(self.target, FHIR_R4)
        return self._fhir_r4

    def close(self) -> None:
        """Close every connection."""
        if self._fhir_r4 is not None:
            self._fhir_r4.close()


# A further driver serves a capability by one more line in its table.
Table = Mapping[str, Callable[[Connections], Served]]
PATIENTS: Table[Patients] = {FHIR_R4: lambda connections: FhirPatients(connections.fhir_r4)}
ENCOUNTERS: Table[Encounters] = {FHIR_R4: lambda connections: FhirEncounters(connections.fhir_r4)}
LABORATORY: Table[Laboratory] = {FHIR_R4: lambda connections: FhirLaboratory(connections.fhir_r4)}
MEDICATION: Table[Medication] = {FHIR_R4: lambda connections: FhirMedication(connections.fhir_r4)}

CAPABILITIES: Mapping[str, Table[object]] = {
    "patients": PATIENTS,
    "encounters": ENCOUNTERS,
    "laboratory": LABORATORY,
    "medication": MEDICATION,
}


def serve(capability: str, table: Table[Served], connections: Connections) -> Served:
    """Return what serves `capability` on this target.

    Raises CapabilityMissing where the system does not have it, UsageError where it is said to have it and nothing
    here can ask for it: that is a mistake in the description, and never a reason to leave a test out.
    """
    target = connections.target
    interface = target.capabilities.get(capability)
    if interface is None:
        raise _missing(target, capability, capability)
    if interface in target.absent:
        raise _missing(target, capability, interface)
    if interface not in table:
        raise UsageError(
            f"{capability} of {target.system} cannot be tested",
            f"no driver serves {capability} over {interface}; known: {', '.join(sorted(table))}",
            f"correct capabilities.{capability} in the description of {target.system}, or write the driver",
        )
    return table[interface](connections)


def _missing(target: Target, capability: str, absent: str) -> CapabilityMissing:
    return CapabilityMissing(
        f"{target.system} does not have {capability}",
        target.absent.get(absent, "not declared"),
        f"declare {capability} in the description of {target.system} once it has it",
    )


def _no_endpoint(target: Target, interface: str) -> UsageError:
    return UsageError(
        f"{target.system} cannot be asked over {interface}",
        f"a capability is declared for {interface}, and no URL is known for it",
        f"describe interfaces.{interface} of {target.system}, or name it under absent",
    )
