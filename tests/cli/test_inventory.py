"""What there is, told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.conftest import Ended
    from tests.conftest import Project


def test_systems_lists_every_release_and_where_it_can_run(command: Callable[..., Ended]) -> None:
    """One row a release, with the environments that its description knows; the first says what the system can do."""
    ended = command("systems")
    assert (ended.code, ended.err) == (0, "")
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in ended.out.splitlines() if "tiny" in line]
    assert rows == [["tiny", "1.0", "process", "patients"], ["tiny", "0.9", "process", ""]]


def test_a_long_train_is_one_row(command: Callable[..., Ended], project: Project) -> None:
    """Dozens of builds that run in the same places are told by the first, the last and their number."""
    file = project.root / "fixtures/systems/tiny/system.toml"
    more = "".join(f'\nreleases."2.{number}".remote.urls.desk = "http://127.0.0.1:9"' for number in range(12))
    file.write_text(more.lstrip() + "\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    ended = command("systems")
    assert ended.code == 0, ended.err
    assert "2.0 to 2.11" in ended.out
    assert "2.5" not in ended.out


def test_a_description_with_a_mistake_is_named(command: Callable[..., Ended], project: Project) -> None:
    """The list is not shown without the one that cannot be read."""
    file = project.write("fixtures/systems/odd/system.toml", "colour = 3\n")
    ended = command("systems")
    assert (ended.code, ended.out) == (2, "")
    assert str(file) in ended.err
    assert "colour: unknown key" in ended.err


def test_a_project_without_systems_says_so(command: Callable[..., Ended], project: Project) -> None:
    """An empty table would look like an answer."""
    (project.root / "fixtures/systems/tiny/system.toml").unlink()
    ended = command("systems")
    assert (ended.code, "no system is described" in ended.err) == (2, True)


def test_images_of_an_unknown_system_are_not_built(command: Callable[..., Ended]) -> None:
    """A mistake in the name is found before any engine is asked."""
    ended = command("images", "build", "--system=huge")
    assert (ended.code, "there is no system 'huge'" in ended.err) == (2, True)
