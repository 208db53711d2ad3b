"""What tests know of the partners: a typed client of their control server."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Self
from urllib.parse import quote

import requests

from epjgate.evidence.recorder import Recorder
from epjgate.model.partner import Fault, PartnerKind, Received
from epjgate.model.wire import Asked, Got
from epjgate.partners.hl7_rules import Department
from epjgate.partners.http_messages import HttpRules
from epjgate.partners.interface import PartnerUnfit

_FIX = "see the gate's own output; the candidate is not to blame"


class Partners:
    """The partners behind `control_url`; `partner` is always the name that the system gives one.

    Any number of threads and processes may ask at once. Every method raises PartnerUnfit, a fault of the harness and
    never of the candidate, where a question cannot be answered: an unknown partner or fault, more messages than were
    kept, a control server that is gone. What receivers got is seen through the tap of `recorder`, as any other answer.
    """

    def __init__(self, control_url: str, recorder: Recorder | None = None, *, timeout_s: float = 10.0) -> None:
        self._url = control_url.rstrip("/")
        self._recorder = recorder
        self._timeout_s = timeout_s

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Return; no connection is kept between two questions."""

    def kinds(self) -> dict[str, PartnerKind]:
        """Return the kind of every partner, by name."""
        partners = self._ask("GET", "partners").get("partners")
        if not isinstance(partners, dict):
            raise _not_understood("partners are missing")
        return {name: PartnerKind(kind) for name, kind in partners.items()}

    def received(self, partner: str, about: str) -> tuple[Received, ...]:
        """Return every message that reached `partner` and contains `about`, in order of arrival."""
        answer = self._told(self._path(partner, "messages"), params={"about": about})
        messages = answer.get("messages")
        if not isinstance(messages, list):
            raise _not_understood("messages are missing")
        try:
            received = tuple(Received.model_validate(message) for message in messages)
        except ValueError as err:
            raise _not_understood(str(err)) from err
        return received if self._untapped else tuple(map(_read_again, received))

    def medicine_card(self, partner: str, cpr: str) -> str | None:
        """Return the medicine card of a person as the JSON text that FMK gives; None where nobody wrote to one."""
        answer = self._told(self._path(partner, "cards", cpr))
        if "card" not in answer:
            raise _not_understood("the card is missing")
        card = answer["card"]
        return None if card is None else json.dumps(card, ensure_ascii=False)

    def add_fault(self, partner: str, fault: Fault) -> str:
        """Let `fault` strike from now on; returns its id."""
        fault_id = self._ask("POST", self._path(partner, "faults"), body=fault.model_dump_json()).get("id")
        if not isinstance(fault_id, str):
            raise _not_understood("the fault's id is missing")
        return fault_id

    def remove_fault(self, partner: str, fault_id: str) -> None:
        """Let the fault strike no more; one that is used up or removed already may be removed again."""
        self._ask("DELETE", self._path(partner, "faults", fault_id))

    def fault_uses(self, partner: str, fault_id: str) -> int:
        """Return how many messages the fault has struck, also after it was removed."""
        uses = self._ask("GET", self._path(partner, "faults", fault_id)).get("uses")
        if not isinstance(uses, int):
            raise _not_understood("uses are missing")
        return uses

    @staticmethod
    def _path(partner: str, *steps: str) -> str:
        return "/".join(("partners", *(quote(step, safe="") for step in (partner, *steps))))

    @property
    def _untapped(self) -> bool:
        return self._recorder is None or self._recorder.tap is None

    def _told(self, path: str, *, params: dict[str, str] | None = None) -> dict[str, object]:
        """Return what the control server says about what came from the candidate, as the tap hands it on."""
        if self._recorder is None or self._untapped:
            return self._ask("GET", path, params=params)
        asked = Asked("GET", f"/{path}", b"", self._url)
        got = self._recorder.tapped(
            asked, lambda: Got(200, {}, json.dumps(self._ask("GET", path, params=params)).encode("utf-8"))
        )
        return dict(json.loads(got.content))

    def _ask(
        self, method: str, path: str, *, params: dict[str, str] | None = None, body: str | None = None
    ) -> dict[str, object]:
        try:
            with requests.Session() as session:
                session.trust_env = False  # a proxy has no business between a test and its partners
                answer = session.request(
                    method, f"{self._url}/{path}", params=params, data=body, timeout=self._timeout_s
                )
            content = answer.json()
        except (requests.RequestException, ValueError) as err:
            secret = self._url.rpartition("/")[2]
            cause = f"{type(err).__name__}: {err}".replace(secret, "[secret]")
            raise PartnerUnfit("the partners' control server gives no answer", cause, _FIX) from None
        if not isinstance(content, dict):
            raise _not_understood("it is no object")
        if not answer.ok:
            problem, cause, fix = (str(content.get(key, "")) for key in ("problem", "cause", "fix"))
            problem = problem or f"the partners' control server refuses with status {answer.status_code}"
            raise PartnerUnfit(problem, cause or "it does not say why", fix or _FIX)
        return content


def _read_again(received: Received) -> Received:
    """Return `received` with what its text holds now: a tap changes texts alone."""
    rules = Department() if received.text.startswith("MSH") else HttpRules()
    return received.model_copy(update={"parsed": rules.parsed(received.text)})


def _not_understood(reason: str) -> PartnerUnfit:
    return PartnerUnfit("the answer of the partners' control server is not understood", reason, _FIX)
