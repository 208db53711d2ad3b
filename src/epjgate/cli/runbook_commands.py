"""The command that writes a runbook, as the command line declares it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def runbook(
    folder: Annotated[Path, typer.Argument(help="Folder of the evidence bundle of a rehearsal.")],
    language: Annotated[str, typer.Option(help="Language of the runbook: en or da.")] = "en",
    out: Annotated[Path | None, typer.Option(help="Folder to write to; the bundle's own without it.")] = None,
    date: Annotated[str, typer.Option(help="Another night than the one rehearsed for, as 2027-03-09.")] = "",
) -> int:
    """Write the runbook of a rehearsed upgrade: when each step is due, when to turn back, go or no-go.

    Exit code 0 says that it was written, whatever it advises.
    """
    from epjgate.cli.runbooks import Asked, write_runbook_of

    return write_runbook_of(folder, Asked(language=language, out=out, date=date))
