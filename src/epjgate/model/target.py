"""Where the candidate can be reached, handed from the gate to the suites."""

from __future__ import annotations

from epjgate.model.alteration import Alteration
from epjgate.model.base import Value

PARTNERS = "partners"
"""The interface at which receiving systems are read: the gate's own, so no service speaks it."""

EARLIER_RELEASE = "earlier_release"
"""What a target lacks that has no `earlier`."""


class Endpoint(Value):
    """One interface of the candidate: its protocol name (`fhir_r4`) and base URL without a trailing slash."""

    interface: str
    url: str


class Earlier(Value):
    """The release before the candidate, started beside it on the database that the candidate has migrated.

    `fault` says why it does not stand there, with its last log lines; it has no endpoints then. `log` is the file that
    it writes to.
    """

    release: str
    endpoints: tuple[Endpoint, ...] = ()
    fault: str = ""
    log: str = ""


class Target(Value):
    """A started candidate as the suites see it.

    `capabilities` maps a capability to the interface that serves it; `absent` maps a capability or interface that the
    system does not have to the reason, in words. `users` maps a role to the bearer token by which one signs in.
    `partners` is the URL at which the receiving systems that the gate plays are asked, empty where it plays none.
    `alterations` are changes that the driver makes to the candidate's answers, to re-create a fault. `earlier` is the
    release before it on the same database, None where there is none: `absent` says why under EARLIER_RELEASE.
    """

    system: str
    release: str
    environment: str
    endpoints: tuple[Endpoint, ...]
    capabilities: dict[str, str]
    absent: dict[str, str] = {}
    users: dict[str, str] = {}
    partners: str = ""
    alterations: tuple[Alteration, ...] = ()
    earlier: Earlier | None = None
    disposable: bool = True
    seed: int = 0
    timeout_s: float = 10.0

    def url(self, interface: str) -> str | None:
        """Return the base URL of `interface`, or None where the system does not have it."""
        return next((endpoint.url for endpoint in self.endpoints if endpoint.interface == interface), None)

    def at_earlier(self, earlier: Earlier) -> Target:
        """Return `earlier` as somebody sees it who asks it instead of the candidate; receivers are the candidate's."""
        served = {*(endpoint.interface for endpoint in earlier.endpoints), *([PARTNERS] if self.partners else ())}
        elsewhere = f"{self.system} {earlier.release} is asked here only for what stands on the candidate's database"
        lost = {name: elsewhere for name, by in self.capabilities.items() if by not in served}
        return self.model_copy(
            update={
                "release": earlier.release,
                "endpoints": earlier.endpoints,
                "capabilities": {name: by for name, by in self.capabilities.items() if by in served},
                "absent": {**lost, **self.absent},
                "alterations": (),
                "earlier": None,
            }
        )
