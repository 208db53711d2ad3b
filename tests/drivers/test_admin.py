"""Plain JSON interfaces."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from epjgate.drivers.admin import JsonClient, moment
from epjgate.drivers.refusals import AccessDenied
from epjgate.errors import CandidateFault

if TYPE_CHECKING:
    from tests.drivers.conftest import StandIn

    from epjgate.evidence.recorder import Recorder


def test_a_user_asks_with_a_token_that_no_evidence_holds(stand_in: StandIn, recorder: Recorder) -> None:
    """The token goes out with the request and stays out of the exchange."""
    stand_in.answers({"state": "ok"})
    with JsonClient(stand_in.url, recorder, token="nurse-token") as client:
        assert client.get("status", params={"a": "b"}) == {"state": "ok"}
    (asked,) = stand_in.asked
    assert (asked.path, asked.headers["Authorization"]) == ("/fhir/status?a=b", "Bearer nurse-token")
    assert "nurse-token" not in str(recorder.exchanges)


def test_without_a_token_nobody_is_signed_in(stand_in: StandIn, recorder: Recorder) -> None:
    """No header says otherwise."""
    stand_in.answers({}, status=401)
    with JsonClient(stand_in.url, recorder) as client, pytest.raises(AccessDenied):
        client.get("status")
    assert "Authorization" not in stand_in.asked[0].headers


def test_something_else_than_an_object_is_the_candidates_fault(stand_in: StandIn, recorder: Recorder) -> None:
    """A list is not what was promised."""
    stand_in.answers([])
    with JsonClient(stand_in.url, recorder) as client, pytest.raises(CandidateFault, match="no JSON object"):
        client.get("status")


def test_an_answer_that_does_not_say_that_it_is_json_is_the_candidates_fault(
    stand_in: StandIn, recorder: Recorder
) -> None:
    """What happens to be readable is not what was promised."""
    stand_in.answers(b'{"state": "ok"}')
    with JsonClient(stand_in.url, recorder) as client, pytest.raises(CandidateFault, match="does not say that it is"):
        client.get("status")


@pytest.mark.parametrize("wrong", ["yesterday", "2026-03-01T08:00:00"])
def test_a_moment_has_a_zone(wrong: str) -> None:
    """The error names what was to be read."""
    assert moment("2026-03-01T08:00:00+00:00", "at") == datetime(2026, 3, 1, 8, tzinfo=UTC)
    with pytest.raises(CandidateFault, match="takenAt is"):
        moment(wrong, "takenAt")
