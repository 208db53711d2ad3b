"""Explorations by Schemathesis: what a server breaks is found, once; what it keeps is shown to have been asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from tests.drivers.notebook import DOCUMENT, TOKEN, Notebook, notebook

from epjgate.drivers.openapi import CHAINS, Explorer, Leg, longer
from epjgate.drivers.openapi_findings import Exploration
from epjgate.model.redaction import Redactor

ONE_ROUND = (Leg(("examples", "coverage", "fuzzing"), 0, 5),)


def explored(book: Notebook, *, seed: int = 7, chains: Leg | None = None) -> Exploration:
    """Return what an exploration of `book` finds in one round."""
    return Explorer(DOCUMENT, book.url, TOKEN, seed, Redactor(b"key")).explore(ONE_ROUND, chains)


def test_a_server_that_keeps_its_word_is_not_blamed_and_was_asked_about_everything() -> None:
    """No finding, and for each check at least one request that it had something to say about; chains included."""
    with notebook() as book:
        summary = (exploration := explored(book, chains=CHAINS)).summary
    assert exploration.findings == ()
    assert (summary.broken, summary.unreachable) == ((), ())
    assert summary.reached == summary.operations == 3
    assert summary.requests >= 50
    asked = {
        "not_a_server_error",
        "status_code_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "positive_data_acceptance",
        "unsupported_method",
        "allow_header_conformance",
        "ignored_auth",
        "ensure_resource_availability",
        "use_after_free",
    }
    assert asked <= summary.subjects.keys()
    assert summary.samples.keys() == summary.subjects.keys()


@pytest.fixture(scope="module")
def broken_words() -> Exploration:
    """What one exploration finds at a server that breaks its word in four ways."""
    with notebook("crashes", "takes anything", "forgets the text", "open to all") as book:
        return explored(book)


@pytest.mark.parametrize(
    "check", ["not_a_server_error", "negative_data_rejection", "response_schema_conformance", "ignored_auth"]
)
def test_a_broken_word_is_found_once_however_often_it_is_seen(broken_words: Exploration, check: str) -> None:
    """The check that is about it finds it, at the operation where it is; the same failure again only counts."""
    found = broken_words.of(check)
    assert found
    assert len({(one.operation, one.fingerprint) for one in found}) == len(found)
    assert any(one.times > 1 for one in found) or check == "ignored_auth"
    assert all(one.steps for one in found)


def test_what_was_deleted_and_is_still_there_is_found_with_the_chain_that_shows_it() -> None:
    """The finding holds every request that has to be sent to see it: making, deleting, reading."""
    with notebook("keeps what is deleted") as book:
        (finding, *_) = explored(book, chains=CHAINS).of("use_after_free")
    assert {"POST", "DELETE"} <= {step.method for step in finding.steps[:-1]}
    assert finding.steps[-1].status in (200, 204)
    assert any(step.made for step in finding.steps if step.method == "POST")


def test_the_same_seed_asks_the_same() -> None:
    """Two explorations with one seed send the same requests, whatever the order; another seed sends others."""
    asked = []
    for seed in (7, 7, 8):
        with notebook() as book:
            explored(book, seed=seed)
            asked.append(Counter(book.asked))
    assert asked[0] == asked[1]
    assert asked[0] != asked[2]


def test_the_token_is_in_no_finding(broken_words: Exploration, tmp_path: Path) -> None:
    """What is written says that a request was signed in, and not by what."""
    broken_words.write(tmp_path / "found.jsonl")
    text = (tmp_path / "found.jsonl").read_text(encoding="utf-8")
    assert TOKEN not in text
    assert "[secret]" in text


def test_a_server_that_is_not_there_is_unreachable_and_never_clean() -> None:
    """Requests without an answer are told apart from findings and from a broken tool."""
    with notebook() as book:
        pass
    summary = explored(book).summary
    assert summary.unreachable or summary.broken
    assert not summary.subjects


def test_a_document_that_cannot_be_read_is_told_as_broken() -> None:
    """Schemathesis loads no list: the summary says that the exploration broke, so that nothing is called tested."""
    with notebook() as book:
        exploration = Explorer(["no document"], book.url, TOKEN, 7, Redactor(b"key")).explore(ONE_ROUND, None)
    assert exploration.summary.broken
    assert exploration.summary.requests == 0


def test_a_longer_exploration_shares_its_seconds_out() -> None:
    """The seconds that somebody gives are those of all legs, which follow each other, and of the chains."""
    legs, chains = longer(80)
    assert sum(leg.seconds for leg in legs) + chains.seconds == 80


def test_operations_are_dealt_out_among_parts() -> None:
    """Processes side by side reach together what one alone reaches, and find what it finds."""
    explorations = []
    for parts in (1, 2):
        with notebook("crashes") as book:
            legs = [replace(leg, parts=parts) for leg in ONE_ROUND]
            explorations.append(Explorer(DOCUMENT, book.url, TOKEN, 7, Redactor(b"key")).explore(legs, None))
    whole, dealt = explorations
    assert dealt.summary.reached == whole.summary.reached == 3
    found = [{(one.check, one.operation) for one in exploration.findings} for exploration in explorations]
    assert found[0] == found[1] != set()
