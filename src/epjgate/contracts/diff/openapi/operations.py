"""Differences between the operations of two documents: which there are, and what each asks and answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from epjgate.contracts.diff.openapi import parameters, rules, schema_rules, security, servers
from epjgate.contracts.diff.openapi.bodies import Bodies
from epjgate.contracts.diff.openapi.document import Document
from epjgate.contracts.diff.openapi.rules import Side
from epjgate.contracts.diff.openapi.schema import SchemaComparison
from epjgate.contracts.diff.reading import NotComparable, Object, as_object
from epjgate.model.contract_change import ContractChange

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_TEMPLATE = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True)
class Operation:
    """An operation where it stands: its path as written, the path item around it, and itself.

    `called` tells one that the candidate calls: a webhook or a callback.
    """

    path: str
    item: Object
    content: Object

    called: bool = False

    @property
    def path_names(self) -> list[str]:
        """The names of the parameters in the path, in order; what is called back has none, its URL is an expression."""
        return [] if self.called else _TEMPLATE.findall(self.path)


class Operations:
    """Compares all operations of two documents, callbacks and webhooks included."""

    def __init__(self, before: Document, after: Document) -> None:
        self._before = before
        self._after = after
        self._schemas = SchemaComparison(before, after)

    def differences(self) -> Iterator[ContractChange]:
        """Yield what changed; paths that differ in the names of their parameters alone are the same path."""
        old, new = _operations(self._before, "paths"), _operations(self._after, "paths")
        yield from self._matched("", old, new, Side.REQUEST)
        old, new = (_operations(one, "webhooks", called=True) for one in (self._before, self._after))
        yield from self._matched("webhook ", old, new, Side.RESPONSE)

    def _matched(
        self, prefix: str, old: dict[tuple[str, str], Operation], new: dict[tuple[str, str], Operation], side: Side
    ) -> Iterator[ContractChange]:
        called = side is Side.RESPONSE  # the candidate calls its client, who must still be called
        removed = rules.CALLBACK_REMOVED if called else rules.OPERATION_REMOVED
        added = rules.CALLBACK_ADDED if called else rules.OPERATION_ADDED
        for key in sorted(old.keys() | new.keys()):
            was, now = old.get(key), new.get(key)
            place = f"{prefix}{key[1].upper()} {(was or now or Operation('', {}, {})).path}"
            if was is None:
                yield added.added(place)
            elif now is None:
                yield removed.removed(place)
            else:
                yield from self._guarded(place, was, now, side)

    def _guarded(self, place: str, was: Operation, now: Operation, side: Side) -> Iterator[ContractChange]:
        unchanged = self._schemas.unchanged.covers([was.item, was.content], [now.item, now.content])
        compare = self._security if unchanged else self._operation
        try:
            yield from list(compare(place, was, now, side))
        except (NotComparable, RecursionError) as err:
            why = str(err) if isinstance(err, NotComparable) else "its schemas are nested too deep"
            yield rules.NOT_COMPARABLE.changed(place, "", why)

    def _operation(self, place: str, was: Operation, now: Operation, side: Side) -> Iterator[ContractChange]:
        yield from _itself(place, was, now)
        yield from self._servers(place, was, now)
        yield from self._security(place, was, now, side)
        yield from parameters.differences(
            place,
            parameters.of(self._before, was.item, was.content, was.path_names),
            parameters.of(self._after, now.item, now.content, now.path_names),
            self._schemas,
        )
        yield from Bodies(self._schemas, side).differences(place, was.content, now.content)
        for name in sorted({*_callbacks(was.content), *_callbacks(now.content)}):
            old, new = (
                _items(document, as_object(_callbacks(one.content).get(name), name), called=True)
                for document, one in ((self._before, was), (self._after, now))
            )
            yield from self._matched(f"{place} callback {name} ", old, new, side.other)

    def _servers(self, place: str, was: Operation, now: Operation) -> Iterator[ContractChange]:
        """Yield what changed about servers, where an operation or its path has its own."""
        own = [servers.servers_of(one.content) or servers.servers_of(one.item) for one in (was, now)]
        if any(own):
            old, new = own[0] or servers.of_document(self._before), own[1] or servers.of_document(self._after)
            yield from servers.differences(f"{place} servers", old, new)

    def _security(self, place: str, was: Operation, now: Operation, side: Side) -> Iterator[ContractChange]:
        if side is Side.REQUEST:
            yield from security.differences(place, (self._before, was.content), (self._after, now.content))


def _itself(place: str, was: Operation, now: Operation) -> Iterator[ContractChange]:
    for old, new in zip(was.path_names, now.path_names, strict=True):
        if old != new:
            yield rules.PATH_PARAM_RENAMED.changed(f"{place} path param {old}", old, new)
    if was.content.get("operationId", now.content.get("operationId")) != now.content.get("operationId"):
        before, after = (one.content.get("operationId", "") for one in (was, now))
        yield rules.OPERATION_ID.changed(place, before, after)
    deprecated = now.content.get("deprecated", False)
    if was.content.get("deprecated", False) != deprecated:
        yield (schema_rules.DEPRECATED if deprecated else schema_rules.UNDEPRECATED).changed(place)


def _callbacks(content: Object) -> Object:
    return as_object(content.get("callbacks"), "callbacks")


def _operations(document: Document, where: str, *, called: bool = False) -> dict[tuple[str, str], Operation]:
    return _items(document, as_object(document.root.get(where), where), called=called)


def _items(document: Document, items: Object, *, called: bool) -> dict[tuple[str, str], Operation]:
    """Return the operations of path items, by path without the names of its parameters, and method."""
    if isinstance(items.get("$ref"), str):
        items = document.resolved(items, "a callback")
    alike = Counter(_TEMPLATE.sub("{}", path) for path in items)
    found = {}
    for path, raw in items.items():
        if path.startswith("x-"):
            continue
        item = document.resolved(raw, f"the path {path}")
        plain = _TEMPLATE.sub("{}", path)
        for method in METHODS:
            if method in item:
                key = (path if called or alike[plain] > 1 else plain, method)
                found[key] = Operation(path, item, as_object(item[method], f"{method.upper()} {path}"), called)
    return found
