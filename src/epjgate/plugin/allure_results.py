"""What Allure's results show beyond pytest's own: severity, links, steps, and no CPR number."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

import allure
import allure_commons
import attr
import pytest

from epjgate.evidence.recorder import Recorder
from epjgate.model.exchange import Exchange
from epjgate.model.redaction import Redactor
from epjgate.plugin.attempt import requirements_of, severity_of

_PLUGIN = "epjgate-redaction"


def step(title: str) -> AbstractContextManager[None]:
    """Show what happens inside as one step of the test."""
    context: AbstractContextManager[None] = allure.step(title)
    return context


def label(items: Iterable[pytest.Item]) -> None:
    """Hand severity and requirements of `items` on to Allure as its own labels and links."""
    for item in items:
        item.add_marker(pytest.mark.allure_label(severity_of(item).value, label_type="severity"))
        for rule in requirements_of(item):
            if rule.url:
                name = f"{rule.specification}: {rule.section}"
                item.add_marker(pytest.mark.allure_link(rule.url, name=name, link_type="link"))


def attach(exchanges: Iterable[Exchange]) -> None:
    """Attach what was asked and answered, one line an exchange."""
    lines = [exchange.summary() for exchange in exchanges]
    if lines:
        allure.attach("\n".join(lines), name="exchanges", attachment_type=allure.attachment_type.TEXT)


def redact_results(recorder: Recorder) -> None:
    """Redact every result before Allure writes it to disk."""
    if not allure_commons.plugin_manager.has_plugin(_PLUGIN):
        allure_commons.plugin_manager.register(_Redaction(recorder.redactor), _PLUGIN)


def stop_redacting() -> None:
    """Undo `redact_results` at the end of a session."""
    if allure_commons.plugin_manager.has_plugin(_PLUGIN):
        allure_commons.plugin_manager.unregister(name=_PLUGIN)


class _Redaction:
    """Hears of every result before the writer does, and takes CPR numbers out of it in place."""

    def __init__(self, redactor: Redactor) -> None:
        self._redact = redactor.text

    @allure_commons.hookimpl(tryfirst=True)
    def report_result(self, result: object) -> None:
        _redact_in_place(result, self._redact)

    @allure_commons.hookimpl(tryfirst=True)
    def report_container(self, container: object) -> None:
        _redact_in_place(container, self._redact)


def _redact_in_place(value: Any, redact: Callable[[str], str]) -> None:
    for field in attr.fields(type(value)):
        member = getattr(value, field.name)
        if isinstance(member, str):
            setattr(value, field.name, redact(member))
        for part in member if isinstance(member, list) else [member]:
            if attr.has(type(part)):
                _redact_in_place(part, redact)
