"""Checks of what whoever has nothing but the narratives of a MedCom FHIR message can read; a document is the Bundle."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from epjgate.contracts.checks.interface import Document, check
from epjgate.contracts.checks.medcom_bundle import Resource, leaves, resources

NARRATIVES = ("generated", "extensions", "additional")
_TOLD = {
    "Patient": ("identifier.value", "name.given", "name.family"),
    "Organization": ("identifier.value", "name"),
    "Practitioner": ("name.text", "name.given", "name.family"),
    "PractitionerRole": ("code.text",),
    "CareTeam": ("name",),
    "Communication": ("topic.text", "payload.contentString", "payload.extension.valueContactPoint.value"),
    "OperationOutcome": ("issue.details.text",),
}
"""What a narrative repeats, as far as it can only be said in one way: times and codes may be written out."""
_DIV = re.compile(r'<div\b[^>]* xmlns="http://www\.w3\.org/1999/xhtml"[^>]*>(?P<content>.*)</div>', re.DOTALL)


@check("medcom-narrative")
def narrative(document: Document) -> Iterator[str]:
    """Every resource can be read by whoever has nothing but its narrative."""
    for resource in resources(document):
        text = resource.get("text", {})
        if text.get("status") not in NARRATIVES or not told_by(resource).strip():
            yield f"{resource['resourceType']}.text is no narrative"


@check("medcom-narrative-tells")
def narrative_tells(document: Document) -> Iterator[str]:
    """The names, numbers and texts of a resource are in its narrative, letter by letter."""
    for resource in resources(document):
        told = " ".join(told_by(resource).split())
        missing = [path for path, value in _worth_telling(resource) if " ".join(value.split()) not in told]
        if told and missing:
            yield f"{resource['resourceType']}.text does not tell {', '.join(missing)}"


def told_by(resource: Resource) -> str:
    """Return what the narrative of `resource` says without its markup, empty where it is no whole XHTML `div`."""
    found = _DIV.fullmatch(str(resource.get("text", {}).get("div", "")).strip())
    return unescape(re.sub(r"<[^>]*>", " ", found["content"])) if found else ""


def _worth_telling(resource: Resource) -> Iterator[tuple[str, str]]:
    """Yield what somebody needs who has to find, to call or to read: by its path, and without identities of systems."""
    wanted = _TOLD.get(resource["resourceType"], ())
    for path, value in leaves(resource):
        is_identity = str(value).startswith("urn:uuid:")
        if re.sub(r"\[\d+\]", "", path) in wanted and not is_identity:
            yield path, str(value)
