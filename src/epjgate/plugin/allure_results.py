"""What Allure's results show beyond pytest's own: severity, links, steps, and no CPR number."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from uuid import uuid4

import allure
import allure_commons
import attr
import pytest
from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import Status, TestResultContainer

from epjgate.evidence.recorder import Recorder
from epjgate.model.exchange import Exchange
from epjgate.model.redaction import Redactor
from epjgate.plugin.attempt import requirements_of, severity_of

_HASHES = frozenset({"uuid", "children", "historyId", "testCaseId"})


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
    """Have Allure's results written redacted, and without the set-ups in which nothing happened.

    Takes the place of the way in which allure-pytest's own file logger writes one item; a version that has no such
    place is refused, so that nothing is ever written unredacted.
    """
    for plugin in allure_commons.plugin_manager.get_plugins():
        if isinstance(plugin, AllureFileLogger):
            if not callable(plugin._report_item):  # noqa: SLF001 - there is no public way to how it writes
                raise TypeError("allure-pytest writes its results in another way than this plugin knows")
            vars(plugin)["_report_item"] = _Writer(plugin._report_dir, recorder.redactor).write  # noqa: SLF001


class _Writer:
    """Writes one item of Allure's as redacted JSON."""

    def __init__(self, folder: Path, redactor: Redactor) -> None:
        self._folder = folder
        self._redact = redactor.text

    def write(self, item: Any) -> None:
        """Write `item`, unless it is a set-up or teardown of which there is nothing to tell."""
        if isinstance(item, TestResultContainer) and not any(map(_tells, [*item.befores, *item.afters])):
            return
        path = self._folder / item.file_pattern.format(prefix=uuid4())
        path.write_text(json.dumps(self._plain(item), ensure_ascii=False), encoding="utf-8")

    def _plain(self, value: Any) -> Any:
        match value:
            case str():
                return self._redact(value)
            case list():
                return [self._plain(part) for part in value]
            case _ if attr.has(type(value)):
                members = ((field.name, getattr(value, field.name)) for field in attr.fields(type(value)))
                return {
                    name: member if name in _HASHES else self._plain(member)
                    for name, member in members
                    if member or member is False
                }
            case _:
                return value


def _tells(part: Any) -> bool:
    return bool(part.steps or part.attachments) or part.status not in (None, Status.PASSED)
