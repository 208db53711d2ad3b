"""A variation: how a build's source code differs from the head that lies in the folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from epjgate.model.base import Value

# Below the folder by the straight way: no part is empty, or begins with a dot.
FilePath = Annotated[str, Field(pattern=r"^[^/\\.][^/\\]*(/[^/\\.][^/\\]*)*$")]


class VariationMisfit(ValueError):
    """The files are not what the variation speaks of: `place` names the entry, `why` says what does not fit."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"{place}: {why}")
        self.place = place
        self.why = why


class Edit(Value):
    """The text `head`, which `file` holds exactly once, reads `build` in the builds that carry the variation."""

    file: FilePath
    head: str = Field(min_length=1)
    build: str


class Removal(Value):
    """The builds that carry the variation do not have `file`."""

    file: FilePath


class Addition(Value):
    """The builds that carry the variation have `file` with this `text`, which the head does not have."""

    file: FilePath
    text: str


class Variation(Value):
    """All that one fault, or the absence of one feature, changes in the source code.

    `change` is how the build in which a fault enters describes itself, `mended` what the build that mends it adds.
    """

    title: str = Field(min_length=1)
    change: str = ""
    mended: str = ""
    edit: tuple[Edit, ...] = ()
    remove: tuple[Removal, ...] = ()
    add: tuple[Addition, ...] = ()

    def applied_to(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """Return `files` (path -> content) with the variation; edits come first, each upon the one before.

        Raises VariationMisfit for a file that is missing or there already, a text that does not occur exactly once,
        and a variation that changes nothing.
        """
        made = dict(files)
        for number, edit in enumerate(self.edit, start=1):
            made[edit.file] = _edited(f"edit {number} ({edit.file})", made.get(edit.file), edit)
        for removal in self.remove:
            if made.pop(removal.file, None) is None:
                raise VariationMisfit(f"remove {removal.file}", "there is no such file")
        for addition in self.add:
            if addition.file in made:
                raise VariationMisfit(f"add {addition.file}", "there is such a file already")
            made[addition.file] = addition.text.encode()
        if made == files:
            raise VariationMisfit("the whole", "it changes nothing")
        return made


def _edited(place: str, content: bytes | None, edit: Edit) -> bytes:
    if content is None:
        raise VariationMisfit(place, "there is no such file")
    head = edit.head.encode()
    first = content.find(head)
    if first < 0:
        raise VariationMisfit(place, "its head text does not occur")
    # An overlapping occurrence counts as well: which one is meant must be beyond doubt.
    if content.find(head, first + 1) >= 0:
        raise VariationMisfit(place, "its head text occurs more than once")
    return content[:first] + edit.build.encode() + content[first + len(head) :]
