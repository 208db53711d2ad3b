"""An inbox answers with everything that came, or not at all."""

from __future__ import annotations

import pytest

from epjgate.partners.inbox import Entry, Inbox
from epjgate.partners.interface import PartnerUnfit


def arrive(inbox: Inbox, text: str) -> None:
    inbox.keep(Entry(inbox.arrival(), "test", text, accepted=True))


def test_messages_are_found_by_their_text_in_order_of_arrival() -> None:
    """One that took longer to be judged keeps its place."""
    inbox = Inbox("fmk")
    slow = inbox.arrival()
    arrive(inbox, "order-1, second")
    arrive(inbox, "order-2")
    inbox.keep(Entry(slow, "test", "order-1, first", accepted=True))
    assert [entry.text for entry in inbox.about("order-1")] == ["order-1, first", "order-1, second"]


@pytest.mark.parametrize(
    ("inbox", "fits"), [(Inbox("fmk", messages=2), "ab"), (Inbox("fmk", characters=4), "abcd")], ids=["count", "size"]
)
def test_beyond_its_bound_it_does_not_answer(inbox: Inbox, fits: str) -> None:
    """A message that could not be kept might be the one that is asked for: nobody is told that it never came."""
    arrive(inbox, fits[:1])
    arrive(inbox, fits[1:])
    assert len(inbox.about("a")) == 1
    arrive(inbox, "x")
    with pytest.raises(PartnerUnfit, match="more came than"):
        inbox.about("a")
    inbox.forget()
    assert inbox.about("a") == []


def test_a_partner_that_failed_does_not_answer() -> None:
    """Not even about messages that it did keep."""
    inbox = Inbox("fmk")
    arrive(inbox, "a")
    inbox.distrust("its rules failed")
    with pytest.raises(PartnerUnfit, match="its rules failed"):
        inbox.about("a")
