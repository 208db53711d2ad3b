"""argv in, exit code out: the only place that prints and exits."""

from __future__ import annotations

import sys
import traceback
from typing import NoReturn

from epjgate.errors import EnvironmentFailed, EvidenceUnreadable, GateError, UsageError


def main() -> NoReturn:
    """Run the command line and exit with a documented code; an error that nobody foresaw is a crash, never a pass."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run epjgate with `arguments` and return its exit code."""
    import typer

    from epjgate.cli.commands import app
    from epjgate.cli.exit_codes import ExitCode

    try:
        result = app(arguments, standalone_mode=False)
    except typer.TyperException as err:
        print(f"epjgate: {err.format_message()}", file=sys.stderr)  # noqa: T201 - the one place
        return ExitCode.USAGE
    except UsageError as err:
        return _fail(err, ExitCode.USAGE)
    except EvidenceUnreadable as err:
        return _fail(err, ExitCode.NOTHING_TESTED)
    except EnvironmentFailed as err:
        return _fail(err, ExitCode.ENVIRONMENT)
    except GateError as err:
        return _fail(err, ExitCode.HARNESS)
    except KeyboardInterrupt:
        print("epjgate: interrupted; no verdict was reached", file=sys.stderr)  # noqa: T201 - the one place
        return ExitCode.INTERRUPTED
    except Exception:  # noqa: BLE001 - the one place: a crash must not look like a verdict
        traceback.print_exc()
        print("epjgate: crashed; no verdict was reached. Please report the lines above.", file=sys.stderr)  # noqa: T201
        return ExitCode.CRASHED
    return result if isinstance(result, int) else ExitCode.APPROVED


def _fail(err: GateError, code: int) -> int:
    print(f"epjgate: {err}\nno verdict was reached", file=sys.stderr)  # noqa: T201 - the one place
    return code
