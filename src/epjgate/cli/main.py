"""argv in, exit code out: the only place that prints and exits."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from epjgate.cli.exit_codes import ExitCode
from epjgate.errors import EnvironmentFailed, EvidenceUnreadable, GateError, UsageError
from epjgate.suite_runner.waiting import WaitingPytest, waiting_pytest

if TYPE_CHECKING:
    from typer import Typer

_GARBAGE_AFTER = 50_000  # new objects; Python's own 700 make it search in vain through all that imports make


def main() -> NoReturn:
    """Run the command line and exit with a documented code; an error that nobody foresaw is a crash, never a pass."""
    # What is valid is said by our models alone, whatever is installed; looking for others' plugins also takes time.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    gc.set_threshold(_GARBAGE_AFTER)
    arguments = sys.argv[1:]
    if arguments[:1] != ["run"] or "--help" in arguments:
        sys.exit(run(arguments))
    with waiting_pytest() as pytest:  # it imports while the rest of the gate does
        code = run(arguments, pytest=pytest)
    gc.freeze()  # nobody needs the memory back, and to search it all takes longer than to end
    sys.exit(code)


def run(arguments: list[str], commands: Typer | None = None, pytest: WaitingPytest | None = None) -> int:
    """Run epjgate with `arguments` and return its exit code; `commands` takes the place of its own commands.

    `pytest` runs the suites, where the command runs any.
    """
    import typer

    from epjgate.cli.commands import app

    try:
        # Called as a program, typer would end an interrupted command without a word.
        program = typer.main.get_command(commands or app)
        with program.make_context("epjgate", list(arguments), obj=pytest) as context:
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
        import traceback

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
