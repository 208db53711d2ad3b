"""A release and what is kept beneath it are asked as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

import pytest

from epjgate.environments.interface import EnvironmentDown, Listener, Order, Running
from epjgate.environments.together import Together
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.identity import DigestKind, Identity


@dataclass
class Standing:
    """One service that stands, or does not."""

    service: str
    disposable: bool = True
    is_down: bool = False
    asked: list[str] = field(default_factory=list)

    @property
    def urls(self) -> Mapping[str, str]:
        """Where it is."""
        return {self.service: f"http://{self.service}"}

    @property
    def ports(self) -> Mapping[str, Mapping[str, str]]:
        """Where its further port is."""
        return {self.service: {"mllp": f"{self.service}:1"}}

    @property
    def identities(self) -> tuple[Identity, ...]:
        """What it runs."""
        return (Identity(service=self.service, reference="r", digest="", kind=DigestKind.NONE, parts=()),)

    def run_beside(self, service: str, command: Sequence[str]) -> str:
        """Tell who was asked."""
        return f"{self.service} ran {' '.join(command)} for {service}"

    def start_earlier(self, order: Order, listener: Listener) -> AbstractContextManager[Running]:  # noqa: ARG002 (the port)
        """Start nothing but itself."""
        return nullcontext(self)

    def raise_if_down(self) -> None:
        """Say if it is."""
        if self.is_down:
            raise EnvironmentDown(
                f"{self.service} is down", "", "", stage=EnvironmentStage.RUN, root=EnvironmentCause.CRASHED
            )

    def raise_if_silent(self) -> None:
        """Say if it is."""
        self.raise_if_down()


@pytest.mark.parametrize("which", ["db", "epj"])
def test_both_must_stand(which: str) -> None:
    """One that is down, or silent, is enough, and is named."""
    kept, release = Standing("db"), Standing("epj")
    together = Together(kept, release)
    together.raise_if_down()
    together.raise_if_silent()
    next(one for one in (kept, release) if one.service == which).is_down = True
    for ask in (together.raise_if_down, together.raise_if_silent):
        with pytest.raises(EnvironmentDown, match=f"{which} is down"):
            ask()


def test_each_is_asked_for_what_it_has() -> None:
    """Addresses and identities are those of both; a command goes where its service is."""
    release = Standing("epj")
    together = Together(Standing("db"), release)
    assert dict(together.urls) == {"db": "http://db", "epj": "http://epj"}
    assert dict(together.ports) == {"db": {"mllp": "db:1"}, "epj": {"mllp": "epj:1"}}
    assert [identity.service for identity in together.identities] == ["db", "epj"]
    assert together.run_beside("db", ("dump",)) == "db ran dump for db"
    assert together.run_beside("lab", ("dump",)) == "epj ran dump for lab"
    assert not Together(Standing("db", disposable=False), release).disposable
