"""Differences between the ways in which an operation lets a client sign in."""

from __future__ import annotations

import json
from collections.abc import Iterator

from epjgate.contracts.diff.openapi import rules
from epjgate.contracts.diff.openapi.document import Document
from epjgate.contracts.diff.openapi.servers import address_of
from epjgate.contracts.diff.reading import Object, as_list, as_object, objects
from epjgate.contracts.diff.rules import canonical
from epjgate.model.contract_change import ContractChange

Way = dict[str, frozenset[str]]
"""Schemes that are all needed, each with the scopes needed; a scheme is what it says, not what it is called."""

_HINTS = {"description", "bearerFormat"}
_NAMED_BY = ("type", "scheme", "in", "name")


def differences(
    place: str, before: tuple[Document, Object], after: tuple[Document, Object]
) -> Iterator[ContractChange]:
    """Yield what changed about signing in for an operation, given with its document."""
    old, new = _ways(*before), _ways(*after)
    if not _demands(old) and _demands(new):
        yield rules.SECURITY_DEMANDED.added(place, _told(new))
    elif _demands(old) and not _demands(new):
        yield rules.SECURITY_REMOVED.removed(place, _told(old))
    else:
        yield from _among(place, old, new)


def _among(place: str, old: list[Way], new: list[Way]) -> Iterator[ContractChange]:
    for way in old:
        if not any(_opens(way, other) for other in new):
            yield from _closed(place, way, new)
        elif way not in new:
            yield rules.SCOPE_LIFTED.changed(f"{place} security {_name(way)}", _told([way]), _told(new))
    for way in new:
        if not any(_same_schemes(way, other) for other in old):
            yield rules.WAY_ADDED.added(f"{place} security {_name(way)}")


def _closed(place: str, way: Way, new: list[Way]) -> Iterator[ContractChange]:
    """Yield why credentials that opened the old way open none of the new: scopes are missing, or the way is gone."""
    for other in new:
        if _same_schemes(way, other):
            for scope in sorted({scope for scheme in way for scope in other[scheme] - way[scheme]}):
                yield rules.SCOPE_DEMANDED.added(f"{place} security {_name(way)} scope {scope}")
            return
    yield rules.WAY_REMOVED.removed(f"{place} security {_name(way)}")


def _opens(way: Way, other: Way) -> bool:
    """Whether credentials that are enough for `way` are enough for `other`."""
    return all(scheme in way and scopes <= way[scheme] for scheme, scopes in other.items())


def _same_schemes(way: Way, other: Way) -> bool:
    return way.keys() == other.keys()


def _demands(ways: list[Way]) -> bool:
    """Whether nobody gets in without credentials; an empty way lets everybody in."""
    return bool(ways) and all(ways)


def _ways(document: Document, operation: Object) -> list[Way]:
    demanded = operation["security"] if "security" in operation else document.root.get("security")
    schemes = as_object(
        as_object(document.root.get("components"), "components").get("securitySchemes"), "securitySchemes"
    )
    found = []
    for requirement in objects(demanded, "security"):
        way: dict[str, frozenset[str]] = {}
        for name, scopes in requirement.items():
            told = document.resolved(schemes[name], name) if name in schemes else {"name": name}
            way[_scheme(told)] = frozenset(map(str, as_list(scopes, f"scopes of {name}")))
        found.append(way)
    return found


def _scheme(told: Object) -> str:
    """Return what a scheme says, hints for people left out."""
    plain = {key: value for key, value in told.items() if key not in {*_HINTS, "flows"} and not key.startswith("x-")}
    if "scheme" in plain:
        plain["scheme"] = str(plain["scheme"]).lower()  # RFC 9110, 11.1: without regard to case
    for name, flow in as_object(told.get("flows"), "flows").items():
        plain[f"flow {name}"] = {key: url for key, url in as_object(flow, name).items() if key.endswith("Url")}
    return canonical(_with_addresses(plain))


def _with_addresses(node: Object) -> Object:
    """Return `node` with each URL as address and path: on which port a candidate is tested means nothing."""
    return {
        key: _with_addresses(value)
        if isinstance(value, dict)
        else "".join(address_of(str(value)))
        if key.endswith("Url")
        else value
        for key, value in node.items()
    }


def _name(way: Way) -> str:
    """Return what a reader calls a way: `http bearer`, `apiKey header X-Key`."""
    said = [json.loads(scheme) for scheme in sorted(way)]
    return " and ".join(" ".join(str(one[key]) for key in _NAMED_BY if key in one) for one in said) or "none"


def _told(ways: list[Way]) -> str:
    return " or ".join(f"{_name(way)} {sorted({scope for scopes in way.values() for scope in scopes})}" for way in ways)
