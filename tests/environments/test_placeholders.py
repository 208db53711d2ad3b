"""Placeholders are filled in, or refused in words that say what is allowed."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.environments.placeholders import distinct, fill, free_port
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


def test_no_outgoing_connection_is_given_such_a_port() -> None:
    """What is picked lies below the ports that the system hands out by itself, and seldom twice the same."""
    ports = {free_port() for _ in range(50)}
    assert max(ports) < 32_768
    assert len(ports) > 40


def test_an_address_that_is_not_of_this_machine_has_no_free_port() -> None:
    """Where nothing can be bound the error says so."""
    with pytest.raises(OSError, match=r"is free at 192\.0\.2\.1"):
        free_port("192.0.2.1")


def test_ports_that_are_chosen_together_are_distinct() -> None:
    """Nothing holds a port before it is used, so the same one could be found free twice."""
    found = iter((15_000, 15_000, 15_001, 15_000, 15_002))
    choose = distinct(lambda: next(found))
    assert [choose() for _port in range(3)] == [15_000, 15_001, 15_002]
