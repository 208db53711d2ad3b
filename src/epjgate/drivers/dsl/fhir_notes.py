"""The capabilities `notes` and `note_signing` on FHIR R4."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode

from epjgate.drivers.dsl.fhir_records import change, records_of, resource_version, subject, version_of
from epjgate.drivers.dsl.notes import ChartNote, Note, NoteRef, NoteState
from epjgate.drivers.dsl.patients import PatientRef
from epjgate.drivers.fhir import FhirAnswer, FhirClient
from epjgate.drivers.fhir_parameters import parameters
from epjgate.drivers.fhir_values import Resource, instant, instant_at, object_at, objects_at, text_at
from epjgate.errors import CandidateFault

_PLAIN = "text/plain; charset=utf-8"
# R4 value set composition-status; an amended document is final as well.
_SIGNED = {"final": NoteState.SIGNED, "amended": NoteState.SIGNED, "preliminary": NoteState.DRAFT}
_STATES = {"superseded": NoteState.SUPERSEDED, "entered-in-error": NoteState.ENTERED_IN_ERROR}


class FhirNotes:
    """Notes as `DocumentReference` resources, each with its text as the one attachment."""

    def __init__(self, client: FhirClient) -> None:
        self._client = client

    def write(self, patient: PatientRef, note: Note) -> NoteRef:
        """Create a current, preliminary DocumentReference."""
        return _ref(self._client.create(_document(patient, note)).expect(201))

    def read(self, note: NoteRef) -> ChartNote:
        """Read the DocumentReference."""
        return _note(self._client.read("DocumentReference", note.id).expect(200).resource)

    def change(self, note: NoteRef, text: str) -> NoteRef:
        """Replace the attachment."""

        def rewrite(record: Resource) -> None:
            object_at(record, "content", 0)["attachment"] = _attachment(text, text_at(_attached(record), "title"))

        return _ref(change(self._client, "DocumentReference", note.id, rewrite))

    def replace(self, note: NoteRef, by: Note) -> NoteRef:
        """Create a DocumentReference of the same subject that relates to the old one as `replaces`."""
        old = self._client.read("DocumentReference", note.id).expect(200).resource
        owner = PatientRef(text_at(old, "subject", "reference").rpartition("/")[2])
        relation = {"code": "replaces", "target": {"reference": f"DocumentReference/{note.id}"}}
        return _ref(self._client.create({**_document(owner, by), "relatesTo": [relation]}).expect(201))

    def delete(self, note: NoteRef) -> None:
        """Delete the DocumentReference."""
        self._client.delete("DocumentReference", note.id).expect(200, 204)

    def of(self, patient: PatientRef) -> list[ChartNote]:
        """Search by patient."""
        found = map(_note, records_of(self._client, "DocumentReference", patient))
        return sorted(found, key=lambda entry: entry.note.written_at)


class FhirNoteSigning:
    """Signatures by the operation `DocumentReference/{id}/$sign`."""

    def __init__(self, client: FhirClient) -> None:
        self._client = client

    def sign(self, note: NoteRef) -> NoteRef:
        """Sign as the user whose token goes with the request."""
        return _ref(self._client.operate(f"DocumentReference/{note.id}/$sign", parameters()).expect(200))


def _ref(answer: FhirAnswer) -> NoteRef:
    return NoteRef(answer.id, version_of(answer))


def _document(patient: PatientRef, note: Note) -> Resource:
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "docStatus": "preliminary",
        "subject": subject(patient),
        "date": instant(note.written_at),
        "content": [{"attachment": _attachment(note.text, note.title)}],
    }


def _attachment(text: str, title: str) -> Resource:
    return {"contentType": _PLAIN, "data": b64encode(text.encode("utf-8")).decode("ascii"), "title": title}


def _attached(record: Resource) -> Resource:
    return object_at(record, "content", 0, "attachment")


def _note(record: Resource) -> ChartNote:
    attachment = _attached(record)
    return ChartNote(
        ref=NoteRef(text_at(record, "id"), resource_version(record)),
        state=_STATES.get(text_at(record, "status")) or _SIGNED.get(str(record.get("docStatus")), NoteState.UNKNOWN),
        note=Note(text_at(attachment, "title"), _text(attachment), instant_at(record, "date")),
        signed_by=str(record.get("authenticator", {}).get("display", "")),
        replaces=_replaced(record),
    )


def _text(attachment: Resource) -> str:
    try:
        return b64decode(text_at(attachment, "data"), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as err:
        raise CandidateFault(f"the text of the note is not UTF-8 in base64: {err}") from err


def _replaced(record: Resource) -> NoteRef | None:
    for relation in objects_at(record, "relatesTo"):
        if relation.get("code") == "replaces":
            return NoteRef(text_at(relation, "target", "reference").rpartition("/")[2])
    return None
