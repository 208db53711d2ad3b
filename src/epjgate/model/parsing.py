"""Reads TOML text into a value; a mistake names the file, the key and what is allowed there."""

from __future__ import annotations

import tomllib
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from epjgate.errors import UsageError

Model = TypeVar("Model", bound=BaseModel)


def parse_toml(text: str, source: str, model: type[Model]) -> Model:
    """Return `text` as a `model`; `source` is the file's name for messages.

    Raises UsageError for text that is no TOML, and for every key that is unknown, missing or of the wrong kind.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise UsageError(f"{source} cannot be read", f"it is not valid TOML: {err}", "correct the line named") from err
    try:
        return model.model_validate(data)
    except ValidationError as err:
        mistakes = [_mistake(error, model) for error in err.errors()]
        raise UsageError(
            f"{source} is not valid ({len(mistakes)} {'mistake' if len(mistakes) == 1 else 'mistakes'})",
            "\n       ".join(mistakes),
            "correct the keys named; nothing was started",
        ) from err


def _mistake(error: Any, model: type[BaseModel]) -> str:
    path = [str(part) for part in error["loc"]]
    key = ".".join(path) or "(whole file)"
    if error["type"] == "extra_forbidden":
        return f"{key}: unknown key; allowed here: {', '.join(_allowed(model, path[:-1])) or 'nothing'}"
    if error["type"] == "missing":
        return f"{key}: missing; it is required"
    return f"{key}: {error['msg'].removeprefix('Value error, ')}"


def _allowed(model: type[BaseModel], path: list[str]) -> list[str]:
    """Return the keys that `model` knows at `path`, walking through optional values and tables by name."""
    parts = iter(path)
    for part in parts:
        field = model.model_fields.get(part)
        inner = _inner_model(field.annotation) if field else None
        if field is None or inner is None:
            continue
        model = inner
        if get_origin(field.annotation) is dict:
            next(parts, None)  # a name of the reader's own choice, even where it is called like a key
    return sorted(field.alias or name for name, field in model.model_fields.items())


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _inner_model(arg))), None)
