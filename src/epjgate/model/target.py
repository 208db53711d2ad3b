"""Where the candidate can be reached, handed from the gate to the suites."""

from __future__ import annotations

from epjgate.model.base import Value


class Endpoint(Value):
    """One interface of the candidate: its protocol name (`fhir_r4`) and base URL without a trailing slash."""

    interface: str
    url: str


class Target(Value):
    """A started candidate as the suites see it.

    `capabilities` maps a capability to the interface that serves it; `absent` maps a capability or interface that the
    system does not have to the reason, in words.
    """

    system: str
    release: str
    environment: str
    endpoints: tuple[Endpoint, ...]
    capabilities: dict[str, str]
    absent: dict[str, str] = {}
    disposable: bool = True
    seed: int = 0
    timeout_s: float = 10.0

    def url(self, interface: str) -> str | None:
        """Return the base URL of `interface`, or None where the system does not have it."""
        return next((endpoint.url for endpoint in self.endpoints if endpoint.interface == interface), None)
