"""Placeholders are filled in, or refused in words that say what is allowed."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.environments.placeholders import fill, free_port
from epjgate.errors import UsageError

VALUES = {"host": "127.0.0.1", "port": "8080", "url": "http://127.0.0.1:8080"}


def test_every_placeholder_is_replaced() -> None:
    """Each placeholder gives way to its value, as often as it stands there."""
    assert fill("--bind=${host}:${port} ${url}/a ${url}/b", VALUES) == (
        "--bind=127.0.0.1:8080 http://127.0.0.1:8080/a http://127.0.0.1:8080/b"
    )


@given(st.text().filter(lambda text: "$" not in text))
def test_other_text_is_left_alone(text: str) -> None:
    """Text without a dollar sign comes back as it was, and two dollar signs stand for one."""
    assert fill(text, VALUES) == text
    assert fill(f"{text}$$", VALUES) == f"{text}$"


def test_an_unknown_placeholder_names_what_is_allowed() -> None:
    """A placeholder that does not exist is refused; the fix lists those that do."""
    with pytest.raises(UsageError) as refused:
        fill("--data ${data}", VALUES)
    assert "${data}" in refused.value.cause
    assert refused.value.fix == "use one of: ${host}, ${port}, ${url}"


@pytest.mark.parametrize("text", ["$", "costs 5 $", "${", "${}", "${po rt}"])
def test_a_stray_dollar_sign_is_refused(text: str) -> None:
    """A dollar sign that begins no placeholder is a mistake, not text."""
    with pytest.raises(UsageError, match="write \\$\\$ for a dollar sign"):
        fill(text, VALUES)


def test_nothing_is_allowed_where_there_are_no_values() -> None:
    """Without values the message says that no placeholder is allowed."""
    with pytest.raises(UsageError, match="none is allowed here"):
        fill("${port}", {})


def test_a_free_port_can_be_listened_on() -> None:
    """The port that is returned can be bound at once."""
    port = free_port()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        assert listener.getsockname()[1] == port
