"""Checks of OpenAPI documents (OpenAPI Specification 3.1.1), by which a server describes itself."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from epjgate.contracts.checks.interface import Document, check

_VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_NAME = re.compile(r"\{([^{}]+)\}")
Operations = Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]


@check("openapi-document-valid")
def conforms_to_its_version(document: Document) -> Iterator[str]:
    """Ask Schemathesis, which holds the JSON Schemas of every version."""
    from jsonschema_rs import ValidationError
    from schemathesis import errors, openapi

    plain = json.loads(json.dumps(document, default=float))
    try:
        openapi.from_dict(plain).validate()
    except ValidationError as err:
        yield f"at /{'/'.join(map(str, err.instance_path))}: {err.message}"
    except errors.LoaderError as err:
        yield str(err).partition("\n")[0]


@check("openapi-references-resolve")
def references_resolve(document: Document) -> Iterator[str]:
    """Follow every local reference."""
    for place, reference in _references(document, ""):
        if reference.startswith("#") and _target(document, reference) is None:
            yield f"at {place}: {reference} leads nowhere"


@check("openapi-operation-ids-unique")
def operation_ids_are_unique(document: Document) -> Iterator[str]:
    """Count the ids."""
    ids = Counter(operation["operationId"] for _, operation, _ in _operations(document) if "operationId" in operation)
    yield from (f"{name} is the id of {count} operations" for name, count in ids.items() if count > 1)


@check("openapi-path-parameters-described")
def path_parameters_are_described(document: Document) -> Iterator[str]:
    """Compare the names in braces with the parameters."""
    for place, operation, item in _operations(document):
        listed = [_resolved(document, one) for one in (*item.get("parameters", []), *operation.get("parameters", []))]
        described = {one["name"]: one.get("required") for one in listed if one["in"] == "path"}
        wanted = set(_NAME.findall(place))
        for name in sorted(wanted ^ described.keys()):
            yield f"{place}: {name} is {'not described' if name in wanted else 'not in the path'}"
        for name in sorted(wanted & described.keys()):
            if described[name] is not True:
                yield f"{place}: {name} has to be required"


@check("openapi-success-described")
def success_is_described(document: Document) -> Iterator[str]:
    """Look for a status below 400."""
    for place, operation, _ in _operations(document):
        if not any(str(status)[0] in "123d" for status in operation["responses"]):
            yield f"{place} describes only failures"


@check("openapi-security-schemes-exist")
def security_schemes_exist(document: Document) -> Iterator[str]:
    """Look up every scheme that is required."""
    known = document.get("components", {}).get("securitySchemes", {})
    places = [("the document", document), *((place, operation) for place, operation, _ in _operations(document))]
    for place, holder in places:
        named = {name for requirement in holder.get("security", []) for name in requirement}
        yield from (f"{place} requires {name}, which is no security scheme" for name in sorted(named - known.keys()))


@check("openapi-links-lead-to-operations")
def links_lead_to_operations(document: Document) -> Iterator[str]:
    """Follow every link by its operationId."""
    operations = {operation.get("operationId"): (operation, item) for _, operation, item in _operations(document)}
    for place, operation, _ in _operations(document):
        for name, link in _links(document, operation):
            if "operationRef" in link:
                continue
            if link.get("operationId") not in operations:
                yield f"{place}: the link {name} leads to no operation"
                continue
            target, item = operations[link["operationId"]]
            both = (*item.get("parameters", []), *target.get("parameters", []))
            known = {str(_resolved(document, one)["name"]) for one in both}
            given = {key.rpartition(".")[2] for key in link.get("parameters", {})}
            if given - known:
                yield f"{place}: the link {name} gives {', '.join(sorted(given - known))}, which is no parameter there"


def _operations(document: Document) -> Operations:
    """Yield method and path, the operation, and the path's item with what its operations share."""
    for path, item in document["paths"].items():
        for verb in _VERBS:
            if verb in item:
                yield f"{verb.upper()} {path}", item[verb], item


def _links(document: Document, operation: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for response in operation["responses"].values():
        for name, link in _resolved(document, response).get("links", {}).items():
            yield name, _resolved(document, link)


def _references(value: object, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield place or "/", value["$ref"]
        for key, part in value.items():
            yield from _references(part, f"{place}/{key}")
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _references(part, f"{place}/{number}")


def _target(document: Document, reference: str) -> Any:
    target = document
    for part in reference.removeprefix("#").split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(target, list):
            target = target[int(key)] if key.isdigit() and int(key) < len(target) else None
        else:
            target = target.get(key) if isinstance(target, dict) else None
    return target


def _resolved(document: Document, value: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = value.get("$ref")
    found = _target(document, reference) if isinstance(reference, str) else value
    return found if isinstance(found, dict) else {}
