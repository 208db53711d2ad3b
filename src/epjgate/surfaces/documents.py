"""The documents in which a release says itself what it offers."""

from __future__ import annotations

import json
import re

from pydantic import JsonValue

from epjgate.drivers import exact_json
from epjgate.drivers.admin import JsonClient
from epjgate.drivers.fhir import FhirClient
from epjgate.evidence.recorder import Recorder
from epjgate.model.redaction import Redactor
from epjgate.model.target import Target

FHIR_R4, OPENAPI = "fhir_r4", "openapi"
ALL_RIGHTS = "integration"
_PSEUDONYM = re.compile(r"\[cpr [0-9a-f]+\]")


def capability_statement(target: Target, recorder: Recorder) -> JsonValue:
    """Return the CapabilityStatement as `target` gives it to whoever has not signed in.

    Raises CandidateFault where the answer is none, CandidateUnreachable where none comes. `target` has the interface.
    """
    with FhirClient(_url(target, FHIR_R4), recorder, timeout_s=target.timeout_s) as client:
        return _plain(exact_json.encode(client.capabilities()), recorder.redactor)


def openapi(target: Target, recorder: Recorder) -> JsonValue:
    """Return the OpenAPI document of `target`; raises as `capability_statement` does."""
    token = target.users.get(ALL_RIGHTS)
    with JsonClient(_url(target, OPENAPI), recorder, timeout_s=target.timeout_s, token=token) as client:
        return _plain(exact_json.encode(client.get("")), recorder.redactor)


def _url(target: Target, interface: str) -> str:
    url = target.url(interface)
    if url is None:
        raise AssertionError(f"unreachable: who asks for {interface} has seen that it is served")
    return url


def _plain(encoded: bytes | str, redactor: Redactor) -> JsonValue:
    """Return JSON without exact decimals and without CPR numbers, as an example in a document may hold one."""
    value: JsonValue = json.loads(encoded)
    return _blotted(value, redactor)


def _blotted(value: JsonValue, redactor: Redactor) -> JsonValue:
    """Return `value` with `[cpr]` for each CPR number: a pseudonym of one run would look like a change in the next."""
    match value:
        case dict():
            return {_blot(key, redactor): _blotted(held, redactor) for key, held in value.items()}
        case list():
            return [_blotted(held, redactor) for held in value]
        case str():
            return _blot(value, redactor)
        case int() | float() if redactor.text(str(value)) != str(value):
            return _blot(str(value), redactor)
        case _:
            return value


def _blot(text: str, redactor: Redactor) -> str:
    return _PSEUDONYM.sub("[cpr]", redactor.text(text))
