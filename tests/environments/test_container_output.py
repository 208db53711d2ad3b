"""A container's output read as a file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import pairwise

import pytest
import requests
from docker import DockerClient
from docker.errors import DockerException
from hypothesis import given
from hypothesis import strategies as st

from epjgate.environments.container_output import ChunkReader, output_of


@given(st.binary(), st.lists(st.integers(min_value=0, max_value=200)))
def test_chunks_read_as_the_bytes_they_were_cut_from(content: bytes, cuts: list[int]) -> None:
    """However the engine cuts the output, empty chunks included, the same bytes are read."""
    edges = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    chunks = [content[begin:end] for begin, end in pairwise(edges)]
    assert io.BufferedReader(ChunkReader(chunks)).read() == content


@pytest.mark.parametrize("lost", [DockerException(), requests.ConnectionError(), ConnectionResetError()])
def test_a_lost_connection_is_the_end(lost: Exception) -> None:
    """When the engine stops, what had arrived is kept and reading ends without an error."""

    def chunks() -> Iterator[bytes]:
        yield b"first\nhalf"
        raise lost

    assert io.BufferedReader(ChunkReader(chunks())).readlines() == [b"first\n", b"half"]


@pytest.mark.containers
@pytest.mark.usefixtures("sekmet_images")
def test_both_streams_of_a_container_are_read_from_the_first_byte(engine: DockerClient, run_id: str) -> None:
    """What was written before anybody listened is there too, and so is what went to standard error."""
    container = engine.containers.run(
        "epjgate/sekmet:0.1.1",
        ["sh", "-c", "echo æøå; echo wrong >&2"],
        name=run_id,
        detach=True,
    )
    try:
        container.wait(timeout=30)
        with output_of(container) as output:
            assert sorted(output.read().decode().split()) == ["wrong", "æøå"]
    finally:
        container.remove(force=True, v=True)
