"""Reading TOML: a mistake names the file, the key and what is allowed there."""

from __future__ import annotations

import pytest

from epjgate.errors import UsageError
from epjgate.model.base import Value
from epjgate.model.parsing import parse_toml


class Leaf(Value):
    """What a table holds."""

    size: int = 0


class Branch(Value):
    """A table in a table, and tables by a name that the reader chooses."""

    leaf: Leaf | None = None
    leaves: dict[str, Leaf] = {}


class Tree(Value):
    """A whole file."""

    name: str
    branch: Branch = Branch()
    branches: dict[str, Branch] = {}
    rows: tuple[Leaf, ...] = ()


def complaint(text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        parse_toml(text, "tree.toml", Tree)
    return caught.value


def test_good_text_becomes_a_value() -> None:
    """Tables, and tables by name, arrive as the model describes them."""
    tree = parse_toml('name = "elm"\n[branches.north.leaves.top]\nsize = 3', "tree.toml", Tree)
    assert tree == Tree(name="elm", branches={"north": Branch(leaves={"top": Leaf(size=3)})})


def test_text_that_is_no_toml_names_file_and_line() -> None:
    """A slip of the pen is found by file and line."""
    err = complaint("name = \n")
    assert err.problem == "tree.toml cannot be read"
    assert "line 1" in err.cause


def test_all_mistakes_are_told_at_once() -> None:
    """Nobody has to mend a file one run at a time; what is missing, unknown and of a wrong kind is all named."""
    err = complaint('nmae = "elm"\n[branch.leaf]\nsize = "big"')
    assert err.problem == "tree.toml is not valid (3 mistakes)"
    assert "name: missing; it is required" in err.cause
    assert "nmae: unknown key; allowed here: branch, branches, name, rows" in err.cause
    assert "branch.leaf.size: Input should be a valid integer" in err.cause


def test_one_mistake_is_one_mistake() -> None:
    """The count is written in good English."""
    assert complaint("").problem == "tree.toml is not valid (1 mistake)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[branch]\nleef = 1", "branch.leef: unknown key; allowed here: leaf, leaves"),
        ("[branch.leaf]\nsice = 1", "branch.leaf.sice: unknown key; allowed here: size"),
        ("[branches.north]\nleef = 1", "branches.north.leef: unknown key; allowed here: leaf, leaves"),
        ("[branches.north.leaves.top]\nsice = 1", "branches.north.leaves.top.sice: unknown key; allowed here: size"),
        ("[branches.leaf]\nleef = 1", "branches.leaf.leef: unknown key; allowed here: leaf, leaves"),
        ("[branches.leaf.leaf]\nsice = 1", "branches.leaf.leaf.sice: unknown key; allowed here: size"),
        ("[[rows]]\nsice = 1", "rows.0.sice: unknown key; allowed here: size"),
    ],
)
def test_an_unknown_key_is_told_what_is_allowed_in_its_table(text: str, expected: str) -> None:
    """The keys allowed are those of the very table, also where a table's own name is also the name of a key."""
    assert expected in complaint(f'name = "elm"\n{text}').cause
