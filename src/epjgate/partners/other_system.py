"""Another system that writes to the shared medication record, as a general practice does: played by a test."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import requests

from epjgate.partners.interface import PartnerUnfit

MedicineCard = dict[str, Any]
"""A medicine card as FMK hands it out."""


class OtherSystem:
    """Writes to the partner of kind `fmk` that is called `partner`, without the candidate knowing of it.

    `control_url` is the partners' control server. Every method raises PartnerUnfit, a fault of the harness, where the
    partner does not take what a well-behaved sender sends.
    """

    def __init__(self, control_url: str, partner: str = "fmk", *, timeout_s: float = 10.0) -> None:
        self._timeout_s = timeout_s
        answer = self._ask("GET", f"{control_url.rstrip('/')}/partners/{quote(partner, safe='')}/address")
        self._url = str(answer["url"])

    def card_of(self, cpr: str) -> MedicineCard:
        """Return the medicine card of a person."""
        return self._ask("GET", f"{self._url}/medicine-cards/{quote(cpr, safe='')}")

    def adds(self, cpr: str, medication: MedicineCard) -> None:
        """Put a drug medication, in FMK's form, on the card of a person."""
        self._ask("POST", f"{self._url}/drug-medications", self._order(cpr, medication))

    def overwrites(self, cpr: str, medication: MedicineCard) -> None:
        """Write `medication` over the one on the card that has its identifier."""
        path = quote(str(medication["Identifier"]), safe="")
        self._ask("PUT", f"{self._url}/drug-medications/{path}", self._order(cpr, medication))

    def _order(self, cpr: str, medication: MedicineCard) -> MedicineCard:
        return {
            "MessageId": str(uuid4()),
            "PersonIdentifier": cpr,
            "MedicineCardVersion": self.card_of(cpr)["MedicineCardVersion"],
            "DrugMedication": medication,
        }

    def _ask(self, method: str, url: str, content: MedicineCard | None = None) -> MedicineCard:
        body = None if content is None else json.dumps(content)
        try:
            with requests.Session() as session:
                session.trust_env = False  # a proxy has no business between a test and its partners
                answer = session.request(method, url, data=body, timeout=self._timeout_s)
            told = answer.json()
        except (requests.RequestException, ValueError) as err:
            raise _unfit(type(err).__name__) from err
        if not answer.ok or not isinstance(told, dict):
            raise _unfit(f"it answers {answer.status_code} {told}")
        return told


def _unfit(cause: str) -> PartnerUnfit:
    return PartnerUnfit(
        "the shared medication record does not take what another system writes",
        cause,
        "see the gate's own output; the candidate is not to blame",
    )
