"""The flow of the gate: candidate -> environment -> suites -> evidence -> judge -> verdict -> publishers."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from epjgate.environments.interface import Environment, EnvironmentDown
from epjgate.errors import Interruption
from epjgate.judging import judge_bundle, publish
from epjgate.model.verdict import Verdict
from epjgate.observing import Audience, Job, observe
from epjgate.reports.interface import Publisher
from epjgate.suite_runner.interface import SuiteRunner


def gate(
    job: Job, environment: Environment, suites: SuiteRunner, publishers: Iterable[Publisher], audience: Audience
) -> Verdict:
    """Take a release candidate in and return the verdict on it, published and bound to its evidence.

    Raises EvidenceUnwritable when not even an empty bundle can be made, or when the verdict cannot be published; any
    other trouble with the candidate, the environment or the suites is in the evidence, and so in the verdict.
    """
    with suppress(EnvironmentDown, Interruption), observe(job, environment, audience) as seen:
        suites.run(
            job.suites,
            seen.target,
            seen.layout,
            redactor=job.order.redactor,
            while_up=seen.running.raise_if_down,
            progress=audience,
        )
    verdict = judge_bundle(job.folder)
    publish(verdict, job.folder, publishers)
    return verdict
