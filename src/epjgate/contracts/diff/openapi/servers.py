"""Differences between the servers that a document, or a part of it, names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from epjgate.contracts.diff.openapi import rules
from epjgate.contracts.diff.openapi.document import Document
from epjgate.contracts.diff.reading import NotComparable, Object, as_object, objects
from epjgate.model.contract_change import ContractChange

Servers = frozenset[tuple[str, str]]
"""Address and base path of each; the address is empty for that of whoever serves the document."""


def root_servers(before: Document, after: Document) -> Iterator[ContractChange]:
    """Yield what changed about the servers of whole documents."""
    yield from differences("servers", of_document(before), of_document(after))


def of_document(document: Document) -> Servers:
    """Return the servers of all operations that name none; of a document without any, that which serves it."""
    return servers_of(document.root) or _HERE


def differences(place: str, before: Servers, after: Servers) -> Iterator[ContractChange]:
    """Yield the servers that came and went; one that kept its base path at another address has moved."""
    kept_paths = {path for _, path in after}
    old_paths = {path for _, path in before}
    for address, path in sorted(before - after):
        rule = rules.SERVER_MOVED if path in kept_paths else rules.SERVER_REMOVED
        yield rule.removed(f"{place} {address}{path}")
    for address, path in sorted(after - before):
        if path not in old_paths or before <= after:
            yield rules.SERVER_ADDED.added(f"{place} {address}{path}")


def servers_of(holder: Object) -> Servers:
    """Return the servers that `holder` names itself; raises NotComparable for a URL that is none."""
    return frozenset(address_of(_filled_in(server)) for server in objects(holder.get("servers"), "servers"))


def _filled_in(server: Object) -> str:
    """Return the URL with the default of each variable in its place."""
    variables = as_object(server.get("variables"), "variables")

    def default(match: re.Match[str]) -> str:
        return str(as_object(variables.get(match[1]), match[1]).get("default", match[0]))

    return re.sub(r"\{([^}]*)\}", default, str(server.get("url", "")))


def address_of(url: str) -> tuple[str, str]:
    """Return the address, empty for this machine or none, and the path of `url`; raises NotComparable for no URL."""
    try:
        parts = urlsplit(url)
        own = parts.hostname is None or _is_loopback(parts.hostname)
    except ValueError as err:
        raise NotComparable(f"{url} is no URL of a server") from err
    address = "" if own else f"{parts.scheme}://{parts.netloc}".lower()
    return address, "/" + parts.path.strip("/")


def _is_loopback(host: str) -> bool:
    """Whether `host` is this machine, where a candidate that is tested gets another port each time."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


_HERE: Servers = frozenset({("", "/")})
"""What a document without servers means (OpenAPI 3.1, OpenAPI Object, `servers`)."""
