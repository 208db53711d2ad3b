"""The exchanges of a test: read as they were written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from epjgate.evidence.exchanges import read_exchanges, write_exchanges
from epjgate.evidence.layout import Layout
from epjgate.model.exchange import Exchange

TEST = "contracts/test_read.py::test_reads[æ/..]"
EXCHANGE = Exchange("GET", "http://a/Patient/1", {}, None, 200, {"ETag": 'W/"1"'}, "{}", 0.01)
# Two halves that happen to meet read as one character in JSON, so the texts are taken as JSON reads them.
any_text = (st.text(st.characters(exclude_categories=[])) | st.text('\ud800\udc00\u2028\u0085\r\n\x00\\"')).map(
    lambda text: str(json.loads(json.dumps(text)))
)


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A bundle's layout with its folder for exchanges."""
    layout = Layout(tmp_path_factory.mktemp("bundle"))
    layout.exchanges.mkdir()
    return layout


@given(st.lists(any_text | st.none(), max_size=4))
@example(["half a pair: \ud83d"])
@example(["one\u2028line\r\n"])
def test_every_body_comes_back_as_it_was(layout: Layout, bodies: list[str | None]) -> None:
    """Line ends of all kinds, half surrogate pairs and quotes survive, one line an exchange."""
    written = tuple(replace(EXCHANGE, response_body=body) for body in bodies)
    file = layout.folder / write_exchanges(layout, TEST, written)
    assert read_exchanges(file) == written
    assert file.read_bytes().count(b"\n") == len(bodies)


@given(st.lists(any_text, min_size=2, max_size=2, unique=True))
def test_tests_do_not_write_into_each_others_files(layout: Layout, names: list[str]) -> None:
    """Each test has a file of its own, in the folder for exchanges, whatever the test is called."""
    files = [write_exchanges(layout, f"test.py::{name.encode('utf-8', 'replace').decode()}", ()) for name in names]
    assert all((layout.folder / file).parent == layout.exchanges for file in files)
    same = names[0].encode("utf-8", "replace") == names[1].encode("utf-8", "replace")
    assert (files[0] == files[1]) is same


def test_something_else_is_no_exchange(tmp_path: Path) -> None:
    """A file with other keys or no JSON is an error with its name, or a ValueError of the JSON reader."""
    file = tmp_path / "a.jsonl"
    file.write_text('{"method": "GET"}\n')
    with pytest.raises(ValueError, match=r"a\.jsonl holds something else than exchanges"):
        read_exchanges(file)
    file.write_text("{")
    with pytest.raises(ValueError, match="Expecting property name"):
        read_exchanges(file)
