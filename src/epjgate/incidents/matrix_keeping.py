"""Keeps the matrix of builds and incidents: rows and a repetition that met the same tests, one build a line."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from epjgate.errors import EvidenceUnwritable, UsageError
from epjgate.evidence.bundle import write_whole
from epjgate.incidents.matrix import Catalogue
from epjgate.model.matrix import Matrix, Repetition, Row
from epjgate.model.proof import ProofEnvironment


def with_row(
    matrix: Matrix | None, catalogue: Catalogue, environment: ProofEnvironment, version: str, row: Row
) -> Matrix:
    """Return `matrix` with `row` in place of what it said of the build `version`.

    Rows that met other tests than those of `catalogue`, elsewhere, or that are no build's of its train, are left out.
    """
    base = _current(matrix, catalogue, environment)
    rows = {**base.builds, version: row}
    kept = {known: rows[known] for known in catalogue.train.versions if known in rows}
    return base.model_copy(update={"builds": kept})


def with_repetition(
    matrix: Matrix | None, catalogue: Catalogue, environment: ProofEnvironment, repeated: Repetition
) -> Matrix:
    """Return `matrix` with `repeated` in place of an earlier one; what met other tests is left out."""
    return _current(matrix, catalogue, environment).model_copy(update={"repeated": repeated})


def _current(matrix: Matrix | None, catalogue: Catalogue, environment: ProofEnvironment) -> Matrix:
    empty = Matrix(
        system=catalogue.system.name, environment=environment, words=catalogue.words, tests=dict(catalogue.tests)
    )
    said = ("system", "environment", "words", "tests")
    if matrix is None or any(getattr(matrix, key) != getattr(empty, key) for key in said):
        return empty
    return matrix


def read_matrix(file: Path) -> Matrix | None:
    """Return the matrix in `file`, None where there is no such file; raises UsageError for one that is no matrix."""
    try:
        return Matrix.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as err:
        first = err.errors()[0]
        why = f"{'.'.join(map(str, first['loc'])) or 'the file'}: {first['msg']}"
        raise UsageError(f"{file} is no matrix", why, "delete it, and make the matrix again") from err
    except OSError as err:
        raise UsageError(f"{file} cannot be read", f"{err}", "make it readable") from err


def keep_matrix(file: Path, matrix: Matrix) -> None:
    """Write `matrix` to `file`, one build a line, so that a change of one is a change of one line.

    Raises EvidenceUnwritable.
    """
    head = matrix.model_dump(mode="json", exclude={"builds"})
    rows = matrix.model_dump(mode="json", include={"builds"})["builds"]
    lines = ",\n".join(
        f"    {json.dumps(version)}: {json.dumps(row, ensure_ascii=False)}" for version, row in rows.items()
    )
    opening = json.dumps(head, indent=2, ensure_ascii=False).removesuffix("\n}")
    try:
        write_whole(file, f'{opening},\n  "builds": {{\n{lines}\n  }}\n}}\n')
    except OSError as err:
        raise EvidenceUnwritable(f"{file} cannot be written", f"{err}", "make its folder writable") from err


def stale_builds(matrix: Matrix | None, catalogue: Catalogue, environment: ProofEnvironment) -> tuple[str, ...]:
    """Return the builds of which `matrix` says nothing that holds now, oldest first."""
    rows = _current(matrix, catalogue, environment).builds
    return tuple(
        version
        for version in catalogue.train.versions
        if version not in rows or rows[version].source != catalogue.sources[version]
    )
