"""A canary dies where a partner does not judge."""

from __future__ import annotations

import pytest

from epjgate.model.partner import PartnerKind
from epjgate.model.redaction import Redactor
from epjgate.partners.canaries import try_out
from epjgate.partners.http_messages import HttpAnswer, HttpRequest
from epjgate.partners.http_server import HttpServer
from epjgate.partners.interface import PartnerUnfit, Receiver, Wire
from epjgate.partners.mllp_server import MllpServer
from epjgate.partners.site import Site

REDACTOR = Redactor(b"key")
HTTP_KINDS = [PartnerKind.FMK, PartnerKind.LPR3, PartnerKind.MEDCOM]


class Answers:
    """Answers every request alike, with what was sent in it."""

    def __init__(self, status: int) -> None:
        self._status = status

    def receive(self, message: HttpRequest, wire: Wire[HttpAnswer]) -> None:
        """Answer."""
        wire.send(HttpAnswer(self._status, {"MedicineCardVersion": 1, "was": message.body.decode()}))


class Acknowledges:
    """Acknowledges every message with one code."""

    def __init__(self, code: str) -> None:
        self._code = code

    def receive(self, message: bytes, wire: Wire[bytes]) -> None:  # noqa: ARG002 - whatever it is
        """Acknowledge, or break off where there is no code."""
        if self._code:
            wire.send(b"MSH|\rMSA|" + self._code.encode())
        else:
            wire.drop()


@pytest.mark.parametrize(
    ("name", "kind"), [("fmk", "fmk"), ("lpr3", "lpr3"), ("medcom", "medcom"), ("imaging", "mllp")]
)
def test_an_honest_partner_passes(site: Site, name: str, kind: str) -> None:
    """Each kind knows a good message from a bad one."""
    try_out(name, PartnerKind(kind), site.urls[name], REDACTOR)


@pytest.mark.parametrize("kind", HTTP_KINDS)
@pytest.mark.parametrize("status", [200, 201, 400, 422, 500])
def test_one_answer_for_everything_is_unfit(kind: PartnerKind, status: int) -> None:
    """Whatever it is, one of the two messages deserved another one; no CPR number is told."""
    server = HttpServer("alike", "127.0.0.1", Answers(status))
    try:
        with pytest.raises(PartnerUnfit) as refusal:
            try_out("alike", kind, server.url, REDACTOR)
        assert "170548" not in str(refusal.value)
    finally:
        server.close()


@pytest.mark.parametrize("code", ["AA", "AE", "AR", ""])
def test_one_acknowledgement_for_everything_is_unfit(code: str) -> None:
    """AA accepts the bad one, AE refuses the good one, AR and silence are no judgement."""
    receiver: Receiver[bytes, bytes] = Acknowledges(code)
    server = MllpServer("alike", "127.0.0.1", receiver)
    try:
        with pytest.raises(PartnerUnfit):
            try_out("alike", PartnerKind.MLLP, server.url, REDACTOR)
    finally:
        server.close()
