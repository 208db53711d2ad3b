"""Proofs: kept by environment, and held against what is there now."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from tests.incidents.conftest import NOW, SEEN

from epjgate.errors import UsageError
from epjgate.incidents.digests import digest_of_tests
from epjgate.incidents.proofs import keep_proof, read_proofs, standing_of
from epjgate.incidents.record import Record, read_record
from epjgate.model.proof import How, Proof, ProofEnvironment, ProofState, ProvenBuild, Refusal

if TYPE_CHECKING:
    from tests.incidents.conftest import Suites

WORDS = "sha256:w"
MakeProof = Callable[..., Proof]


@pytest.fixture
def fresh(record: Record, make_proof: MakeProof) -> Proof:
    """A proof of the record as it is."""
    return make_proof(test_digest=digest_of_tests(record))


def test_a_proof_comes_back_as_it_was_kept(record: Record, fresh: Proof) -> None:
    """And the incident stands proven by it."""
    keep_proof(record, "process", fresh)
    assert read_proofs(record).proofs == {"process": fresh}
    assert standing_of(record, WORDS).state is ProofState.FRESH


def test_without_a_proof_it_is_missing(record: Record) -> None:
    """No file is no proof."""
    standing = standing_of(record, WORDS)
    assert (standing.state, standing.reasons) == (ProofState.MISSING, ("it was never proven",))


def test_environments_keep_their_own_word(record: Record, fresh: Proof, make_proof: MakeProof) -> None:
    """The proof of one environment is left alone by another; one that is fresh is enough."""
    keep_proof(record, "container", make_proof())
    keep_proof(record, "process", fresh)
    assert read_proofs(record).proofs.keys() == {"container", "process"}
    assert standing_of(record, WORDS).state is ProofState.FRESH


def test_two_who_write_at_once_lose_no_word(record: Record, fresh: Proof) -> None:
    """Somebody proves on processes while somebody else is refused in containers: the refusal stays."""
    refusal = Refusal(reasons=("flaky",), at=NOW)
    for _ in range(20):
        record.proof_file.unlink(missing_ok=True)
        with ThreadPoolExecutor(max_workers=2) as both:
            words: dict[ProofEnvironment, Proof | Refusal] = {"process": fresh, "container": refusal}
            done = [both.submit(keep_proof, record, name, word) for name, word in words.items()]
        assert [one.result() for one in done] == [None, None]
        assert standing_of(record, WORDS).state is ProofState.REFUSED
        assert read_proofs(record).proofs.keys() == {"process"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"system": "other"}, "the system changed"),
        ({"how": How.RECIPE}, "the way of proving changed"),
        ({"known_bad": ProvenBuild(version="0.8", digests={})}, "known-bad changed"),
        ({"fixed_in": ProvenBuild(version="1.1", digests={})}, "fixed-in changed"),
        ({"fingerprints": (SEEN, "00000000")}, "the fingerprint changed"),
        ({"test_digest": "sha256:other"}, "the test changed"),
        ({"dsl_digest": "sha256:other"}, "the words that tests stand on"),
    ],
)
def test_what_no_longer_fits_is_stale(record: Record, fresh: Proof, changed: dict[str, Any], told: str) -> None:
    """Each thing that a proof is bound to makes it stale, and is named."""
    keep_proof(record, "process", fresh.model_copy(update=changed))
    standing = standing_of(record, WORDS)
    assert standing.state is ProofState.STALE
    assert len(standing.reasons) == 1
    assert told in standing.reasons[0]


def test_a_changed_test_makes_its_proof_stale_and_a_better_word_does_not(
    suites: Suites, record: Record, fresh: Proof
) -> None:
    """What is run decides; how the incident is told does not."""
    keep_proof(record, "process", fresh)
    told = read_record(suites.record(fingerprint=f'"{SEEN}"', hazard='"Somebody waits."', story="## Cause\n\nX.\n"))
    assert standing_of(told, WORDS).state is ProofState.FRESH
    suites.record(fingerprint=f'"{SEEN}"', test="def test_other(): ...\n")
    assert standing_of(record, WORDS).state is ProofState.STALE


def test_a_refusal_stands_until_it_is_proven(record: Record, fresh: Proof) -> None:
    """A refusal in one environment is not outvoted by the proof of another, and ends with a proof of its own."""
    keep_proof(record, "process", fresh)
    keep_proof(record, "container", Refusal(reasons=("flaky",), at=NOW))
    standing = standing_of(record, WORDS)
    assert (standing.state, standing.reasons) == (ProofState.REFUSED, ("refused in the environment container: flaky",))
    keep_proof(record, "container", fresh)
    assert standing_of(record, WORDS).state is ProofState.FRESH


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"incident": "INC-0001", "schema_version": "epjgate/proof/2"}', '{"incident": "INC-0002"}']
)
def test_a_file_that_cannot_be_relied_on_proves_nothing(record: Record, fresh: Proof, text: str) -> None:
    """Damaged, of an unknown schema, or another incident's: never fresh; the next proof replaces it."""
    record.proof_file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError):
        read_proofs(record)
    assert standing_of(record, WORDS).state is ProofState.MISSING
    keep_proof(record, "process", fresh)
    assert standing_of(record, WORDS).state is ProofState.FRESH
