"""A tiny system whose releases show their database: 0.9 keeps a column that 1.0 has no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Project

KEY = "database:removed:table notes column author:diff-database-column-removed"
SCHEMA = """
import json, os
column = {"type": "TEXT", "nullable": True}
kept = {"0.9": ("id", "author"), "1.0": ("id",)}[os.environ["RELEASE"]]
print(json.dumps({"tables": {"notes": {"columns": dict.fromkeys(kept, column)}}}))
"""
NOT_OFFERED = """
[contract_changes.not_offered]
tiny = ["fhir_r4", "openapi", "hl7v2", "messages"]
"""
APPROVED = f"""
schema_version = "epjgate/approved-changes/1"
[[approved]]
change = "{KEY}"
system = "tiny"
baseline = "0.9"
candidate = ">=1.0, <2"
owner = "records team"
reason = "nothing reads the column since 0.8"
expires = 2999-12-31T23:59:59+01:00
"""


@pytest.fixture
def changed(project: Project) -> Project:
    """The tiny project, whose candidate 1.0 takes a column away that its baseline 0.9 has."""
    system = project.root / "fixtures/systems/tiny/system.toml"
    text = system.read_text(encoding="utf-8")
    command = '["tiny-service", "${port}", "serves"]'
    assert f"process = {{ command = {command} }}" in text
    text = text.replace(f"command = {command}", f'command = {command}, env = {{ RELEASE = "${{version}}" }}')
    access = f"[database]\nservice = 'desk'\ncommand = ['python', '-c', '''{SCHEMA}''']\n"
    system.write_text(text + access, encoding="utf-8")
    policy = project.root / "ci/policy.toml"
    policy.write_text(policy.read_text(encoding="utf-8") + NOT_OFFERED, encoding="utf-8")
    return project
