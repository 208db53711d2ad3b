"""Which bits a service of the candidate ran."""

from __future__ import annotations

from enum import StrEnum

from epjgate.model.base import Value


class DigestKind(StrEnum):
    """What a digest is taken of."""

    IMAGE = "image"
    PACKAGES = "packages"
    DECLARED = "declared"
    NONE = "none"


class Identity(Value):
    """Which bits one service of the candidate ran.

    `digest` is `sha256:` and 64 hex digits, or empty where none could be had. A digest of kind `declared` was told to
    the gate, not seen by it. `parts` lists what the digest covers, one `name version sha256:...` or image name a line.
    """

    service: str
    reference: str
    digest: str
    kind: DigestKind
    parts: tuple[str, ...] = ()
