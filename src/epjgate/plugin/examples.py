"""Hypothesis's part in a session: the run's seed where a test uses it, and no cost where none does."""

from __future__ import annotations

import sys

import pytest


def seed_examples(config: pytest.Config, seed: int) -> None:
    """Let what Hypothesis generates from now on follow from `seed`, where tests that use it have been collected.

    Its own option `--hypothesis-seed` does the same and overrules it, but imports all of Hypothesis in every session.
    """
    if "hypothesis" in sys.modules and config.getoption("--hypothesis-seed", None) is None:
        from hypothesis import core

        core.global_force_seed = seed  # type: ignore[assignment] # it is None until somebody says otherwise


def leave_out_unused(plugins: pytest.PytestPluginManager) -> None:
    """Unload Hypothesis's plugin where no test used it: its last words would import all of it to say nothing."""
    if "hypothesis" not in sys.modules and plugins.hasplugin("hypothesispytest"):
        plugins.unregister(name="hypothesispytest")
