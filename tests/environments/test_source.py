"""The source code of a build is the head with what the build carries, the same bits every time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from epjgate.environments.interface import EnvironmentDown
from epjgate.environments.source import (
    assemble,
    assembled_files,
    files_digest,
    head_of,
    read_train,
)
from epjgate.errors import UsageError
from epjgate.evidence.digests import tree_digest
from epjgate.model.events import EnvironmentCause, EnvironmentStage

TREE = {
    "README.md": "about it\n",
    "builds.toml": """
schema_version = "epjgate/train/1"
build = [
    { version = "1.0.1", change = "first" },
    { version = "1.0.2", change = "adds", enters = ["INC-1"] },
    { version = "1.1.3", change = "units", arrives = ["before-units"] },
    { version = "1.1.4", change = "mends", leaves = ["INC-1"] },
]
""",
    "shop/__init__.py": "",
    "shop/_version.py": '"""Which build."""\n\nVERSION = "head"\n',
    "shop/price.py": "def price(count):\n    return count * 7\n",
    "shop/units.py": "UNIT = 'kr'\n",
    "variations/INC-1.toml": """
title = "Prices are added"
change = "Prices are quicker"
[[edit]]
file = "shop/price.py"
head = "count * 7"
build = "count + 7"
""",
    "variations/before-units.toml": """
title = "There are no units"
[[remove]]
file = "shop/units.py"
[[add]]
file = "shop/old.py"
text = "OLD = True\\n"
""",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small shop of four builds, one of which gets the price wrong."""
    for name, text in TREE.items():
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).write_text(text, encoding="utf-8")
    return tmp_path / "tree"


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_build_runs_with_its_fault_and_says_which_it_is(tree: Path, tmp_path: Path) -> None:
    """Each build is a folder to import from: faulty from where the fault enters until it is mended."""
    said = "import shop._version, shop.price; print(shop._version.VERSION, shop.price.price(2), end='')"
    seen = []
    for version in read_train(tree / "builds.toml").versions:
        folder = assemble(tree, version, tmp_path / "cache").folder
        env = {**os.environ, "PYTHONPATH": str(folder)}
        seen.append(subprocess.check_output([sys.executable, "-c", said], env=env, text=True))
    assert seen == ["1.0.1 14", "1.0.2 9", "1.1.3 9", "1.1.4 14"]


def test_a_feature_is_missing_in_the_builds_before_it(tree: Path) -> None:
    """Files of a later build are not there, files that it removed are; what is about the tree is no part of it."""
    common = {"shop/__init__.py", "shop/_version.py", "shop/price.py"}
    assert set(assembled_files(tree, "1.0.2")) == {*common, "shop/old.py"}
    assert set(assembled_files(tree, "1.1.3")) == {*common, "shop/units.py"}


def test_the_digest_is_that_of_the_folder(tree: Path, tmp_path: Path) -> None:
    """Whoever has the folder can take the digest again; builds that differ have another one."""
    made = [assemble(tree, version, tmp_path / "cache") for version in ("1.0.1", "1.0.2")]
    assert [one.digest for one in made] == [tree_digest(one.folder) for one in made]
    assert made[0].digest != made[1].digest


def test_assembling_again_gives_the_same_folder(tree: Path, tmp_path: Path) -> None:
    """What is there and as it should be is left alone, compiled files of earlier starts included."""
    first = assemble(tree, "1.0.2", tmp_path)
    compiled = first.folder / "shop/__pycache__/price.pyc"
    compiled.parent.mkdir()
    compiled.write_bytes(b"compiled")
    assert assemble(tree, "1.0.2", tmp_path) == first
    assert compiled.exists()


def tampered(folder: Path) -> None:
    (folder / "shop/price.py").write_text("def price(count):\n    return 0\n", encoding="utf-8")


def lost(folder: Path) -> None:
    (folder / "shop/units.py").unlink()


def planted(folder: Path) -> None:
    (folder / "shop/json.py").write_text("", encoding="utf-8")


@pytest.mark.parametrize("change", [tampered, lost, planted])
def test_what_was_changed_in_the_cache_is_not_run(change: Callable[[Path], None], tree: Path, tmp_path: Path) -> None:
    """A file that is altered, gone or new in the cache is put right before the build is used."""
    made = assemble(tree, "1.1.4", tmp_path)
    change(made.folder)
    assert tree_digest(made.folder) != made.digest
    assert assemble(tree, "1.1.4", tmp_path) == made
    assert tree_digest(made.folder) == made.digest


def test_nothing_half_made_is_left_beside_it(tree: Path, tmp_path: Path) -> None:
    """The cache holds the build and its lock."""
    made = assemble(tree, "1.0.1", tmp_path / "cache")
    left = {path.name for path in made.folder.parent.iterdir()}
    assert left <= {made.folder.name, f"{made.folder.name}.lock"}


def refused(tree: Path, version: str = "1.0.2") -> EnvironmentDown:
    with pytest.raises(EnvironmentDown) as caught:
        assembled_files(tree, version)
    assert (caught.value.stage, caught.value.root) == (EnvironmentStage.PREPARE, EnvironmentCause.SET_UP)
    return caught.value


def test_a_variation_that_does_not_fit_the_head_is_named(tree: Path) -> None:
    """Its file, the edit and the file it speaks of: whoever changed the head knows where to go."""
    (tree / "shop/price.py").write_text("def price(count):\n    return 7 * count\n", encoding="utf-8")
    down = refused(tree)
    assert str(tree / "variations/INC-1.toml") in down.cause
    assert "edit 1 (shop/price.py): its head text does not occur" in down.cause
    assert assembled_files(tree, "1.1.4")["shop/price.py"].endswith(b"7 * count\n")


def test_a_variation_with_a_mistake_is_named(tree: Path) -> None:
    """An unknown key would be a change that is silently not made."""
    (tree / "variations/INC-1.toml").write_text('title = "x"\nedits = []\n', encoding="utf-8")
    down = refused(tree)
    assert str(tree / "variations/INC-1.toml") in down.cause
    assert "edits: unknown key; allowed here: add, change, edit, mended, remove, title" in down.cause


def test_a_variation_without_a_file_is_a_mistake_of_the_train(tree: Path) -> None:
    """It is told when the train is read, before anything is assembled."""
    (tree / "variations/before-units.toml").unlink()
    with pytest.raises(UsageError, match="it names before-units, and"):
        read_train(tree / "builds.toml")
    assert "it names before-units" in refused(tree).cause


def test_a_build_that_is_not_there_is_refused(tree: Path) -> None:
    """An unknown version is not the head."""
    assert refused(tree, "1.1.5").cause == "builds.toml has no such build"


@pytest.mark.parametrize(
    ("name", "text"),
    [("shop/_version.py", "NUMBER = 1\n"), ("shop/_version.py", 'VERSION = "1"\nVERSION = "2"\n')],
)
def test_the_version_has_one_place(name: str, text: str, tree: Path) -> None:
    """A head that cannot say which build it is, or says it twice, is refused."""
    (tree / name).write_text(text, encoding="utf-8")
    assert 'one line must read VERSION = "..."' in refused(tree).cause


def test_a_second_version_file_is_refused(tree: Path) -> None:
    """Which of two packages is the system would be a guess."""
    (tree / "stock").mkdir()
    (tree / "stock/_version.py").write_text('VERSION = "1"\n', encoding="utf-8")
    assert "one such file must hold the version, and there are 2" in refused(tree).cause


def test_a_cache_that_cannot_be_written_is_told(tree: Path, tmp_path: Path) -> None:
    """The cache is named; nothing is run from elsewhere."""
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(EnvironmentDown, match="cannot be kept in the cache") as caught:
        assemble(tree, "1.0.1", tmp_path / "cache")
    assert str(tmp_path / "cache") in caught.value.fix


words = st.text(st.characters(codec="utf-8", exclude_characters="<>\r"), max_size=12)
PLACES = [("app/a.py", number) for number in range(3)] + [("app/b.py", number) for number in range(3)]


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changed=st.dictionaries(st.sampled_from(PLACES), words, min_size=1), between=words)
def test_what_is_applied_and_taken_back_is_the_head(
    changed: dict[tuple[str, int], str], between: str, tmp_path: Path
) -> None:
    """Build 1 carries edits anywhere, build 2 their reverses as well, build 3 none: 2 and 3 are the head."""
    parts = {place: f"<{place[1]}>" for place in PLACES}
    built = {place: f"<{place[1]} {text}>" for place, text in changed.items()}
    files = {name: written(name, parts, between) for name, _number in PLACES}
    edits = [(name, parts[name, number], text) for (name, number), text in built.items()]
    write_train(tmp_path, files, edits)
    carried, restored, clean = (assembled_files(tmp_path, f"1.0.{number}") for number in (1, 2, 3))
    assert {name: carried[name].decode() for name in files} == {
        name: written(name, {**parts, **built}, between) for name in files
    }
    assert {name: restored[name].decode() for name in files} == files
    assert clean == {**head_of(tmp_path), "app/_version.py": b'VERSION = "1.0.3"'}
    assert files_digest(clean) != files_digest(restored), "each build says its own version"


def written(name: str, parts: dict[tuple[str, int], str], between: str) -> str:
    return between.join(text for (file, _number), text in parts.items() if file == name)


def write_train(tree: Path, files: dict[str, str], edits: list[tuple[str, str, str]]) -> None:
    """Write a train whose first build carries `edits`, its second these and their reverses, its third nothing."""
    for name, text in {
        **files,
        "app/_version.py": 'VERSION = "head"',
        "builds.toml": """
schema_version = "epjgate/train/1"
build = [
    { version = "1.0.1", change = "x", enters = ["there"] },
    { version = "1.0.2", change = "x", enters = ["back"] },
    { version = "1.0.3", change = "x", leaves = ["there", "back"] },
]
""",
        "variations/there.toml": variation(edits),
        "variations/back.toml": variation([(name, build, head) for name, head, build in edits]),
    }.items():
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_bytes(text.encode())


def variation(edits: list[tuple[str, str, str]]) -> str:
    tables = (
        f"[[edit]]\nfile = {toml(name)}\nhead = {toml(head)}\nbuild = {toml(build)}\n" for name, head, build in edits
    )
    return f'title = "x"\n{"".join(tables)}'


def toml(text: str) -> str:
    """Return `text` as a basic string of TOML: it escapes as JSON does, and the delete character as well."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
