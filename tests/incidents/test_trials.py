"""Which builds are started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from epjgate.incidents.record import read_record
from epjgate.incidents.trials import plan_trials

if TYPE_CHECKING:
    from tests.incidents.conftest import Suites

RECIPE = 'schema_version = "epjgate/fault/1"\nabout = "It said yes."\n[[alteration]]\naction = "lose"\n'


def test_each_build_is_started_once(suites: Suites) -> None:
    """What is the fixed build of one incident may be the known-bad one of another."""
    first = read_record(suites.record("INC-0001_a"))
    second = read_record(suites.record("INC-0002_b", id='"INC-0002"', known_bad='"1.0"', fixed_in='"1.1"'))
    third = read_record(suites.record("INC-0003_c", id='"INC-0003"', system='"other"'))
    trials = plan_trials((first, second, third))
    assert [(one.system, one.version) for one in trials] == [
        ("other", "0.9"),
        ("other", "1.0"),
        ("tiny", "0.9"),
        ("tiny", "1.0"),
        ("tiny", "1.1"),
    ]
    both = trials[3]
    assert (both.red, both.green, both.records) == ((second,), (first,), (first, second))


def test_a_recipe_has_its_red_build_to_itself(suites: Suites) -> None:
    """The same release twice: once with the fault re-created at the interface, once as it is with all others."""
    plain = read_record(suites.record("INC-0001_a"))
    told = suites.record("INC-0002_b", id='"INC-0002"', known_bad='"1.0"', fault='"fault.toml"')
    (told / "fault.toml").write_text(RECIPE, encoding="utf-8")
    recreated = read_record(told)
    bad, good, altered = plan_trials((plain, recreated))
    assert (bad.records, good.green, good.alterations) == ((plain,), (plain, recreated), ())
    assert (altered.version, altered.red, altered.green) == ("1.0", (recreated,), ())
    assert [one.action for one in altered.alterations] == ["lose"]
    assert altered.build == "tiny 1.0 with the fault of INC-0002 re-created"
