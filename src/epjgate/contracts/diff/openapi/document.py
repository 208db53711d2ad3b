"""An OpenAPI document, 3.0 or newer, and how its references are followed."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from epjgate.contracts.diff.reading import NotComparable, Object, as_object

_LONGEST_CHAIN = 50


def schema_reference(name: str) -> str:
    """Return what the mapping of a discriminator names, a schema's name or a reference, as a reference."""
    return name if "/" in name or name.startswith("#") else f"#/components/schemas/{name}"


class Document:
    """A document as read; `whose` names it in messages.

    In 3.0 null is told by `nullable`, bounds are exclusive by a flag, and what stands beside a `$ref` is ignored; from
    3.1 on a schema is JSON Schema 2020-12, where null is a type and what stands beside a `$ref` counts.
    """

    def __init__(self, content: Any, whose: str) -> None:
        self.root: Object = as_object(content, f"the OpenAPI document of {whose}")
        self.whose = whose
        version = self.root.get("openapi")
        if not isinstance(version, str) or not re.fullmatch(r"3\.\d+(\..*)?", version):
            raise NotComparable(f"what {whose} gave is no OpenAPI document of version 3")
        self.as_3_0 = version == "3.0" or version.startswith("3.0.")

    def has(self, ref: str) -> bool:
        """Whether `ref` points to something in this document."""
        try:
            self.target(ref)
        except NotComparable:
            return False
        return True

    def target(self, ref: str) -> Any:
        """Return what `ref`, a JSON pointer within this document, points to (RFC 6901); raises NotComparable."""
        if not ref.startswith("#"):
            raise NotComparable(f"{self.whose} refers to {ref}, outside its document")
        node: Any = self.root
        for part in ref[1:].split("/")[1:]:
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            try:
                node = node[int(key)] if isinstance(node, list) else node[key]
            except (KeyError, IndexError, TypeError, ValueError):
                raise NotComparable(f"{self.whose} refers to {ref}, which is not there") from None
        return node

    def resolved(self, node: Any, what: str) -> Object:
        """Return `node`, an object that may be a reference, followed to its end; raises NotComparable."""
        for _ in range(_LONGEST_CHAIN):
            found = as_object(node, what)
            if not isinstance(found.get("$ref"), str):
                return found
            node = self.target(found["$ref"])
        raise NotComparable(f"{self.whose} refers in circles: {what}")

    def objects(self, holder: Object, key: str) -> dict[str, Object]:
        """Return the objects below `key` of `holder` by name, references followed."""
        found = as_object(holder.get(key), key)
        return {name: self.resolved(one, f"{key} {name}") for name, one in found.items() if not name.startswith("x-")}
