"""One change to what a candidate really answers, made to see whether a test turns red."""

from __future__ import annotations

from enum import StrEnum

from epjgate.model.base import Value


class Operator(StrEnum):
    """What becomes of a place in an answer, or of an exchange as a whole.

    `drop` takes a member, a field, a segment or a header away. `change` puts another value of the same kind there: a
    neighbouring number, the next day, the opposite code, one letter else. `unit` puts another unit, `patient` another
    patient's reference. `truncate` cuts a text at two thirds, `mojibake` reads its UTF-8 as Latin-1. `drop entry` and
    `double entry` are about the last element of a list. Of exchanges: `stale` answers what the same request was
    answered first, `status` answers another status, `lose write` never sends what is said to be stored, `repeat write`
    sends it twice, `lose answer` lets the candidate act and the answer never come in time.
    """

    DROP = "drop"
    CHANGE = "change"
    UNIT = "unit"
    PATIENT = "patient"
    TRUNCATE = "truncate"
    MOJIBAKE = "mojibake"
    DROP_ENTRY = "drop entry"
    DOUBLE_ENTRY = "double entry"
    STALE = "stale"
    STATUS = "status"
    LOSE_WRITE = "lose write"
    REPEAT_WRITE = "repeat write"
    LOSE_ANSWER = "lose answer"


class Place(Value):
    """Where in the candidate's answers: `fhir_r4`, `Observation`, `referenceRange.low.value`.

    `subject` is the type of a resource or message, or the shape of a path where an answer has no type. A `field` in
    parentheses is no field: `(entries)` are the elements of a list of this subject, `(GET Observation/{id} 200)` is
    an exchange as a whole, `(ETag)` a header of every answer.
    """

    interface: str
    subject: str
    field: str

    def __str__(self) -> str:
        return f"{self.subject} {self.field}" if self.field.startswith("(") else f"{self.subject}.{self.field}"

    @property
    def stratum(self) -> tuple[str, str]:
        """What gets its share of a sample: each subject of each interface."""
        return self.interface, self.subject


class Mutant(Value):
    """One operator at one place, wherever in the answers of a test that place is."""

    place: Place
    operator: Operator

    def __str__(self) -> str:
        return f"{self.place.interface} {self.place} {self.operator.value}"
