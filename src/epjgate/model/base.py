"""What every value of the model shares: frozen, and closed against unknown keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value; an unknown key is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")
