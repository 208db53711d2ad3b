"""The MedCom mailbox of a municipality: hospital notifications and letters, answered by acknowledgements.

Sources: MedCom HospitalNotification 3.0.2, CareCommunication 5.0.4, Acknowledgement 2.0.3 and Messaging 4.0.1 (reliable
messaging).
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from epjgate.partners import care_communication, notification
from epjgate.partners.acknowledgement import acknowledgement, outcome
from epjgate.partners.documents import Malformed, json_object
from epjgate.partners.http_messages import HttpAnswer, HttpJudgement, HttpRequest, HttpRules, accepted, again, refused
from epjgate.partners.message_bundle import MessageBundle
from epjgate.partners.notification import Notification

_MAY_FOLLOW: dict[str, frozenset[str]] = {
    "": frozenset({"in-progress"}),
    "in-progress": frozenset({"in-progress", "onleave", "finished", "entered-in-error"}),
    "onleave": frozenset({"in-progress", "onleave", "finished", "entered-in-error"}),
    "finished": frozenset({"finished", "entered-in-error"}),
    "entered-in-error": frozenset(),
}


class _Accepted(NamedTuple):
    """An exchange that is over: the header of the message and what it was answered."""

    header_id: str
    answer: HttpAnswer


class Mailbox(HttpRules):
    """Plays the receiver of MedCom's FHIR messages: letters, and notifications with the life of each episode."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget all messages and episodes."""
        self._exchanges: dict[str, _Accepted] = {}
        self._headers: set[str] = set()
        self._status_of: dict[str, str] = {}

    def kind(self, message: HttpRequest) -> str:
        """Return the name of the operation, for example `$process-message`."""
        return message.steps[0]

    def judge(self, message: HttpRequest, now: datetime) -> HttpJudgement:  # noqa: ARG002 - the mailbox looks at no clock
        """Judge a message by the four cases of reliable messaging, its form, and the life of its episode."""
        if (message.method, message.steps) != ("POST", ("$process-message",)):
            return refused(404, outcome("the mailbox has no such operation"), "unknown operation")
        try:
            bundle = MessageBundle(json_object(message.body))
            notified = _read(bundle)
        except Malformed as err:
            return _fatal(message, str(err))
        seen = self._exchanges.get(bundle.bundle_id)
        if seen and seen.header_id == bundle.header_id:
            return again(seen.answer)
        if reason := self._objection(bundle, notified):
            return _fatal(message, reason)
        answer = HttpAnswer(200, acknowledgement(message.body, "ok"))
        self._exchanges[bundle.bundle_id] = _Accepted(bundle.header_id, answer)
        self._headers.add(bundle.header_id)
        if notified is not None:
            self._status_of[notified.episode] = notified.status
        return accepted(answer.status, answer.content)

    def refusal(self, message: HttpRequest) -> HttpJudgement:
        """Return an acknowledgement with the code fatal-error."""
        return _fatal(message, "the receiver refuses this message")

    def transient(self, message: HttpRequest) -> HttpAnswer | None:
        """Return an acknowledgement with the code transient-error."""
        reason = "the receiver is busy, try again later"
        return HttpAnswer(200, acknowledgement(message.body, "transient-error", reason))

    def _objection(self, bundle: MessageBundle, notified: Notification | None) -> str:
        if bundle.bundle_id in self._exchanges:
            return "reliable messaging: a Bundle.id that was seen comes with another MessageHeader.id"
        if bundle.header_id in self._headers:
            return "reliable messaging: a MessageHeader.id that was accepted comes in another Bundle"
        if notified is None:
            return ""
        before = self._status_of.get(notified.episode, "")
        if notified.status not in _MAY_FOLLOW[before]:
            return f"lifecycle: {notified.status} may not follow {before or 'nothing'}"
        return ""


def _read(bundle: MessageBundle) -> Notification | None:
    """Return the notification in the message, None where it is a letter; raises Malformed for what is neither."""
    match bundle.event:
        case notification.EVENT:
            return notification.read_notification(bundle)
        case care_communication.EVENT:
            care_communication.check_letter(bundle)
            return None
        case other:
            taken = f"{notification.EVENT} and {care_communication.EVENT}"
            raise Malformed(f"MessageHeader.eventCoding: the code is {other!r}, this mailbox takes {taken}")


def _fatal(message: HttpRequest, reason: str) -> HttpJudgement:
    return refused(200, acknowledgement(message.body, "fatal-error", reason), reason)
