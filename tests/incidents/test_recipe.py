"""Fault recipes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.incident_fixtures import FOLDER

from epjgate.errors import UsageError
from epjgate.incidents.recipe import alterations_of
from epjgate.incidents.record import read_record

if TYPE_CHECKING:
    from tests.incidents.conftest import Suites

GOOD = """
schema_version = "epjgate/fault/1"
about = "Every order got an end."
[[alteration]]
match = { method = "GET", path = "^MedicationRequest" }
action = "set_field"
field = "dispenseRequest.validityPeriod.end"
value = "2018-02-03"
"""


def test_a_recipe_is_read(suites: Suites) -> None:
    """Its alterations, in their order."""
    folder = suites.record(known_bad='"1.0"', fault='"fault.toml"')
    suites.write(f"incidents/{FOLDER}/fault.toml", GOOD)
    (alteration,) = alterations_of(read_record(folder))
    assert (alteration.action, alteration.match.method, alteration.value) == ("set_field", "GET", "2018-02-03")


def test_an_incident_with_builds_has_none(suites: Suites) -> None:
    """Nothing is altered."""
    assert alterations_of(read_record(suites.record())) == ()


@pytest.mark.parametrize(
    "text", [None, "", GOOD.partition("[[")[0], GOOD.replace("set_field", "unset"), GOOD + "more = 1\n"]
)
def test_a_recipe_that_does_nothing_or_cannot_be_read_is_an_error(suites: Suites, text: str | None) -> None:
    """A fault that is not re-created proves nothing."""
    folder = suites.record(known_bad='"1.0"', fault='"fault.toml"')
    if text is not None:
        suites.write(f"incidents/{FOLDER}/fault.toml", text)
    with pytest.raises(UsageError, match=r"fault\.toml"):
        alterations_of(read_record(folder))
