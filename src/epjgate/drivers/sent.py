"""What a candidate sent, as tests read it: a part that is missing is the candidate's fault, never the test's."""

from __future__ import annotations

from typing import Any, SupportsIndex, overload

from epjgate.errors import CandidateFault


class SentObject(dict[str, Any]):
    """A JSON object; to ask for a name that it lacks is a CandidateFault. Equal to the plain dict of its content."""

    def __missing__(self, name: str) -> Any:
        """Raise CandidateFault: `name` was not sent."""
        raise CandidateFault(f"{name} is missing; there are {', '.join(sorted(self)) or 'no names at all'}")


class SentList(list[Any]):
    """A JSON list; to ask for a place behind its end is a CandidateFault. Equal to the plain list of its content."""

    @overload
    def __getitem__(self, place: SupportsIndex) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> list[Any]: ...
    def __getitem__(self, place: SupportsIndex | slice) -> Any:
        """Return what stands at `place`."""
        try:
            return super().__getitem__(place)
        except IndexError:
            raise CandidateFault(f"there is no entry {place}; there are {len(self)}") from None


def as_sent(value: Any) -> Any:
    """Return a JSON value with all its objects and lists as SentObject and SentList."""
    if isinstance(value, dict):
        return SentObject({name: as_sent(part) for name, part in value.items()})
    if isinstance(value, list):
        return SentList(map(as_sent, value))
    return value
