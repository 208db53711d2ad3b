"""A suite: a folder below `suites/` with a `suite.toml`."""

from __future__ import annotations

from typing import Literal

from epjgate.model.base import Value


class SuiteDescription(Value):
    """What a suite pins, in words for the report; `interface` is the protocol that a contract suite talks.

    With `earlier_release` its tests meet the release before the candidate too, on the candidate's database. With
    `crosses_upgrade` they begin on one release and go on after the upgrade; only a rehearsal runs them whole.
    """

    schema_version: Literal["epjgate/suite/1"]
    title: str
    title_da: str
    about: str
    interface: str = ""
    earlier_release: bool = False
    crosses_upgrade: bool = False
