"""A whole shift can read the downtime copy at the same moment (INC-0010)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from epjgate.drivers.dsl import Epj
from epjgate.model.person import Person

BEDS, READERS, LOOKS = 3, 24, 8


def test_everybody_on_the_shift_sees_the_whole_ward(
    epj: Epj, people: Callable[[int], list[Person]], at: Callable[[str], datetime], clinic_seed: int
) -> None:
    """However many look at the ward's list at once, each look shows every patient who lies there."""
    ward = f"Neurologisk afsnit Å{clinic_seed}"
    in_bed = people(BEDS)
    for person in in_bed:
        epj.admit(epj.register_patient(person), at("2026-02-03 07:00"), ward)
    names = sorted(person.full_name for person in in_bed)
    assert sorted(epj.downtime_ward_list(ward)) == names, "the downtime copy does not list the ward"

    def looks(_reader: int) -> list[list[str]]:
        return [sorted(epj.downtime_ward_list(ward, within_s=0)) for _ in range(LOOKS)]

    with ThreadPoolExecutor(READERS) as shift:
        seen = list(shift.map(looks, range(READERS)))

    assert all(shown == names for own in seen for shown in own), "somebody saw the ward without all of its patients"
