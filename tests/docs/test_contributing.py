"""CONTRIBUTING.md knows every check, and the changelog can take the fragments."""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Callable
from pathlib import Path

Rows = list[dict[str, str]]


def test_every_check_is_documented_and_no_other(
    document: Callable[[str], str], table: Callable[[str, str], Rows], quoted: Callable[[str], list[str]]
) -> None:
    """The table has every environment that tox runs."""
    ini = configparser.ConfigParser()
    ini.read_string(document("tox.ini"))
    listed = ini["tox"]["env_list"].replace(",", " ").split()
    rows = table(document("CONTRIBUTING.md"), "tox environment")
    assert sorted(name for row in rows for name in quoted(row["tox environment"])) == sorted(listed)


def test_the_changelog_says_where_releases_go(document: Callable[[str], str]) -> None:
    """Towncrier finds its mark, once."""
    assert document("CHANGELOG.md").count("<!-- towncrier release notes start -->\n") == 1


def test_every_fragment_has_a_known_kind(repo: Path, document: Callable[[str], str]) -> None:
    """Towncrier leaves out, in silence, a fragment whose kind it does not know."""
    kinds = {kind["directory"] for kind in tomllib.loads(document("pyproject.toml"))["tool"]["towncrier"]["type"]}
    fragments = [path for path in (repo / "changes").iterdir() if not path.name.startswith(".")]
    assert {path.name: path.suffixes[0].lstrip(".") in kinds for path in fragments} == {
        path.name: path.suffix == ".md" for path in fragments
    }
