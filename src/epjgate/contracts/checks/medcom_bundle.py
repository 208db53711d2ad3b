"""A MedCom message as checks read it: its header, its resources, and where each reference leads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from epjgate.contracts.checks.interface import Document

MEDCOM = "http://medcomfhir.dk/ig"
SOR = "urn:oid:1.2.208.176.1.1"
GLN = "https://www.gs1.org/gln"

Resource = dict[str, Any]

_OWN = ("resourceType", "id", "meta", "text")
_WORDS = ("display", "version")
# FHIR R4 data types, `instant` and `dateTime`: a time needs seconds and a zone.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_UUID = re.compile(r"(urn:uuid:)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def is_instant(value: object) -> bool:
    """Whether `value` is a point in time with its offset from UTC that there has been."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def uuid_of(value: object) -> UUID | None:
    """Return the UUID that `value` is, written in full, with or without `urn:uuid:`; None where it is none."""
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        return None
    return UUID(value[-36:])


def resources(document: Document) -> list[Resource]:
    """Return the resource of every entry; KeyError where there is none, for then there is nothing to check."""
    found = [entry["resource"] for entry in document["entry"]]
    if not found:
        raise KeyError("entry")
    return found


def all_of(document: Document, kind: str) -> list[Resource]:
    """Return the resources of type `kind`."""
    return [resource for resource in resources(document) if resource["resourceType"] == kind]


def header_of(document: Document) -> Resource:
    """Return the MessageHeader; KeyError where the first resource is another one."""
    first: Resource = document["entry"][0]["resource"]
    if first["resourceType"] != "MessageHeader":
        raise KeyError("MessageHeader")
    return first


def led_to(document: Document, reference: object, kind: str = "") -> Resource | None:
    """Return the resource to which `reference` leads, by fullUrl or by type and id; None unless it is a `kind`."""
    for entry in document["entry"]:
        resource: Resource = entry["resource"]
        if reference in (entry.get("fullUrl"), f"{resource['resourceType']}/{resource.get('id')}"):
            return resource if kind in ("", resource["resourceType"]) else None
    return None


def own_provenances(document: Document) -> list[Resource]:
    """Return each Provenance that tells of this message, not of an earlier one."""
    header = header_of(document)
    return [
        one
        for one in all_of(document, "Provenance")
        if any(led_to(document, target.get("reference")) is header for target in one["target"])
    ]


def activity_of(provenance: Resource) -> tuple[str, str]:
    """Return system and code of what was done."""
    coding = provenance["activity"]["coding"][0]
    return coding["system"], coding["code"]


def claimed_by(resource: Resource) -> list[str]:
    """Return the profiles that `resource` claims, without their versions."""
    return [str(claimed).partition("|")[0] for claimed in resource["meta"]["profile"]]


def parties(document: Document) -> dict[str, Resource | None]:
    """Return the Organization of the sender and of each receiver, by its place in the header."""
    header = header_of(document)
    places = {"MessageHeader.sender": header.get("sender", {})}
    for number, destination in enumerate(header.get("destination", [])):
        places[f"MessageHeader.destination[{number}].receiver"] = destination.get("receiver", {})
    return {place: led_to(document, value.get("reference"), "Organization") for place, value in places.items()}


def said(document: Document) -> dict[str, list[Resource]]:
    """Return what the resources of the message say, by `sender`, `receiver` and the types of all others.

    Left out are what is a resource's own (id, narrative, profiles) and words for codes. A reference into the message is
    the name of what it leads to (`#sender`, `#Patient`), and a time is the moment that it names, in whichever zone.
    """
    found = parties(document)
    roles = {id(one): place.rpartition(".")[2] for place, one in found.items() if one is not None}
    named = [
        (entry, roles.get(id(entry["resource"]), entry["resource"]["resourceType"])) for entry in document["entry"]
    ]
    names = {entry.get("fullUrl"): f"#{name}" for entry, name in named}
    names |= {f"{one['resource']['resourceType']}/{one['resource'].get('id')}": f"#{name}" for one, name in named}
    told: dict[str, list[Resource]] = {}
    for entry, name in named:
        own = {key: value for key, value in entry["resource"].items() if key not in _OWN}
        told.setdefault(name, []).append(_plainly(own, names))
    return told


def _plainly(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_plainly(item, names) for item in value]
    if isinstance(value, dict):
        told = {key: _plainly(item, names) for key, item in value.items() if key not in _WORDS}
        reference = value.get("reference")
        return told | ({"reference": names.get(reference, reference)} if isinstance(reference, str) else {})
    return datetime.fromisoformat(value) if is_instant(value) else value


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value that is no object and no list, with its path."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from leaves(item, f"{path}[{number}]")
    else:
        yield path, value


def extension(element: Resource, url: str) -> Resource | None:
    """Return the extension `url` of an element, None where it has none."""
    return next((one for one in element.get("extension", []) if one["url"] == url), None)


def identifier(resource: Resource, system: str) -> str:
    """Return the identifier of `resource` in `system`, empty where it has none."""
    return next((str(one["value"]) for one in resource.get("identifier", []) if one.get("system") == system), "")
