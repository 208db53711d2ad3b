"""The one place that picks implementations."""

from epjgate.compose.documents import read_approved, read_policy
from epjgate.compose.job import ENVIRONMENTS, Wish, make_job, suites_at
from epjgate.compose.measured import IncidentBench, make_measurement
from epjgate.compose.parts import (
    make_baseline_order,
    make_comparison,
    make_environment,
    make_partners,
    make_suite_runner,
    make_survey,
)
from epjgate.compose.telling import Silent, find_language, make_console_publisher, make_publishers, new_redaction_key

__all__ = [
    "ENVIRONMENTS",
    "IncidentBench",
    "Silent",
    "Wish",
    "find_language",
    "make_baseline_order",
    "make_comparison",
    "make_console_publisher",
    "make_environment",
    "make_job",
    "make_measurement",
    "make_partners",
    "make_publishers",
    "make_suite_runner",
    "make_survey",
    "new_redaction_key",
    "read_approved",
    "read_policy",
    "suites_at",
]
