"""argv in, exit code out: the only place that prints and exits."""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING, NoReturn

from epjgate.cli.exit_codes import ExitCode
from epjgate.errors import EnvironmentFailed, EvidenceUnreadable, GateError, UsageError

if TYPE_CHECKING:
    from typer import Typer


def main() -> NoReturn:
    """Run the command line and exit with a documented code; an error that nobody foresaw is a crash, never a pass."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str], commands: Typer | None = None) -> int:
    """Run epjgate with `arguments` and return its exit code; `commands` takes the place of its own commands."""
    import typer

    from epjgate.cli.commands import app

    try:
        # Called as a program, typer would end an interrupted command without a word.
        program = typer.main.get_command(commands or app)
        with program.make_context("epjgate", list(arguments)) as context:
            result = program.invoke(context)
    except typer.Exit as err:
        return err.exit_code
    except typer.TyperException as err:
        print(f"epjgate: {err.format_message()}", file=sys.stderr)  # noqa: T201 - the one place
        return ExitCode.USAGE
    except GateError as err:
        print(f"epjgate: {err}\nno verdict was reached", file=sys.stderr)  # noqa: T201 - the one place
        return _code_of(err)
    except KeyboardInterrupt:
        print("epjgate: interrupted; no verdict was reached", file=sys.stderr)  # noqa: T201 - the one place
        return ExitCode.INTERRUPTED
    except Exception:  # noqa: BLE001 - the one place: a crash must not look like a verdict
        traceback.print_exc()
        print("epjgate: crashed; no verdict was reached. Please report the lines above.", file=sys.stderr)  # noqa: T201
        return ExitCode.CRASHED
    return result if isinstance(result, int) else ExitCode.CRASHED  # a command that forgot its code releases nothing


def _code_of(err: GateError) -> ExitCode:
    match err:
        case UsageError():
            return ExitCode.USAGE
        case EvidenceUnreadable():
            return ExitCode.NOTHING_TESTED
        case EnvironmentFailed():
            return ExitCode.ENVIRONMENT
        case _:
            return ExitCode.HARNESS
