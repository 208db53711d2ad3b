"""Differences between CapabilityStatements (FHIR R4, 4.0.1): what a client can no longer ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from epjgate.contracts.diff import capability_rules as rules
from epjgate.contracts.diff.reading import NotComparable, Object, as_list, as_object, named, objects
from epjgate.contracts.diff.rules import canonical
from epjgate.model.contract_change import ContractChange

Keyed = dict[str, str]
"""What is declared, by a name that tells it apart, with what is said of it."""

# What each code promises, in parts (FHIR R4, CapabilityStatement.rest.resource.conditionalRead and .conditionalDelete).
Promises = dict[str, set[str]]
_CONDITIONAL_DELETE: Promises = {"not-supported": set(), "single": {"one"}, "multiple": {"one", "several"}}
_CONDITIONAL_READ: Promises = {
    "not-supported": set(),
    "modified-since": {"If-Modified-Since"},
    "not-match": {"If-None-Match"},
    "full-support": {"If-Modified-Since", "If-None-Match"},
}
_TIGHTENING_POLICIES = {"enforced", "local"}


def differences(baseline: Any, candidate: Any) -> Iterator[ContractChange]:
    """Yield what the candidate's statement offers otherwise; a statement that cannot be read is a breaking change."""
    if canonical(baseline) == canonical(candidate):
        return
    try:
        yield from list(_statement(_read(baseline, "the baseline"), _read(candidate, "the candidate")))
    except NotComparable as err:
        yield rules.NOT_COMPARABLE.changed("CapabilityStatement", "", str(err))


def _read(statement: Any, whose: str) -> Object:
    found = as_object(statement, f"the statement of {whose}")
    if found.get("resourceType") != "CapabilityStatement":
        raise NotComparable(f"what {whose} gave is no CapabilityStatement")
    return found


def _statement(before: Object, after: Object) -> Iterator[ContractChange]:
    if before.get("fhirVersion") != after.get("fhirVersion"):
        yield rules.FHIR_VERSION.changed("fhirVersion", before.get("fhirVersion", ""), after.get("fhirVersion", ""))
    yield from _lists("format", _texts(before, "format"), _texts(after, "format"), rules.FORMAT)
    yield from _lists("patchFormat", _texts(before, "patchFormat"), _texts(after, "patchFormat"), rules.FORMAT)
    yield from _lists("guide", _guides(before), _guides(after), rules.GUIDE)
    was, now = _server(before), _server(after)
    yield from _rest(was, now)
    yield from _lists("messaging", _messages(before), _messages(after), rules.MESSAGE)


def _server(statement: Object) -> Object:
    """Return what the statement says of itself as a server; a statement has at most one such part."""
    return next((one for one in objects(statement.get("rest"), "rest") if one.get("mode", "server") == "server"), {})


def _guides(statement: Object) -> Keyed:
    return _texts(statement, "implementationGuide") | _texts(statement, "instantiates")


def _messages(statement: Object) -> Keyed:
    supported = (
        one
        for part in objects(statement.get("messaging"), "messaging")
        for one in objects(part.get("supportedMessage"), "it")
    )
    return {f"{one.get('mode')} {one.get('definition')}": "" for one in supported}


def _rest(was: Object, now: Object) -> Iterator[ContractChange]:
    yield from _security(as_object(was.get("security"), "security"), as_object(now.get("security"), "security"))
    yield from _lists(
        "system interaction", _named(was, "interaction", "code"), _named(now, "interaction", "code"), rules.INTERACTION
    )
    yield from _lists("system operation", _operations(was), _operations(now), rules.OPERATION)
    yield from _lists("system param", _parameters(was), _parameters(now), rules.PARAMETER)
    before, after = (named(one.get("resource"), "type", "rest.resource") for one in (was, now))
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield rules.RESOURCE.gone.removed(name)
        elif name not in before:
            yield rules.RESOURCE.new.added(name)
        else:
            yield from _resource(name, before[name], after[name])


def _resource(name: str, was: Object, now: Object) -> Iterator[ContractChange]:
    readers: tuple[tuple[str, Callable[[Object], Keyed], rules.Offer], ...] = (
        ("interaction", lambda one: _named(one, "interaction", "code"), rules.INTERACTION),
        ("param", _parameters, rules.PARAMETER),
        ("operation", _operations, rules.OPERATION),
        ("profile", lambda one: _texts(one, "supportedProfile"), rules.PROFILE),
        ("include", lambda one: _texts(one, "searchInclude"), rules.INCLUDE),
        ("revinclude", lambda one: _texts(one, "searchRevInclude"), rules.INCLUDE),
    )
    for what, read, offer in readers:
        yield from _lists(f"{name} {what}", read(was), read(now), offer)
    if was.get("profile") != now.get("profile"):
        yield rules.BASE_PROFILE.changed(f"{name} base profile", was.get("profile", ""), now.get("profile", ""))
    yield from _versioning(name, was.get("versioning"), now.get("versioning"))
    yield from _policies(name, _texts(was, "referencePolicy"), _texts(now, "referencePolicy"))
    for flag in ("readHistory", "conditionalCreate", "conditionalUpdate"):
        yield from _flag(f"{name} {flag}", was.get(flag, False), now.get(flag, False))
    yield from _update_create(name, was.get("updateCreate", False), now.get("updateCreate", False))
    for word, promises in (("conditionalRead", _CONDITIONAL_READ), ("conditionalDelete", _CONDITIONAL_DELETE)):
        yield from _conditional(f"{name} {word}", promises, was.get(word), now.get(word))


def _lists(place: str, before: Keyed, after: Keyed, offer: rules.Offer) -> Iterator[ContractChange]:
    """Yield what was taken from a list, put into it, or is said otherwise of an entry of both."""
    everything = "*" in after
    for name in sorted(before.keys() - after.keys()):
        if not everything:
            yield offer.gone.removed(f"{place} {name}", before[name])
    for name in sorted(after.keys() - before.keys()):
        yield offer.new.added(f"{place} {name}", after[name])
    for name in sorted(before.keys() & after.keys()):
        if before[name] != after[name]:
            yield (offer.other or offer.gone).changed(f"{place} {name}", before[name], after[name])


def _texts(part: Object, key: str) -> Keyed:
    values = as_list(part.get(key), key)
    if not all(isinstance(value, str) for value in values):
        raise NotComparable(f"an entry of {key} is no text")
    return dict.fromkeys(values, "")


def _named(part: Object, key: str, name: str) -> Keyed:
    return dict.fromkeys(named(part.get(key), name, key), "")


def _parameters(part: Object) -> Keyed:
    found = named(part.get("searchParam"), "name", "searchParam")
    return {name: str(one.get("type", "")) for name, one in found.items()}


def _operations(part: Object) -> Keyed:
    found = named(part.get("operation"), "name", "operation")
    return {f"${name.lstrip('$')}": str(one.get("definition", "")) for name, one in found.items()}


def _security(was: Object, now: Object) -> Iterator[ContractChange]:
    before, after = _services(was), _services(now)
    if was.keys() - {"cors"} and not now.keys() - {"cors"}:
        yield rules.SECURITY_REMOVED.removed("security", canonical(was))
    elif after and not before:
        yield rules.SECURITY_DEMANDED.added("security", ", ".join(sorted(after)))
    else:
        yield from _lists("security", before, after, rules.SERVICE)
    yield from _flag("security cors", was.get("cors", False), now.get("cors", False))


def _services(security: Object) -> Keyed:
    codes = {}
    for service in objects(security.get("service"), "security.service"):
        for coding in objects(service.get("coding"), "security.service.coding") or [{"code": service.get("text")}]:
            codes[str(coding.get("code"))] = ""
    return codes


def _versioning(name: str, was: Any, now: Any) -> Iterator[ContractChange]:
    if was != now:
        gained = was in (None, "no-version") and now == "versioned"
        rule = rules.VERSIONING_GAINED if gained else rules.VERSIONING
        yield rule.changed(f"{name} versioning", was or "", now or "")


def _policies(name: str, was: Keyed, now: Keyed) -> Iterator[ContractChange]:
    for policy in sorted(was.keys() ^ now.keys()):
        place, gone = f"{name} referencePolicy {policy}", policy in was
        harmful = gone != (policy in _TIGHTENING_POLICIES)
        rule = rules.REFERENCES_REFUSED if harmful else rules.REFERENCES_ACCEPTED
        yield rule.removed(place) if gone else rule.added(place)


def _flag(place: str, was: Any, now: Any) -> Iterator[ContractChange]:
    if bool(was) != bool(now):
        yield rules.ABILITY.new.added(place, "true") if now else rules.ABILITY.gone.removed(place, "true")


def _update_create(name: str, was: Any, now: Any) -> Iterator[ContractChange]:
    if bool(was) and not now:
        yield rules.ABILITY.gone.removed(f"{name} updateCreate", "true")
    if bool(now) and not was:
        yield rules.UPDATE_CREATES.added(f"{name} updateCreate", "true")


def _conditional(place: str, promises: Promises, was: Any, now: Any) -> Iterator[ContractChange]:
    was, now = was or "not-supported", now or "not-supported"
    if was not in promises or now not in promises:
        raise NotComparable(f"{place} is none of {', '.join(promises)}")
    if promises[was] - promises[now]:
        yield rules.ABILITY.gone.changed(place, was, now)
    elif (was, now) == ("single", "multiple"):
        yield rules.DELETES_SEVERAL.changed(place, was, now)
    elif was != now:
        yield rules.ABILITY.new.changed(place, was, now)
