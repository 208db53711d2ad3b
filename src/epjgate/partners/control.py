"""The control server: tests ask here what partners received, and tell them what to do wrong."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import parse_qs

from pydantic import ValidationError

from epjgate.errors import GateError
from epjgate.model.partner import Fault
from epjgate.partners.http_messages import HttpAnswer, HttpRequest
from epjgate.partners.http_server import HttpServer
from epjgate.partners.interface import PartnerUnfit, Wire
from epjgate.partners.playing import Partner

LOOPBACK = "127.0.0.1"

Told = TypeVar("Told")


class Control:
    """Serves the partners' control API on the loopback, below a path that nobody can guess.

    `GET partners`, and below `partners/<name>/`: `GET address`, `GET messages?about=`, `GET cards/<cpr>`,
    `POST faults`, `GET` and `DELETE faults/<id>`. A question that cannot be answered gets `problem`, `cause` and `fix`.
    """

    def __init__(self, partners: Mapping[str, Partner]) -> None:
        """Listen at once; raises OSError where no port can be had."""
        self._partners = partners
        self._token = secrets.token_urlsafe(24)
        self._server = HttpServer("control", LOOPBACK, self)
        self.url = f"{self._server.url}/{self._token}"

    def close(self) -> None:
        """End every connection and thread."""
        self._server.close()

    def receive(self, message: HttpRequest, wire: Wire[HttpAnswer]) -> None:
        """Answer one request."""
        wire.send(self._answer(message))

    def _answer(self, request: HttpRequest) -> HttpAnswer:
        token, *steps = request.steps
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            return HttpAnswer(404, {})
        try:
            return HttpAnswer(200, self._content(request, tuple(steps)))
        except PartnerUnfit as err:
            return _problem(500, err)
        except GateError as err:
            return _problem(404, err)

    def _content(self, request: HttpRequest, steps: tuple[str, ...]) -> Mapping[str, object]:
        match request.method, steps:
            case "GET", ("partners",):
                return {"partners": {name: partner.kind for name, partner in self._partners.items()}}
            case method, ("partners", name, *rest) if name in self._partners:
                return _about_partner(self._partners[name], method, tuple(rest), request)
        raise _unknown("there is no such partner or operation", f"partners: {', '.join(sorted(self._partners))}")


def _about_partner(partner: Partner, method: str, steps: tuple[str, ...], request: HttpRequest) -> Mapping[str, object]:
    partner.inbox.raise_if_unfit()  # neither its messages, nor its cards, nor what its faults met can be relied on
    match method, steps:
        case "GET", ("address",):
            return {"url": partner.server.url}
        case "GET", ("messages",):
            return _messages(partner, request.query)
        case "GET", ("cards", person):
            return _card(partner, person)
        case "POST", ("faults",):
            return _new_fault(partner, request.body)
        case "GET", ("faults", fault_id):
            return {"uses": _of_fault(partner.faults.uses, fault_id)}
        case "DELETE", ("faults", fault_id):
            _of_fault(partner.faults.remove, fault_id)
            return {}
    raise _unknown(f"partner {partner.name}: no such operation", f"{method} {'/'.join(steps)}")


def _messages(partner: Partner, query: str) -> Mapping[str, object]:
    about = parse_qs(query).get("about", [""])[0]
    if not about:
        raise _unknown(f"partner {partner.name}: it is not said about what", "about is missing or empty")
    return {"messages": [received.model_dump(mode="json") for received in partner.received(about)]}


def _card(partner: Partner, person: str) -> Mapping[str, object]:
    if partner.medicine_card is None:
        raise _unknown(f"partner {partner.name} keeps no medicine cards", f"its kind is {partner.kind}")
    return {"card": partner.medicine_card(person)}


def _new_fault(partner: Partner, body: bytes) -> Mapping[str, object]:
    try:
        fault = Fault.model_validate_json(body)
    except ValidationError as err:
        raise _unknown(f"partner {partner.name}: no such fault", str(err)) from err
    return {"id": partner.faults.add(fault)}


def _of_fault(ask: Callable[[str], Told], fault_id: str) -> Told:
    try:
        return ask(fault_id)
    except KeyError as err:
        raise _unknown("there is no such fault", "its id was never given by this partner") from err


def _unknown(problem: str, cause: str) -> GateError:
    return GateError(problem, cause, "correct the test, or the description of the system")


def _problem(status: int, error: GateError) -> HttpAnswer:
    return HttpAnswer(status, {"problem": error.problem, "cause": error.cause, "fix": error.fix})
