"""Which image each service of a release runs from, as the engine has it now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from docker import DockerClient
from docker.errors import ImageNotFound
from docker.models.images import Image

from epjgate.environments.container_service import MAIN, Part
from epjgate.environments.engine import ENGINE_ERRORS
from epjgate.environments.image_recipe import SOURCE_LABEL, source_digest
from epjgate.environments.interface import EnvironmentDown, Order
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.identity import DigestKind, Identity


def parts_of(order: Order, engine: DockerClient, systems: Path) -> tuple[Part, ...]:
    """Return every service of `order` with the image that the engine has for it; `systems` holds the descriptions.

    Raises EnvironmentDown with stage `prepare` where an image is missing, or holds other source code than lies here.
    """
    parts = tuple(_parts(order, engine))
    _raise_if_out_of_date(order, parts, systems / order.system.name)
    return parts


def identity_of(part: Part) -> Identity:
    """Return which bits the service `part` runs."""
    names = (*part.image.tags, *(part.image.attrs.get("RepoDigests") or ()))
    digest = str(part.image.id)
    return Identity(service=part.name, reference=part.reference, digest=digest, kind=DigestKind.IMAGE, parts=names)


def _parts(order: Order, engine: DockerClient) -> Iterator[Part]:
    images = order.release.container.images if order.release.container else {}
    for name, service in order.system.services_in("container").items():
        if service.container is None or name not in images:
            raise EnvironmentDown(
                f"{order.system.name} {order.version} cannot run as containers",
                f"its description does not say how {name} does: the service has no container table, or no image",
                f"add services.{name}.container and releases.'{order.version}'.container.images.{name} to system.toml",
                stage=EnvironmentStage.PREPARE,
                root=EnvironmentCause.SET_UP,
                service=name,
            )
        main = {MAIN: service.container.port} if order.system.is_asked(name) else {}
        asked = {**main, **order.system.ports_asked(name)}
        yield Part(name, service, service.container, asked, images[name], _image(engine, images[name], order, name))


def _raise_if_out_of_date(order: Order, parts: Sequence[Part], described_in: Path) -> None:
    """An image that holds other source code than lies here would be judged under the name of this build."""
    release = order.release.container
    digests: dict[str, str] = {}
    for part in parts:
        build = release.build_of(part.reference) if release else None
        if build is None or build.source is None:
            continue
        if part.reference not in digests:
            digests[part.reference] = source_digest(described_in, build)
        if part.image.labels.get(SOURCE_LABEL) != digests[part.reference]:
            raise EnvironmentDown(
                f"the image {part.reference} is out of date",
                f"it was not built from the source code of {order.version} as it is now",
                f"epjgate images build --system {order.system.name} --release {order.version}",
                stage=EnvironmentStage.PREPARE,
                root=EnvironmentCause.SET_UP,
                service=part.name,
            )


def _image(engine: DockerClient, reference: str, order: Order, service: str) -> Image:
    try:
        return engine.images.get(reference)
    except ImageNotFound as err:
        raise EnvironmentDown(
            f"the image {reference} is not in the container engine",
            "nothing is pulled or built while a candidate is being judged",
            f"epjgate images build --system {order.system.name} --release {order.version}",
            stage=EnvironmentStage.PREPARE,
            root=EnvironmentCause.SET_UP,
            service=service,
        ) from err
    except ENGINE_ERRORS as err:
        raise EnvironmentDown(
            f"the image {reference} cannot be looked up",
            f"the container engine does not answer: {err}",
            "run `epjgate doctor`",
            stage=EnvironmentStage.PREPARE,
            root=EnvironmentCause.ENGINE,
            service=service,
        ) from err
