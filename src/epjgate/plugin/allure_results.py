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
from allure_commons.model2 import Status

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


class Writer:
    """Writes Allure's results in place of allure-pytest's own writer: redacted, and without set-ups that tell nothing.

    Texts are redacted; of what is no text only its size is kept, for it could hold a patient unseen.
    """

    def __init__(self, folder: Path, redactor: Redactor) -> None:
        self._folder = folder
        self._redact = redactor.text

    @allure_commons.hookimpl
    def report_result(self, result: Any) -> None:
        """Write how a test ended."""
        self._write(result)

    @allure_commons.hookimpl
    def report_container(self, container: Any) -> None:
        """Write a set-up or teardown, where there is something to tell of it."""
        if any(map(_tells, [*container.befores, *container.afters])):
            self._write(container)

    @allure_commons.hookimpl
    def report_attached_file(self, source: str, file_name: str) -> None:
        """Write an attached file."""
        self.report_attached_data(Path(source).read_bytes(), file_name)

    @allure_commons.hookimpl
    def report_attached_data(self, body: bytes | str, file_name: str) -> None:
        """Write an attached text, or say how large what is no text was."""
        try:
            text = body if isinstance(body, str) else body.decode("utf-8")
        except UnicodeDecodeError:
            text = f"[binary, {len(body)} bytes, left out]"
        (self._folder / file_name).write_text(self._redact(text), encoding="utf-8")

    def _write(self, item: Any) -> None:
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


class Replacement:
    """Lets `Writer` write in place of allure-pytest's file logger, until it is undone at the end of the session."""

    def __init__(self, recorder: Recorder, folder: str | None) -> None:
        plugins = allure_commons.plugin_manager
        self._replaced = [one for one in plugins.get_plugins() if isinstance(one, AllureFileLogger)] if folder else []
        for one in self._replaced:
            plugins.unregister(one)
        self._writers = [Writer(Path(str(folder)).absolute(), recorder.redactor) for _one in self._replaced]
        for writer in self._writers:
            plugins.register(writer)

    def undo(self) -> None:
        """Put back what was replaced: allure-pytest cleans up after itself, and must find it."""
        for writer in self._writers:
            allure_commons.plugin_manager.unregister(writer)
        for one in self._replaced:
            allure_commons.plugin_manager.register(one)
        self._writers, self._replaced = [], []
