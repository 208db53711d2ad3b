"""The flow of the gate: candidate -> environment -> suites -> evidence -> judge -> verdict -> publishers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from epjgate.environments.interface import Environment, EnvironmentDown
from epjgate.errors import Interruption, SuitesFailed
from epjgate.observing import Audience, Job, Seen, observe
from epjgate.suite_runner.interface import SuiteRunner

if TYPE_CHECKING:
    from epjgate.model.verdict import Verdict
    from epjgate.reports.interface import Publisher

Compare = Callable[[Seen, Audience], None]
"""Puts into the evidence what the candidate changed since its baseline, or why nobody knows."""


def gate(
    job: Job,
    environment: Environment,
    suites: SuiteRunner,
    publishers: Callable[[], Iterable[Publisher]],
    audience: Audience,
    compare: Compare | None = None,
) -> Verdict:
    """Take a release candidate in and return the verdict on it, published and bound to its evidence.

    With `compare`, what the candidate changed since production is written down as well, while it still stands.
    `publishers` are asked for when there is a verdict to tell, so that they can be made ready while the suites run.
    Raises EvidenceUnwritable when not even an empty bundle can be made, or when the verdict cannot be published; any
    other trouble with the candidate, the environment or the suites is in the evidence, and so in the verdict.
    """
    with suppress(EnvironmentDown, Interruption), observe(job, environment, audience) as seen:
        suites.run(
            job.suites,
            seen.target,
            seen.layout,
            redactor=job.order.redactor,
            while_up=seen.raise_if_down,
            progress=audience,
        )
        _raise_if_changed(job)
        if compare is not None:
            compare(seen, audience)
    # Imported here, so that no candidate waits for what is only needed when it has been tested.
    from epjgate.judging import judge_bundle, publish

    judged = judge_bundle(job.folder)
    publish(judged, publishers())
    return judged.verdict


def _raise_if_changed(job: Job) -> None:
    """Return where the suites are those that the manifest names; raises SuitesFailed where others may have run."""
    changed = [suite.name for suite in job.suites if suite.plan() not in job.manifest.suites]
    if changed:
        raise SuitesFailed(
            "the suites changed while they were run",
            f"{', '.join(changed)}: the files are not those that the manifest names",
            "run the gate again, and leave the suites alone meanwhile",
        )
