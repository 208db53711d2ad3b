"""A release train: the builds of a system in the order in which they were made, and the faults that each carries."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from epjgate.model.base import Value

BuildVersion = Annotated[str, Field(pattern=r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.[1-9]\d*$")]
VariationName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$")]


class Build(Value):
    """One build: its version is `<release>.<build number>`, and build numbers go on from release to release.

    `enters` and `leaves` name the faults that arrive with it and that it mends, `arrives` the variations that builds
    before it carry: what they take back arrives with this one.
    """

    version: BuildVersion
    change: str = Field(min_length=1)
    enters: tuple[VariationName, ...] = ()
    leaves: tuple[VariationName, ...] = ()
    arrives: tuple[VariationName, ...] = ()

    @property
    def release(self) -> str:
        """The release that it belongs to: `1.2` of build `1.2.17`."""
        return self.version.rpartition(".")[0]

    @property
    def number(self) -> int:
        """Its number within the train: 17 of build `1.2.17`."""
        return int(self.version.rpartition(".")[2])

    @property
    def place(self) -> tuple[int, ...]:
        """What it is sorted by."""
        return tuple(int(part) for part in self.version.split("."))


class Train(Value):
    """The builds of one system, oldest first."""

    schema_version: Literal["epjgate/train/1"]
    build: tuple[Build, ...] = Field(min_length=1)

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions of all builds, oldest first."""
        return tuple(build.version for build in self.build)

    def faults_of(self, version: str) -> tuple[str, ...]:
        """Return the faults that the build `version` carries, in the order in which they entered.

        Raises KeyError where there is no such build.
        """
        carried: dict[str, None] = {}
        for build in self.build[: self._index(version) + 1]:
            carried |= dict.fromkeys(build.enters)
            for mended in build.leaves:
                del carried[mended]
        return tuple(carried)

    def variations_of(self, version: str) -> tuple[str, ...]:
        """Return what the build `version` differs by from the head, in the order in which it is applied.

        First the faults, whose texts are those of the head; then what arrives later is taken back, newest first.
        Raises KeyError where there is no such build.
        """
        later = self.build[self._index(version) + 1 :]
        taken_back = (name for build in reversed(later) for name in reversed(build.arrives))
        return (*self.faults_of(version), *taken_back)

    def variations(self) -> frozenset[str]:
        """Return the name of every variation that some build carries."""
        return frozenset(name for build in self.build for name in (*build.enters, *build.arrives))

    def _index(self, version: str) -> int:
        try:
            return self.versions.index(version)
        except ValueError:
            raise KeyError(version) from None

    @model_validator(mode="after")
    def _builds_ascend(self) -> Self:
        for earlier, later in zip(self.build, self.build[1:], strict=False):
            if later.place <= earlier.place or later.number <= earlier.number:
                raise ValueError(f"build {later.version} comes after {earlier.version}; both numbers must ascend")
        return self

    @model_validator(mode="after")
    def _faults_enter_before_they_leave(self) -> Self:
        carried: set[str] = set()
        for build in self.build:
            if twice := sorted(carried.intersection(build.enters)):
                raise ValueError(f"build {build.version} enters {', '.join(twice)}, which has entered and not left")
            carried.update(build.enters)
            if unknown := sorted(set(build.leaves) - carried):
                raise ValueError(f"build {build.version} leaves {', '.join(unknown)}, which has not entered")
            if unseen := sorted(set(build.leaves).intersection(build.enters)):
                raise ValueError(
                    f"build {build.version} enters and leaves {', '.join(unseen)}: no build would carry it"
                )
            carried.difference_update(build.leaves)
        return self

    @model_validator(mode="after")
    def _everything_arrives_once(self) -> Self:
        arrived = [name for build in self.build for name in build.arrives]
        faults = {name for build in self.build for name in build.enters}
        for name in arrived:
            if arrived.count(name) > 1 or name in faults:
                raise ValueError(f"{name} arrives more than once, or is a fault as well")
        return self
