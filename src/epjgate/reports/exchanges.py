"""The exchanges of a failing test, as far as the bundle still has them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import TypeAdapter

from epjgate.evidence.exchanges import read_exchanges
from epjgate.model.exchange import Exchange

_EXCHANGES = TypeAdapter(tuple[Exchange, ...])


class Gap(StrEnum):
    """Why the exchanges of a test cannot be shown."""

    NONE_RECORDED = "none_recorded"
    MISSING = "missing"
    OUTSIDE = "outside"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class LastExchanges:
    """The last exchanges of a test, oldest first; `earlier` counts those before them, `gap` says why there are none."""

    exchanges: tuple[Exchange, ...] = ()
    earlier: int = 0
    gap: Gap | None = None


def last_exchanges(folder: Path, name: str, *, most: int) -> LastExchanges:
    """Return the last `most` exchanges in the file `name` of the bundle `folder`.

    Never raises: what cannot be read is named as a gap, so that the report tells it. A name that leads out of the
    bundle is not followed.
    """
    if not name:
        return LastExchanges(gap=Gap.NONE_RECORDED)
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        return LastExchanges(gap=Gap.OUTSIDE)
    try:
        exchanges = _EXCHANGES.validate_python(tuple(exchange.as_dict() for exchange in read_exchanges(path)))
    except OSError:
        return LastExchanges(gap=Gap.MISSING)
    except ValueError:
        return LastExchanges(gap=Gap.UNREADABLE)
    return LastExchanges(exchanges[-most:], max(len(exchanges) - most, 0))
