"""What is done at a release to hear what it tells its partners: one fixed script in the clinic's words.

Two persons at least do whatever sends a message, one of them with everything that may be given and one with as little
as is allowed, so that it shows which members of a message are always there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NoReturn, TypeVar

from epjgate.drivers.dsl import (
    Charset,
    Drug,
    EncounterRef,
    Envelope,
    Epj,
    Investigation,
    InvestigationRef,
    LabResult,
    OrderRef,
    PatientRef,
    Prescription,
)
from epjgate.model.person import Address, Sex
from epjgate.surfaces.persons import ASTA, BO, INGER, VIGGO

MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
WARD, OTHER_WARD = "Medicinsk afsnit M1", "Kirurgisk afsnit K2"
_LATIN = Envelope(charset=Charset.LATIN_1)


Ref = TypeVar("Ref")


class NotBroughtForth(LookupError):
    """An earlier step did not bring forth what this one stands on."""


class Brought(dict[str, Ref]):
    """What earlier steps have brought forth; raises NotBroughtForth for what they have not."""

    def __missing__(self, name: str) -> NoReturn:
        raise NotBroughtForth(name)


UNKNOWN = ("unknown", "identified")
"""The names of those whom partners know by a replacement number."""


@dataclass
class Day:
    """What the script has brought forth by now, by a name of its own."""

    epj: Epj
    patients: Brought[PatientRef] = field(default_factory=Brought)
    stays: Brought[EncounterRef] = field(default_factory=Brought)
    orders: Brought[OrderRef] = field(default_factory=Brought)
    asked: Brought[InvestigationRef] = field(default_factory=Brought)


@dataclass(frozen=True)
class Step:
    """One thing that is done where the system has all capabilities that it `needs`."""

    title: str
    needs: tuple[str, ...]
    do: Callable[[Day], object]


def at(hours: float) -> datetime:
    """Return the moment so many hours after the morning on which the script begins."""
    return MORNING + timedelta(hours=hours)


def _register(day: Day) -> None:
    for person in (INGER, BO, ASTA):
        day.patients[person.cpr] = day.epj.register_patient_if_unknown(person)


def _register_unknown(day: Day) -> None:
    unknown = day.epj.register_unknown_patient(Sex.MALE, date(1980, 6, 15), "Ukendt mand")
    day.patients["unknown"] = unknown
    day.stays["unknown"] = day.epj.admit(unknown, at(1), OTHER_WARD)


def _move(day: Day) -> None:
    day.epj.change_address(day.patients[BO.cpr], Address("Torvet 1", "7100", "Vejle"))


def _admit(day: Day) -> None:
    for person, ward in ((INGER, WARD), (BO, OTHER_WARD)):
        day.stays[person.cpr] = day.epj.admit(day.patients[person.cpr], at(1), ward)


def _take_leave(day: Day) -> None:
    day.epj.send_on_leave(day.stays[INGER.cpr], at(26))
    day.epj.end_leave(day.stays[INGER.cpr])


def _discharge(day: Day) -> None:
    day.epj.discharge(day.stays[INGER.cpr], at(50), "DI109")
    day.epj.discharge(day.stays[BO.cpr], at(51))


def _strike_out(day: Day) -> None:
    day.epj.strike_out_encounter(day.epj.admit(day.patients[ASTA.cpr], at(2), WARD))


def _prescribe(day: Day) -> None:
    day.orders["limited"] = day.epj.prescribe(day.patients[INGER.cpr], _prescription("C07AB02", "Metoprolol", days=30))
    day.orders["lasting"] = day.epj.prescribe(day.patients[BO.cpr], _prescription("N02BE01", "Paracetamol"))


def _change_dose(day: Day) -> None:
    day.epj.change_dose(day.orders["limited"], Decimal(2), text="2 tabletter morgen")


def _pause(day: Day) -> None:
    day.epj.pause_medication(day.orders["lasting"])


def _resume(day: Day) -> None:
    day.epj.resume_medication(day.orders["lasting"])


def _renew(day: Day) -> None:
    day.orders["renewed"] = day.epj.renew(day.orders["limited"], at(24), at(24 * 60))


def _stop(day: Day) -> None:
    day.epj.stop_medication(day.orders["lasting"], at(48))


def _prescribe_set(day: Day) -> None:
    drugs = (("B01AC06", "Acetylsalicylsyre"), ("C10AA05", "Atorvastatin"))
    day.epj.prescribe_all(day.patients[BO.cpr], [_prescription(code, name) for code, name in drugs])


def _order_lab(day: Day) -> None:
    sodium = Investigation("P-Natrium", at(3), "NPU03429")
    day.asked["laboratory"] = day.epj.order_lab(day.patients[INGER.cpr], sodium)
    day.epj.order_lab(day.patients[BO.cpr], Investigation("Blodtype", at(3)))


def _order_imaging(day: Day) -> None:
    day.asked["imaging"] = day.epj.order_imaging(
        day.patients[INGER.cpr], Investigation("Røntgen af thorax", at(4), "UXRC00")
    )
    day.epj.order_imaging(day.patients[BO.cpr], Investigation("Ultralyd af abdomen", at(4)))


def _merge(day: Day) -> None:
    # Somebody new each time: who was merged on an earlier look at the same record cannot be merged again.
    day.patients["identified"] = day.epj.register_unknown_patient(Sex.FEMALE, date(1950, 6, 15), "Ukendt kvinde")
    day.epj.merge_patients(day.patients["identified"], day.patients[INGER.cpr])


def _result_in(day: Day) -> None:
    asked = day.asked.get("laboratory")
    full = LabResult(
        "NPU03429", "P-Natrium", Decimal(139), "mmol/L", at(5), Decimal(137), Decimal(145), "Prøven er målt"
    )
    day.epj.laboratory_sends_result(INGER, full, asked)
    day.epj.laboratory_sends_result(
        BO, LabResult("NPU02319", "B-Hæmoglobin", Decimal("8.4"), "mmol/L", at(5)), None, _LATIN
    )


def _text_in(day: Day) -> None:
    day.epj.laboratory_sends_text_answer(INGER, "Røntgen af thorax", "Ingen tegn på infiltrat.", at(6))


def _admitted_elsewhere(day: Day) -> None:
    day.epj.admission_system_admits(VIGGO, at(7), WARD)


def _corrected_elsewhere(day: Day) -> None:
    day.epj.admission_system_updates(VIGGO)


def _discharged_elsewhere(day: Day) -> None:
    day.epj.admission_system_discharges(VIGGO, at(9))


def _merged_elsewhere(day: Day) -> None:
    day.epj.admission_system_merges(VIGGO, BO)


def _prescription(code: str, name: str, *, days: int | None = None) -> Prescription:
    return Prescription(
        drug=Drug(code, name),
        strength_mg=Decimal(50),
        dose=Decimal(1),
        dose_unit="{tablet}",
        interval=timedelta(hours=12),
        start=at(2),
        text="1 tablet morgen og aften",
        end=None if days is None else at(2) + timedelta(days=days),
    )


SCRIPT = (
    Step("register patients", ("patients",), _register),
    Step("admit somebody unknown", ("replacement_cpr", "encounters"), _register_unknown),
    Step("admit two patients", ("encounters",), _admit),
    Step("change an address", ("patients",), _move),
    Step("prescribe, for a time and until further notice", ("medication",), _prescribe),
    Step("change a dose", ("medication",), _change_dose),
    Step("pause a medication", ("medication",), _pause),
    Step("resume a medication", ("medication",), _resume),
    Step("renew a prescription", ("medication_renewal",), _renew),
    Step("stop a medication", ("medication",), _stop),
    Step("prescribe an order set", ("order_sets",), _prescribe_set),
    Step("order from the laboratory", ("orders",), _order_lab),
    Step("order from imaging", ("orders",), _order_imaging),
    Step("take in results of the laboratory", ("laboratory_feed",), _result_in),
    Step("take in an answer in text", ("laboratory_feed",), _text_in),
    Step("take in an admission", ("admission_feed",), _admitted_elsewhere),
    Step("take in a correction", ("admission_feed",), _corrected_elsewhere),
    Step("take in a discharge", ("admission_feed",), _discharged_elsewhere),
    Step("take in a merge", ("admission_feed",), _merged_elsewhere),
    Step("send on leave and take back", ("encounters",), _take_leave),
    Step("discharge, with a diagnosis and without", ("encounters",), _discharge),
    Step("strike out a stay", ("encounters",), _strike_out),
    Step("merge two patients", ("replacement_cpr", "patient_merge"), _merge),
)
