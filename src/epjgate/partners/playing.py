"""One partner while it is played: its rules, its server, what it received and what it was told to do wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from epjgate.model.partner import PartnerKind, Received
from epjgate.partners.desk import Desk
from epjgate.partners.faults import Faults
from epjgate.partners.fmk import MedicationRecord
from epjgate.partners.hl7_rules import Department
from epjgate.partners.http_messages import HttpAnswer, HttpRequest
from epjgate.partners.http_server import HttpServer
from epjgate.partners.inbox import Inbox
from epjgate.partners.interface import Rules
from epjgate.partners.lpr3 import NationalRegister
from epjgate.partners.medcom import Mailbox
from epjgate.partners.mllp_server import MllpServer

HttpPartnerRules = Rules[HttpRequest, HttpAnswer]
HTTP_RULES: Mapping[PartnerKind, Callable[[], HttpPartnerRules]] = {
    PartnerKind.FMK: MedicationRecord,
    PartnerKind.LPR3: NationalRegister,
    PartnerKind.MEDCOM: Mailbox,
}


class Server(Protocol):
    """What serves a partner."""

    url: str

    def close(self) -> None:
        """End every connection and thread."""


@dataclass(frozen=True)
class Partner:
    """A partner that is open; `medicine_card` returns the card of a person, and is None where there are no cards."""

    name: str
    kind: PartnerKind
    server: Server
    inbox: Inbox
    faults: Faults
    parsed: Callable[[str], dict[str, JsonValue]]
    forget_stored: Callable[[], None]
    medicine_card: Callable[[str], dict[str, object] | None] | None = None

    def received(self, about: str) -> list[Received]:
        """Return what came and contains `about`, in order of arrival; PartnerUnfit where that cannot be said."""
        return [
            Received(
                partner=self.name,
                number=entry.arrival.number,
                at=entry.arrival.at,
                kind=entry.kind,
                accepted=entry.accepted,
                reason=entry.reason,
                repeated=entry.repeated,
                fault=entry.fault,
                text=entry.text,
                parsed=self.parsed(entry.text),
            )
            for entry in self.inbox.about(about)
        ]

    def forget(self) -> None:
        """Be as new."""
        self.forget_stored()
        self.inbox.forget()
        self.faults.forget()


def play(
    name: str,
    kind: PartnerKind,
    address: str,
    *,
    http_rules: Mapping[PartnerKind, Callable[[], HttpPartnerRules]] = HTTP_RULES,
) -> Partner:
    """Open the partner `name` at `address`; raises OSError where the address cannot be had."""
    inbox, faults = Inbox(name), Faults()
    if kind is PartnerKind.MLLP:
        department = Department()
        server = MllpServer(name, address, Desk(department, inbox, faults))
        return Partner(name, kind, server, inbox, faults, department.parsed, department.forget)
    rules = http_rules[kind]()
    http_server = HttpServer(name, address, Desk(rules, inbox, faults))
    card = rules.card if isinstance(rules, MedicationRecord) else None
    return Partner(name, kind, http_server, inbox, faults, rules.parsed, rules.forget, card)
