"""The desk keeps what came, and does not hide that its own rules failed."""

from __future__ import annotations

from datetime import datetime

import pytest
from tests.partners.messages import IMPOSSIBLE, ONE, order_message

from epjgate.partners.desk import Desk
from epjgate.partners.faults import Faults
from epjgate.partners.hl7_rules import Department
from epjgate.partners.inbox import Inbox
from epjgate.partners.interface import Judgement, PartnerUnfit


class Wire:
    """A connection that notes what is done to it."""

    can_answer_twice = True

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.ended = False

    def send(self, answer: bytes) -> None:
        """Note the answer."""
        self.sent.append(answer)

    def wait(self, seconds: float) -> None:
        """Wait for nothing."""

    def hold(self) -> None:
        """Note that the connection is held until it ends."""
        self.ended = True

    reset = drop = hold


class Fragile(Department):
    """Rules with a fault of their own."""

    def judge(self, message: bytes, now: datetime) -> Judgement[bytes]:
        """Fail at one person."""
        if OTHERS in message:
            raise ZeroDivisionError
        return super().judge(message, now)


OTHERS = order_message().encode()[-40:]


@pytest.mark.parametrize(("cpr", "accepted"), [(ONE.cpr, True), (IMPOSSIBLE, False)])
def test_what_the_rules_say_is_kept_and_answered(cpr: str, *, accepted: bool) -> None:
    """One message, one answer, one entry with the reason of a refusal."""
    inbox, wire = Inbox("laboratory"), Wire()
    Desk(Department(), inbox, Faults()).receive(order_message(cpr).encode(), wire)
    (entry,) = inbox.about(cpr)
    assert (entry.accepted, entry.kind, len(wire.sent)) == (accepted, "ORM^O01", 1)
    assert bool(entry.reason) is not accepted


def test_rules_that_fail_make_the_partner_unfit() -> None:
    """The error is not swallowed, and nobody is told that the message never came."""
    inbox = Inbox("laboratory")
    with pytest.raises(ZeroDivisionError):
        Desk(Fragile(), inbox, Faults()).receive(order_message().encode(), Wire())
    with pytest.raises(PartnerUnfit, match="it failed at a message"):
        inbox.about(ONE.cpr)


class FragileText(Department):
    """Rules that cannot name the kind of a message."""

    def kind(self, message: bytes) -> str:
        """Fail at every message."""
        raise ZeroDivisionError(len(message))


class Speechless(Wire):
    """A connection on which no answer can be written."""

    def send(self, answer: bytes) -> None:
        """Fail as a mistake of the server's own would."""
        raise ZeroDivisionError(len(answer))


@pytest.mark.parametrize(
    ("rules", "wire"), [(FragileText(), Wire()), (Department(), Speechless())], ids=["rules", "connection"]
)
def test_whatever_fails_on_the_way_of_a_message_makes_the_partner_unfit(rules: Department, wire: Wire) -> None:
    """A sender that gets no answer for it is not to blame, so the partner must not answer questions either."""
    inbox = Inbox("laboratory")
    with pytest.raises(ZeroDivisionError):
        Desk(rules, inbox, Faults()).receive(order_message().encode(), wire)
    with pytest.raises(PartnerUnfit, match="it failed at a message"):
        inbox.about(ONE.cpr)
