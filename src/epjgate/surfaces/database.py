"""The schema of a release's database, as the release itself tells it."""

from __future__ import annotations

from pydantic import ValidationError

from epjgate.environments.interface import Running
from epjgate.errors import CandidateFault
from epjgate.model.surface import DatabaseSchema
from epjgate.model.system import DatabaseAccess


def database_schema(access: DatabaseAccess, running: Running) -> DatabaseSchema:
    """Return the schema that the command of `access` prints beside its service.

    Raises EnvironmentFailed where the command cannot be run, CandidateFault where what it prints is no schema or one
    without a table.
    """
    told = running.run_beside(access.service, access.command)
    try:
        schema = DatabaseSchema.model_validate_json(told)
    except ValidationError as err:
        first = err.errors()[0]
        where = ".".join(map(str, first["loc"])) or "(the whole text)"
        raise CandidateFault(f"what was told of the database is no schema: {where}: {first['msg']}") from err
    if not schema.tables:
        raise CandidateFault("what was told of the database holds no table")
    return schema
