"""All partners of one run, from their opening to their end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from epjgate.errors import UsageError
from epjgate.model.partner import PartnerKind
from epjgate.model.redaction import Redactor
from epjgate.partners.canaries import try_out
from epjgate.partners.control import Control
from epjgate.partners.interface import PartnerUnfit
from epjgate.partners.playing import HTTP_RULES, HttpPartnerRules, Partner, play


class Site:
    """The partners that a system's description names, played in threads of this process.

    `kinds` maps the name of each partner to its kind. A site is opened once; closed, it answers nobody any more.
    Raises UsageError for a kind that is not known.
    """

    def __init__(
        self,
        kinds: Mapping[str, str],
        redactor: Redactor,
        *,
        http_rules: Mapping[PartnerKind, Callable[[], HttpPartnerRules]] = HTTP_RULES,
    ) -> None:
        self._kinds = {name: _kind(name, kind) for name, kind in kinds.items()}
        self._redactor = redactor
        self._http_rules = http_rules
        self._partners: dict[str, Partner] = {}
        self._control: Control | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def open(self, address: str) -> None:
        """Open every partner at the local IPv4 `address`, a free port each, and the control server on the loopback.

        Each partner is tried out through its own socket, and then as new. Raises PartnerUnfit, with nothing left
        open, where the address cannot be had or a partner does not judge as it must.
        """
        if self._control is not None:
            raise ValueError("a site is opened once")
        try:
            for name, kind in self._kinds.items():
                self._partners[name] = play(name, kind, address, http_rules=self._http_rules)
            for partner in self._partners.values():
                try_out(partner.name, partner.kind, partner.server.url, self._redactor)
                partner.forget()
            self._control = Control(self._partners)
        except OSError as err:
            raise PartnerUnfit(
                f"no partner can be opened at {address}",
                str(err),
                "see that the address belongs to this machine and that it has free ports",
            ) from err
        finally:
            if self._control is None:
                self.close()

    @property
    def urls(self) -> Mapping[str, str]:
        """The address of each partner as the candidate uses it, without a trailing slash; empty before `open`."""
        return {name: partner.server.url for name, partner in self._partners.items()}

    @property
    def control_url(self) -> str:
        """Where tests ask and tell: a secret of the run, for its own processes only; empty before `open`."""
        return self._control.url if self._control else ""

    def raise_if_unfit(self) -> None:
        """Return while every partner has judged and kept all that came to it; raises PartnerUnfit otherwise."""
        for partner in self._partners.values():
            partner.inbox.raise_if_unfit()

    def close(self) -> None:
        """End every connection and thread, in the middle of a message if need be; may be called again."""
        for server in (self._control, *(partner.server for partner in self._partners.values())):
            if server is not None:
                server.close()
        self._partners = {}


def _kind(name: str, kind: str) -> PartnerKind:
    try:
        return PartnerKind(kind)
    except ValueError as err:
        allowed = ", ".join(sorted(PartnerKind))
        raise UsageError(
            f"the partner {name} cannot be played", f"its kind is {kind!r}; allowed: {allowed}", "correct [partners]"
        ) from err
