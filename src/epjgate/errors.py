"""Errors that tell what went wrong, why, and what to do about it."""


class GateError(Exception):
    """Something in the gate or its surroundings went wrong; never a statement about the candidate.

    `problem` says what could not be done, `cause` why, `fix` what the reader can do now.
    """

    def __init__(self, problem: str, cause: str, fix: str) -> None:
        super().__init__(problem, cause, fix)
        self.problem = problem
        self.cause = cause
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.problem}\n  why: {self.cause}\n  fix: {self.fix}"


class UsageError(GateError):
    """The command line, a settings file or a description asks for something that does not exist."""


class EnvironmentFailed(GateError):
    """The environment cannot host the candidate, or stopped hosting it."""


class EvidenceUnreadable(GateError):
    """The evidence bundle cannot be read, or cannot be trusted."""


class EvidenceUnwritable(GateError):
    """The evidence bundle cannot be written; what could not be recorded counts as not done."""


class SuitesFailed(GateError):
    """The suites could not be run to their end, for a reason that lies in the harness."""


class CandidateUnreachable(GateError):
    """The candidate gave no answer: refused, reset or timed out.

    Whether the candidate or its surroundings are to blame is for the judge, who knows if the service still stood.
    """


class CapabilityMissing(GateError):
    """The system does not have what a test needs; the test is not applicable to it."""


class CandidateFault(AssertionError):
    """The candidate answered, and its answer breaks a rule of the protocol it speaks."""


class Interruption(KeyboardInterrupt):
    """Somebody asked the run to stop; `signal_name` is SIGINT or SIGTERM."""

    def __init__(self, signal_name: str) -> None:
        super().__init__(signal_name)
        self.signal_name = signal_name
