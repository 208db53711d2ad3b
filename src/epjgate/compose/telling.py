"""Who is told of a run, in which language, and under whose pseudonyms."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from epjgate.errors import UsageError
from epjgate.model.redaction import Redactor

if TYPE_CHECKING:
    from rich.console import Console

    from epjgate.reports.interface import Publisher
    from epjgate.reports.words import Language


def make_publishers(language: Language, console: Console) -> tuple[Publisher, ...]:
    """Return every publisher, the console last."""
    from epjgate.reports.allure import AllurePublisher
    from epjgate.reports.html import HtmlPublisher
    from epjgate.reports.json_file import JsonPublisher
    from epjgate.reports.junit import JUnitPublisher
    from epjgate.reports.markdown import MarkdownPublisher

    return (
        JsonPublisher(),
        JUnitPublisher(),
        MarkdownPublisher(language=language),
        HtmlPublisher(language=language),
        AllurePublisher(Redactor(new_redaction_key()).text),
        make_console_publisher(language, console),
    )


def make_console_publisher(language: Language, console: Console) -> Publisher:
    """Return the publisher that tells the verdict on `console`."""
    from epjgate.reports.console import ConsolePublisher

    return ConsolePublisher(console, language=language)


def new_redaction_key() -> bytes:
    """Return a key for one run's redaction; it is never written down."""
    return secrets.token_bytes(16)


def find_language(name: str) -> Language:
    """Return the language called `name`; raises UsageError for one that there are no words for."""
    languages: dict[str, Language] = {"en": "en", "da": "da"}
    if name in languages:
        return languages[name]
    raise UsageError(f"there is no language {name!r}", "reports speak en and da", "give --language en or da")


class Silent:
    """An audience that says and hears nothing."""

    def step(self, text: str) -> None:
        """Ignore a step."""

    def tests(self, *, done: int, total: int, not_passed: int) -> None:
        """Ignore the progress."""

    def hold(self) -> str:
        """No signal is caught here, so none was held back."""
        return ""
