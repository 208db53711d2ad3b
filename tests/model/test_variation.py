"""A variation fits the files it speaks of exactly, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from epjgate.model.variation import Addition, Edit, Removal, Variation, VariationMisfit

FILES = {"epj/dose.py": b"first = 1\nsecond = 2\n", "epj/data/logo.bin": b"\xff\x00"}


def edit(head: str, build: str, file: str = "epj/dose.py") -> Variation:
    return Variation(title="x", edit=(Edit(file=file, head=head, build=build),))


def test_each_kind_of_change_is_made() -> None:
    """Texts are replaced, files come and go, and everything else stays as it was, bytes that are no text too."""
    variation = Variation(
        title="Nothing works",
        edit=(Edit(file="epj/dose.py", head="1", build="one"), Edit(file="epj/dose.py", head="one\n", build="æ\n")),
        remove=(Removal(file="epj/data/logo.bin"),),
        add=(Addition(file="epj/old.py", text="old = 'ø'\n"),),
    )
    assert variation.applied_to(FILES) == {
        "epj/dose.py": "first = æ\nsecond = 2\n".encode(),
        "epj/old.py": "old = 'ø'\n".encode(),
    }
    assert FILES["epj/dose.py"] == b"first = 1\nsecond = 2\n"


@pytest.mark.parametrize(
    ("variation", "place", "why"),
    [
        (edit("third", "x"), r"edit 1 \(epj/dose.py\)", "does not occur"),
        (edit(" = ", "x"), r"edit 1 \(epj/dose.py\)", "occurs more than once"),
        (edit("1", "x", file="epj/gone.py"), r"edit 1 \(epj/gone.py\)", "there is no such file"),
        (edit("1", "1"), "the whole", "it changes nothing"),
        (Variation(title="x"), "the whole", "it changes nothing"),
        (Variation(title="x", remove=(Removal(file="epj/gone.py"),)), "remove epj/gone.py", "there is no such file"),
        (
            Variation(title="x", add=(Addition(file="epj/dose.py", text=""),)),
            "add epj/dose.py",
            "there is such a file already",
        ),
    ],
)
def test_what_does_not_fit_is_told_by_its_place(variation: Variation, place: str, why: str) -> None:
    """A build with half of its fault would prove nothing."""
    with pytest.raises(VariationMisfit, match=f"^{place}: .*{why}"):
        variation.applied_to(FILES)


def test_texts_that_overlap_occur_more_than_once() -> None:
    """`aa` stands twice in `aaa`: nobody could say which one is meant."""
    with pytest.raises(VariationMisfit, match="more than once"):
        edit("aa", "b", file="a").applied_to({"a": b"aaa"})


@pytest.mark.parametrize("file", ["/etc/passwd", "../x.py", ".hidden", "", "a\\b"])
def test_a_file_lies_below_the_folder(file: str) -> None:
    """A path that leads out of the source code is refused when it is read."""
    with pytest.raises(ValidationError):
        Removal(file=file)


@pytest.mark.parametrize("file", ["epj/../../x.py", "epj//x.py", "epj/./x.py"])
def test_a_path_goes_straight_down(file: str) -> None:
    """No detour may lead out of the folder, or give one file two names."""
    with pytest.raises(ValidationError):
        Addition(file=file, text="")


text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(before=text, head=text, build=text, after=text)
def test_an_edit_can_be_taken_back(before: str, head: str, build: str, after: str) -> None:
    """Its reverse gives the head again, byte by byte, wherever both texts are unmistakable."""
    files = {"a.py": f"{before}{head}{after}".encode()}
    assume(head != build)
    try:
        changed = edit(head, build, file="a.py").applied_to(files)
        restored = edit(build, head, file="a.py").applied_to(changed)
    except VariationMisfit as err:
        assert "more than once" in str(err)  # noqa: PT017 - the only misfit that such texts can have
    else:
        assert restored == files
