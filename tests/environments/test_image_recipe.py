"""What goes into an image is all that makes it, and nothing that does not."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epjgate.environments.image_recipe import SOURCE_LABEL, BuildSite, Pull, Recipe, archive_of, recipes_for
from epjgate.environments.interface import EnvironmentDown
from epjgate.environments.source import files_digest
from epjgate.errors import UsageError
from epjgate.model.system import System

FILES = {
    "images/shop/Dockerfile": "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nARG VERSION\nCOPY source /shop\n",
    "images/db/Dockerfile": "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\n",
    "systems/shop/pins.txt": "pinned==1\n",
    "tree/README.md": "about it\n",
    "tree/builds.toml": """
        schema_version = "epjgate/train/1"
        build = [{ version = "1.0.1", change = "x" }, { version = "1.0.2", change = "y" }]
    """,
    "tree/shop/_version.py": 'VERSION = "head"\n',
}


@pytest.fixture
def site(tmp_path: Path) -> BuildSite:
    """A site with the folders of two images, and a source tree."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return BuildSite(systems=tmp_path / "systems", images=tmp_path / "images", logs=tmp_path / "logs")


def release(version: str, **changes: Any) -> dict[str, Any]:
    source = {"folder": "../../tree", "build": version}
    made = {"folder": "shop", "constraints": "pins.txt", "source": source}
    images = {"shop": f"shop:{version}", "copy": f"shop:{version}", "db": "db:1"}
    return {"container": {"images": images, "build": made, "builds": {"db": {"folder": "db"}}, **changes}}


def system(**releases: dict[str, Any]) -> System:
    """Describe a shop, its copy and their database, in two releases or in others."""
    service = {"ready": {"path": "/"}}
    found = {version.replace("_", "."): made for version, made in releases.items()}
    return System.model_validate(
        {
            "schema_version": "epjgate/system/1",
            "name": "shop",
            "title": "Shop",
            "services": {"shop": service, "copy": service, "db": service},
            "interfaces": {"http": {"service": "shop"}},
            "releases": found or {version: release(version) for version in ("1.0.1", "1.0.2")},
        }
    )


def wanted(site: BuildSite, described: System) -> list[Recipe]:
    recipes = recipes_for(site, described, list(described.releases))
    made = [one for one in recipes if isinstance(one, Recipe)]
    assert len(made) == len(recipes)
    return made


def content(recipe: Recipe) -> dict[str, str]:
    with tarfile.open(fileobj=io.BytesIO(recipe.context)) as opened:
        files = {member.name: opened.extractfile(member) for member in opened}
        return {name: file.read().decode() for name, file in files.items() if file}


def test_the_source_code_of_the_build_is_in_its_folder(site: BuildSite) -> None:
    """Each release gets its own build of it, below `source`, beside constraints and authorities."""
    recipes = [
        one for one in wanted(site, system()) if "shop:1.0.1" in one.references or "shop:1.0.2" in one.references
    ]
    assert [content(one)["source/shop/_version.py"] for one in recipes] == [
        'VERSION = "1.0.1"\n',
        'VERSION = "1.0.2"\n',
    ]
    assert set(content(recipes[0])) == {"Dockerfile", "ca-bundle.crt", "constraints.txt", "source/shop/_version.py"}
    assert recipes[0].digest != recipes[1].digest
    (label,) = {**recipes[0].labels, **recipes[1].labels}
    assert label == SOURCE_LABEL
    assert recipes[1].labels[label] == files_digest({"shop/_version.py": b'VERSION = "1.0.2"\n'})


def test_nothing_slips_in_among_the_source_code(site: BuildSite) -> None:
    """A file of the image's own folder would be run under the digest of a build that does not have it."""
    stray = site.images / "shop" / "source" / "shop" / "stray.py"
    stray.parent.mkdir(parents=True)
    stray.touch()
    with pytest.raises(UsageError, match=r"source.*holds files of its own"):
        wanted(site, system())


def test_only_an_image_that_asks_for_the_version_is_told(site: BuildSite) -> None:
    """So an image that is the same for all releases is known as the same, and built once."""
    recipes = {one.references: one for one in wanted(site, system())}
    assert recipes["shop:1.0.1",].args == {"VERSION": "1.0.1"}
    assert recipes["db:1",].args == {}
    both = [one for one in wanted(site, system()) if one.references == ("db:1",)]
    assert [one.digest for one in both] == [both[0].digest] * 2


def test_the_base_is_part_of_the_recipe(site: BuildSite) -> None:
    """The same files upon another base are another image."""
    recipe = wanted(site, system())[0]
    assert len({recipe.digest, recipe.upon("sha256:a").digest, recipe.upon("sha256:b").digest}) == 3


def test_what_nobody_here_can_make_is_pulled(site: BuildSite) -> None:
    """A reference without a build is only a name."""
    only_named = system(**{"1_0_1": release("1.0.1", build=None)})
    pulls = [one for one in recipes_for(site, only_named, ["1.0.1"]) if isinstance(one, Pull)]
    assert pulls == [Pull("1.0.1", ("shop:1.0.1",))]


def test_one_name_has_one_recipe(site: BuildSite) -> None:
    """Two releases that would make one image in two ways would take it from each other."""
    other = release("1.0.2", builds={"db": {"folder": "db", "args": {"SIZE": "2"}}})
    with pytest.raises(UsageError, match=r"db:1 is made in one way for 1\.0\.1 and in another"):
        wanted(site, system(**{"1_0_1": release("1.0.1"), "1_0_2": other}))


def test_source_code_that_cannot_be_assembled_is_told(site: BuildSite) -> None:
    """A build that the train does not have is no image."""
    with pytest.raises(EnvironmentDown, match="no such build"):
        wanted(site, system(**{"1_0_3": release("1.0.3")}))


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}(/[a-zæøå ]{1,8})?", fullmatch=True), st.binary(), max_size=5))
def test_an_archive_is_the_same_for_the_same_files(files: dict[str, bytes]) -> None:
    """Neither order nor time changes a bit of it, and every file is in it as it was."""
    archive = archive_of(files)
    assert archive == archive_of(dict(reversed(files.items())))
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        read = {member.name: opened.extractfile(member) for member in opened}
        assert {name: file.read() for name, file in read.items() if file} == files
