"""What a proof is bound to: the test of one incident, and the words that all incident tests stand on."""

from __future__ import annotations

from pathlib import Path

from epjgate.evidence.bundle import draft_of
from epjgate.evidence.digests import content_of, file_digest, text_digest
from epjgate.incidents.record import SUITE, Record

# Where the words that tests use are made, the receivers that tests read, and what runs tests and tells red from green.
_WORDS = ("drivers", "partners", "plugin")
_FIXTURES = ("population", "earlier")
_KEYS = ("id", "capabilities", "system", "known-bad", "fixed-in", "fault", "fingerprint")


def digest_of_tests(record: Record) -> str:
    """Return the digest of what decides whether `record`'s test bites.

    It covers every file of the folder but the record and the proofs (and drafts of them, which are there while they are
    written), and those keys of the front matter that say what is run and what must come of it. Wording (titles, hazard,
    story, source, class) is free to be improved.
    """
    said = record.incident.model_dump(mode="json", by_alias=True)
    own = {path for file in (record.file, record.proof_file) for path in (file, draft_of(file))}
    files = [path for path in content_of(record.folder) if path not in own]
    return text_digest(
        *(f"{path.relative_to(record.folder).as_posix()} {file_digest(path)}" for path in files),
        *(f"{key} = {said[key]}" for key in _KEYS),
    )


def words_digest(suites: Path, fixtures: Path) -> str:
    """Return the digest of what all incident tests stand on.

    It covers the drivers with the DSL, the partners, the plugin, pytest's settings and the conftest files around the
    incidents, and the synthetic persons and records in the fixtures.
    """
    package = Path(__file__).parents[1]
    named = {
        **{f"epjgate/{name}": package / name for name in _WORDS},
        "suites/pytest.toml": suites / "pytest.toml",
        "suites/conftest.py": suites / "conftest.py",
        f"suites/{SUITE}/conftest.py": suites / SUITE / "conftest.py",
        **{f"fixtures/{name}": fixtures / name for name in _FIXTURES},
    }
    return text_digest(*(line for name, path in named.items() for line in _lines(name, path)))


def _lines(name: str, path: Path) -> list[str]:
    if path.is_file():
        return [f"{name} {file_digest(path)}"]
    return [f"{name}/{file.relative_to(path).as_posix()} {file_digest(file)}" for file in content_of(path)]
