"""What every build of a release train showed of every incident: red, green, or not applicable, as it was seen."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from epjgate.model.base import Value
from epjgate.model.incident import IncidentId
from epjgate.model.proof import Fingerprint, ProofEnvironment
from epjgate.model.train import BuildVersion


class Showing(StrEnum):
    """What a build showed of one incident; `unclear` is neither red nor green, and holds for nothing."""

    RED = "red"
    GREEN = "green"
    NOT_APPLICABLE = "not applicable"
    UNCLEAR = "unclear"


class SeenRed(Value):
    """How an incident's tests failed: the fingerprints of what they found, and the first message, redacted."""

    fingerprints: tuple[Fingerprint, ...] = Field(min_length=1)
    message: str


class Row(Value):
    """What one build, assembled from source code of the digest `source`, showed of each incident, once.

    `unclear` names what broke, went unanswered or was left out, with the reasons.
    """

    source: str
    at: AwareDatetime
    red: dict[IncidentId, SeenRed] = {}
    unclear: dict[IncidentId, tuple[str, ...]] = {}
    not_applicable: tuple[IncidentId, ...] = ()
    green: tuple[IncidentId, ...] = ()

    @property
    def showings(self) -> dict[str, Showing]:
        """What was seen, by incident."""
        return dict(self._showings())

    def _showings(self) -> Iterator[tuple[str, Showing]]:
        yield from ((number, Showing.RED) for number in self.red)
        yield from ((number, Showing.UNCLEAR) for number in self.unclear)
        yield from ((number, Showing.NOT_APPLICABLE) for number in self.not_applicable)
        yield from ((number, Showing.GREEN) for number in self.green)

    @model_validator(mode="after")
    def _one_showing_of_each(self) -> Self:
        named = [number for number, _ in self._showings()]
        if twice := sorted({number for number in named if named.count(number) > 1}):
            raise ValueError(f"{', '.join(twice)}: named twice, and a build shows one thing of an incident")
        return self


class Repetition(Value):
    """How often one build met the whole catalogue, each time started anew, and what was ever not green, how often."""

    build: BuildVersion
    source: str
    at: AwareDatetime
    runs: int = Field(ge=1)
    red: dict[IncidentId, int] = {}
    unclear: dict[IncidentId, int] = {}


class Matrix(Value):
    """The file `matrix.json`: the rows of the builds, and the digests of the tests, and of the words, that they met.

    A row that met other tests has no place in it.
    """

    schema_version: Literal["epjgate/matrix/1"] = "epjgate/matrix/1"
    system: str
    environment: ProofEnvironment
    words: str
    tests: dict[IncidentId, str]
    repeated: Repetition | None = None
    builds: dict[BuildVersion, Row] = {}
