"""A MedCom message as its receiver reads it: strictly, and every broken rule told in words (MedCom Messaging 4.0.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from epjgate.partners.documents import Malformed, moment

Resource = dict[str, JsonValue]


class MessageBundle:
    """A message Bundle: its header, and its resources by type and by the references that lead to them.

    Raises Malformed for what is no message: another type of Bundle, no time, no header in the first place.
    """

    def __init__(self, bundle: Resource) -> None:
        if bundle.get("resourceType") != "Bundle" or bundle.get("type") != "message":
            raise Malformed("Bundle.type: the body is no message Bundle")
        moment_at(bundle, "timestamp", of="Bundle")
        entries = [entry for entry in each(bundle.get("entry")) if isinstance(entry.get("resource"), dict)]
        header = entries[0]["resource"] if entries else None
        if not isinstance(header, dict) or header.get("resourceType") != "MessageHeader":
            raise Malformed("Bundle.entry[0]: the first resource of a message is its MessageHeader")
        self.header: Resource = header
        self.bundle_id = text_at(bundle, "id")
        self.header_id = text_at(header, "id")
        self._all: list[Resource] = []
        self._by_reference: dict[str, Resource] = {}
        self._take(entries)

    def _take(self, entries: Iterable[Resource]) -> None:
        for entry in entries:
            resource = entry["resource"]
            if not isinstance(resource, dict):
                continue
            self._all.append(resource)
            names = (entry.get("fullUrl"), f"{resource.get('resourceType')}/{resource.get('id')}")
            self._by_reference |= {name: resource for name in names if isinstance(name, str)}

    @property
    def event(self) -> str:
        """The code of the message's event, empty where it has none."""
        return str(child(self.header, "eventCoding").get("code", ""))

    def of(self, kind: str) -> list[Resource]:
        """Return all resources of type `kind`."""
        return [resource for resource in self._all if resource.get("resourceType") == kind]

    def only(self, kind: str) -> Resource:
        """Return the one resource of type `kind`."""
        found = self.of(kind)
        if len(found) != 1:
            raise Malformed(f"Bundle.entry: the message holds one {kind}, this one holds {len(found)}")
        return found[0]

    def find(self, reference: JsonValue) -> Resource | None:
        """Return the resource to which `reference` leads."""
        return self._by_reference.get(reference) if isinstance(reference, str) else None

    def check_parties(self) -> None:
        """Raise Malformed unless there is one sender, one receiver and no copies, and a Provenance tells of it."""
        destinations = each(self.header.get("destination"))
        if len(destinations) != 1:
            raise Malformed(f"MessageHeader.destination: one receiver and no copies, this one has {len(destinations)}")
        for name, reference in (("sender", self.sender()), ("destination.receiver", self.receiver())):
            organization = self.find(reference)
            if organization is None or organization.get("resourceType") != "Organization":
                raise Malformed(f"MessageHeader.{name}: leads to no Organization of the message")
            if not any(identifier.get("value") for identifier in each(organization.get("identifier"))):
                raise Malformed(f"MessageHeader.{name}: the Organization has no identifier")
        targets = (target for provenance in self.of("Provenance") for target in each(provenance.get("target")))
        if not any(self.find(target.get("reference")) is self.header for target in targets):
            raise Malformed("Provenance: none has the MessageHeader as its target")

    def sender(self) -> JsonValue:
        """Return the reference to who sent the message."""
        return child(self.header, "sender").get("reference")

    def receiver(self) -> JsonValue:
        """Return the reference to who is to get it, the first one where there are several."""
        return child(first(self.header.get("destination")), "receiver").get("reference")


def child(resource: Mapping[str, JsonValue], name: str) -> Resource:
    """Return the object below `name`, empty where there is none."""
    found = resource.get(name)
    return found if isinstance(found, dict) else {}


def each(values: JsonValue) -> list[Resource]:
    """Return the objects in a list of values, none where it is no list."""
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def first(values: JsonValue) -> Resource:
    """Return the first object of a list of values, empty where there is none."""
    return next(iter(each(values)), {})


def text_at(resource: Mapping[str, JsonValue], name: str) -> str:
    """Return the text below `name`; raises Malformed where there is none."""
    found = resource.get(name)
    if not isinstance(found, str) or not found:
        raise Malformed(f"{resource.get('resourceType', 'element')}.{name}: missing")
    return found


def moment_at(resource: Mapping[str, JsonValue], name: str, *, of: str) -> None:
    """Raise Malformed unless a day, or a time with its offset, stands below `name`."""
    try:
        moment(str(resource.get(name)))
    except ValueError as err:
        raise Malformed(f"{of}.{name}: missing, or no day or time with its offset") from err
