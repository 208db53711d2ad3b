"""Makes the images that a system's description names and the engine does not have."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from textwrap import shorten

from docker import DockerClient
from docker.errors import DockerException, ImageNotFound

from epjgate.environments.debian_base import find_base
from epjgate.environments.engine import ENGINE_ERRORS, connected
from epjgate.environments.image_recipe import BuildSite, Pull, Recipe, recipes_for
from epjgate.environments.interface import EnvironmentDown, Listener
from epjgate.environments.readiness import tail, with_last_lines
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.system import System

BUILD_LABEL = "epjgate.build"
CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "PIP_CERT")

# A step of a Dockerfile may work for long without a word.
_SILENCE_LIMIT_S = 1800
_STEP_WIDTH = 80


class Source(StrEnum):
    """Where an image came from this time."""

    PRESENT = "present"
    BUILT = "built"
    PULLED = "pulled"


@dataclass(frozen=True)
class BuiltImage:
    """An image that the engine now has; `image_id` is `sha256:...`."""

    version: str
    reference: str
    image_id: str
    source: Source


def default_ca_bundle() -> Path | None:
    """Return the CA bundle that this process was told to trust, by the first of CA_VARIABLES that names a file."""
    named = (Path(os.environ[name]) for name in CA_VARIABLES if os.environ.get(name))
    return next((path for path in named if path.is_file()), None)


def build_images(
    site: BuildSite, system: System, versions: Sequence[str], listener: Listener, *, rebuild: bool = False
) -> tuple[BuiltImage, ...]:
    """Make or fetch what the `versions` of `system` need and the engine lacks; build all again with `rebuild`.

    An image that was built from other files, arguments, authorities or another base than now counts as lacking.
    Raises UsageError for a version, folder or file that does not exist, and EnvironmentDown with stage `prepare`
    where the engine does not answer (`engine`) or a build fails (`set_up`).
    """
    # What can be asked for wrongly is looked at before anything is started.
    wanted = recipes_for(site, system, versions)
    images: dict[str, BuiltImage] = {}
    try:
        with connected() as engine:
            recipes = any(isinstance(want, Recipe) for want in wanted)
            base = find_base(engine, site.base, listener) if recipes else ""
            for want in wanted:
                if images.keys() >= set(want.references):
                    continue  # releases may share an image
                if isinstance(want, Pull):
                    made = _fetched(engine, want, listener)
                else:
                    recipe = want.upon(base)
                    made = _present(engine, recipe, rebuild=rebuild) or _built(engine, recipe, site.logs, listener)
                images |= {image.reference: image for image in made}
    except ENGINE_ERRORS as err:
        raise _failed(
            system.name, f"the container engine refused, or stopped answering: {err}", EnvironmentCause.ENGINE
        ) from err
    return tuple(images.values())


def _fetched(engine: DockerClient, want: Pull, listener: Listener) -> tuple[BuiltImage, ...]:
    """Return images that nobody here can build, pulled where the engine does not have them."""
    fetched = []
    for reference in want.references:
        try:
            fetched.append(BuiltImage(want.version, reference, str(engine.images.get(reference).id), Source.PRESENT))
        except ImageNotFound:
            listener.step(f"pulling {reference}")
            fetched.append(BuiltImage(want.version, reference, _pulled(engine, reference), Source.PULLED))
    return tuple(fetched)


def _pulled(engine: DockerClient, reference: str) -> str:
    try:
        return str(engine.images.pull(reference).id)
    except DockerException as err:
        cause = f"it is not in the engine, has no build in its description, and could not be pulled: {err}"
        raise _failed(reference, cause, EnvironmentCause.SET_UP) from err


def _present(engine: DockerClient, recipe: Recipe, *, rebuild: bool) -> tuple[BuiltImage, ...]:
    """Return the images of `recipe` where the engine has all of them, built from the same; otherwise nothing."""
    if rebuild:
        return ()
    found = []
    for reference in recipe.references:
        try:
            image = engine.images.get(reference)
        except ImageNotFound:
            return ()
        if image.labels.get(BUILD_LABEL) != recipe.digest:
            return ()
        found.append(BuiltImage(recipe.version, reference, str(image.id), Source.PRESENT))
    return tuple(found)


def _built(engine: DockerClient, recipe: Recipe, logs: Path, listener: Listener) -> tuple[BuiltImage, ...]:
    first, *others = recipe.references
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{re.sub(r'[^A-Za-z0-9.]+', '-', first)}.build.log"
    listener.step(f"building {first} (log: {log})")
    error = _build(engine, recipe, log, listener)
    if error:
        raise _failed(first, with_last_lines(error, tail(log)), EnvironmentCause.SET_UP)
    image = engine.images.get(first)
    for reference in others:
        image.tag(reference)
    return tuple(BuiltImage(recipe.version, name, str(image.id), Source.BUILT) for name in recipe.references)


def _build(engine: DockerClient, recipe: Recipe, log: Path, listener: Listener) -> str:
    """Build and tag the first image of `recipe`, its output going to `log`; return what went wrong, or nothing."""
    answers = engine.api.build(
        fileobj=io.BytesIO(recipe.context),
        custom_context=True,
        tag=recipe.references[0],
        buildargs=recipe.args,
        labels={**recipe.labels, BUILD_LABEL: recipe.digest},
        rm=True,
        forcerm=True,
        decode=True,
        timeout=_SILENCE_LIMIT_S,
    )
    with log.open("w", encoding="utf-8", buffering=1) as file:
        for answer in answers:
            text = str(answer.get("stream", ""))
            file.write(text)
            if text.startswith("Step "):
                listener.step(f"{recipe.references[0]}: {shorten(text, _STEP_WIDTH)}")
            if "error" in answer:
                return str(answer["error"])
    return ""


def _failed(what: str, cause: str, root: EnvironmentCause) -> EnvironmentDown:
    fix = (
        "run `epjgate doctor`; where the network inspects TLS, name its authorities with --ca-bundle FILE"
        if root is EnvironmentCause.SET_UP
        else "run `epjgate doctor`"
    )
    return EnvironmentDown(f"{what} cannot be had", cause, fix, stage=EnvironmentStage.PREPARE, root=root)
