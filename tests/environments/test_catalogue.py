"""The catalogue reads what systems there are, and says what there is when asked for something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from epjgate.environments.catalogue import find_release, load_system, load_systems, load_train, release_for
from epjgate.errors import UsageError
from epjgate.model.system import SourceTree

OURS = Path(__file__).parents[2] / "fixtures" / "systems"
TINY = """
schema_version = "epjgate/system/1"
name = "{name}"
title = "Tiny"

[services.his]
ready = {{ path = "/" }}

[interfaces.fhir_r4]
service = "his"

[releases."1.0".{entry}
"""
PROCESS = 'process]\npackages = ["tiny==1.0"]'


def describe(folder: Path, name: str, *, calls_itself: str = "", entry: str = PROCESS) -> None:
    (folder / name).mkdir()
    (folder / name / "system.toml").write_text(TINY.format(name=calls_itself or name, entry=entry), encoding="utf-8")


def test_systems_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    """Every folder with a description is a system; others are not."""
    for name in ("b", "a"):
        describe(tmp_path, name)
    (tmp_path / "notes").mkdir()
    assert [system.name for system in load_systems(tmp_path)] == ["a", "b"]


def test_a_catalogue_without_systems_is_an_error(tmp_path: Path) -> None:
    """Nothing at all, or a folder that is not there, is never taken for an answer."""
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(UsageError, match="no system is described"):
            load_systems(folder)


@pytest.mark.parametrize("name", ["c", "", "../a", "notes"])
def test_an_unknown_system_lists_those_that_exist(tmp_path: Path, name: str) -> None:
    """A name that no folder has is refused, and so is a path in place of a name."""
    describe(tmp_path, "b")
    describe(tmp_path, "a")
    with pytest.raises(UsageError) as refused:
        load_system(tmp_path, name)
    assert refused.value.fix == "choose one of: a, b"


def test_a_mistake_names_the_file(tmp_path: Path) -> None:
    """An unknown key names the file, the key and what is allowed there."""
    describe(tmp_path, "a", entry=f"{PROCESS}\nconstraint = 'c.txt'")
    with pytest.raises(UsageError) as refused:
        load_system(tmp_path, "a")
    assert str(tmp_path / "a" / "system.toml") in refused.value.problem
    assert "constraint: unknown key; allowed here: constraints, packages, source" in refused.value.cause


def test_a_description_in_another_encoding_is_told_as_such(tmp_path: Path) -> None:
    """A file that is not UTF-8 is an error of its user, not a crash."""
    describe(tmp_path, "a")
    (tmp_path / "a" / "system.toml").write_bytes(b"title = 'l\xe6ge'")
    with pytest.raises(UsageError, match="readable file in UTF-8"):
        load_system(tmp_path, "a")


def test_a_system_is_named_as_its_folder(tmp_path: Path) -> None:
    """A copied folder whose description still has the old name is refused: both names are in the message."""
    describe(tmp_path, "copy", calls_itself="original")
    with pytest.raises(UsageError, match="'original' and lies in the folder 'copy'"):
        load_system(tmp_path, "copy")


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        (f"{PROCESS}\nconstraints = 'pins.txt'", "process.constraints"),
        (
            "container]\nimages = {his = 'tiny:1'}\nbuild = {folder = 'tiny', constraints = 'pins.txt'}",
            "container.build.constraints",
        ),
    ],
)
def test_a_constraints_file_must_be_there(tmp_path: Path, entry: str, key: str) -> None:
    """A release whose constraints are missing is refused before anything is installed; with the file it is read."""
    describe(tmp_path, "a", entry=entry)
    with pytest.raises(UsageError) as refused:
        load_system(tmp_path, "a")
    assert f"releases.'1.0'.{key} names 'pins.txt'" in refused.value.cause
    (tmp_path / "a" / "pins.txt").write_text("")
    assert load_system(tmp_path, "a").name == "a"


def test_an_unknown_release_lists_those_that_exist(tmp_path: Path) -> None:
    """A version that is not listed is refused; one that is comes back."""
    describe(tmp_path, "a")
    system = load_system(tmp_path, "a")
    assert find_release(system, "1.0") is system.releases["1.0"]
    with pytest.raises(UsageError) as refused:
        find_release(system, "1")
    assert refused.value.fix == "choose one of: 1.0"


def test_a_release_must_be_able_to_run_there(tmp_path: Path) -> None:
    """A release without an entry for the environment is refused, and the environments that it has are named."""
    describe(tmp_path, "a")
    system = load_system(tmp_path, "a")
    assert release_for(system, "1.0", "process") is system.releases["1.0"]
    with pytest.raises(UsageError, match="choose one of: process, or add that table"):
        release_for(system, "1.0", "container")
    with pytest.raises(UsageError, match=r"has no release '2\.0'"):
        release_for(system, "2.0", "process")


def test_every_system_of_this_repository_is_valid() -> None:
    """The descriptions that come with the gate can be read, and SEKMET's releases run in both environments."""
    assert "sekmet" in {system.name for system in load_systems(OURS)}
    sekmet = load_system(OURS, "sekmet")
    for version in ("0.1.0", "0.1.1"):
        process, container = release_for(sekmet, version, "process").process, sekmet.releases[version].container
        assert process is not None
        assert process.packages == (f"sekmet-fhir=={version}",)
        assert container is not None
        assert container.images == {"his": f"epjgate/sekmet:{version}"}


TRAIN = """
schema_version = "epjgate/system/1"
name = "wagon"
title = "Wagon"
{release}
[services.his]
ready = {{ path = "/" }}
[interfaces.fhir_r4]
service = "his"
[train]
builds = "../tree/builds.toml"
[train.process]
packages = ["wagon"]
source = {{ folder = "../tree", build = "${{version}}" }}
[train.container]
images = {{ his = "epjgate/wagon:${{version}}" }}
build = {{ folder = "wagon", args = {{ BUILD = "{arg}" }}, source = {{ folder = "../tree", build = "${{version}}" }} }}
"""
BUILDS = """
schema_version = "epjgate/train/1"
[[build]]
version = "1.0.1"
change = "first"
[[build]]
version = "1.0.2"
change = "a fault"
enters = ["INC-1"]
"""


def couple(folder: Path, *, builds: str = BUILDS, release: str = "", arg: str = "${version}") -> None:
    """Write a system whose releases are the builds of a train."""
    for name, text in {
        "wagon/system.toml": TRAIN.format(release=release, arg=arg),
        "tree/builds.toml": builds,
        "tree/variations/INC-1.toml": 'title = "x"',
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def test_every_build_of_a_train_is_a_release(tmp_path: Path) -> None:
    """In the order of the train, its version wherever the description asks for it; the faults of each are known."""
    couple(tmp_path)
    system = load_system(tmp_path, "wagon")
    assert list(system.releases) == ["1.0.1", "1.0.2"]
    release = release_for(system, "1.0.2", "container")
    assert release.process is not None
    assert release.process.source == SourceTree(folder="../tree", build="1.0.2")
    assert release.container is not None
    assert release.container.images == {"his": "epjgate/wagon:1.0.2"}
    assert release.container.build is not None
    assert release.container.build.args == {"BUILD": "1.0.2"}
    train = load_train(tmp_path, system)
    assert train is not None
    assert train.faults_of("1.0.2") == ("INC-1",)


def test_a_system_without_a_train_has_none(tmp_path: Path) -> None:
    """Its releases stand in its description."""
    describe(tmp_path, "a")
    assert load_train(tmp_path, load_system(tmp_path, "a")) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"builds": "builds = 3"}, "tree/builds.toml is not valid"),
        ({"builds": BUILDS.replace("enters", "enter")}, "build.1.enter: unknown key; allowed here: arrives, change"),
        ({"builds": BUILDS.replace("INC-1", "INC-2")}, "it names INC-2, and"),
        ({"release": '[releases."1.0.2".process]\npackages = ["wagon"]'}, "releases.'1.0.2' is a build of its train"),
        ({"arg": "${number}"}, "the placeholder ${number} is not known here"),
    ],
)
def test_a_train_that_is_wrong_is_refused(changes: dict[str, str], words: str, tmp_path: Path) -> None:
    """The file and the key are named, and no release of the system can be started."""
    couple(tmp_path, **changes)
    with pytest.raises(UsageError) as refused:
        load_system(tmp_path, "wagon")
    assert words in str(refused.value)


def test_a_train_must_be_there(tmp_path: Path) -> None:
    """A system whose builds are not there is not one without releases."""
    couple(tmp_path)
    (tmp_path / "tree/builds.toml").unlink()
    with pytest.raises(UsageError, match=r"builds\.toml cannot be read"):
        load_system(tmp_path, "wagon")


def test_a_source_tree_must_be_there(tmp_path: Path) -> None:
    """A release that names source code which is not beside the description is refused before anything is started."""
    describe(tmp_path, "a", entry=f"{PROCESS}\nsource = {{folder = '../gone', build = '1.0.1'}}")
    with pytest.raises(UsageError) as refused:
        load_system(tmp_path, "a")
    assert "process.source.folder names '../gone/builds.toml'" in refused.value.cause
