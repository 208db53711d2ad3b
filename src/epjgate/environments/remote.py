"""Reaches a release that already runs somewhere: nothing is started, nothing is stopped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from epjgate.environments.interface import EnvironmentDown, Listener, Order, Running, not_run
from epjgate.environments.readiness import answers, wait_until_ready
from epjgate.errors import UsageError
from epjgate.model.events import EnvironmentCause, EnvironmentStage
from epjgate.model.identity import DigestKind, Identity
from epjgate.model.system import Readiness, RemoteRelease

# It runs already, so there is no start to wait for.
_LIMIT_S = 10.0
_BASE_URL = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class RemoteEnvironment:
    """Reaches releases at the base URLs that their description names; waits `limit_s` seconds for each at most."""

    def __init__(self, *, limit_s: float = _LIMIT_S) -> None:
        self._limit_s = limit_s

    @property
    def name(self) -> str:
        """The name of this kind of environment."""
        return "remote"

    def identify(self, order: Order, listener: Listener) -> tuple[Identity, ...]:  # noqa: ARG002 (the port)
        """Return what the site says it deployed; nothing is asked."""
        release = _described(order)
        return tuple(_identity(name, url, release.digests.get(name, "")) for name, url in release.urls.items())

    def start(self, order: Order, listener: Listener) -> AbstractContextManager[Running]:
        """Return `order` once every service answers; leaving the context leaves it as it is.

        Raises EnvironmentDown as `Environment.start` promises, and UsageError for a URL or digest that is none.
        """
        return _reached(order, listener, self._limit_s)


class _RunningElsewhere:
    """The services of one release, somewhere else."""

    def __init__(self, urls: Mapping[str, str], ready: Mapping[str, Readiness], release: RemoteRelease) -> None:
        self._urls = urls
        self._ready = ready
        self._release = release

    @property
    def urls(self) -> Mapping[str, str]:
        return self._urls

    @property
    def ports(self) -> Mapping[str, Mapping[str, str]]:
        return self._release.ports

    @property
    def identities(self) -> tuple[Identity, ...]:
        return tuple(_identity(name, url, self._release.digests.get(name, "")) for name, url in self._urls.items())

    @property
    def disposable(self) -> bool:
        return self._release.disposable

    def run_beside(self, service: str, command: Sequence[str]) -> str:
        raise not_run(service, command, "it runs elsewhere, and nothing can be started there")

    def start_earlier(self, order: Order, listener: Listener) -> AbstractContextManager[Running]:  # noqa: ARG002 (the port)
        raise EnvironmentDown(
            f"{order.system.name} {order.version} cannot be started beside the candidate",
            "the candidate runs elsewhere, and nothing can be started there",
            "choose the environment process or container",
            stage=EnvironmentStage.PREPARE,
            root=EnvironmentCause.SET_UP,
        )

    def raise_if_down(self) -> None:
        """Return at once: only a request could tell, and that is too dear to be made several times a second."""

    def raise_if_silent(self) -> None:
        for name, url in self._urls.items():
            reason = answers(url, self._ready[name])
            if reason is not None:
                raise EnvironmentDown(
                    f"{name} does not answer any more",
                    reason,
                    "see whether the network or the system failed where it runs, then run again",
                    stage=EnvironmentStage.RUN,
                    root=EnvironmentCause.UNREACHABLE,
                    service=name,
                )


@contextmanager
def _reached(order: Order, listener: Listener, limit_s: float) -> Iterator[Running]:
    release = _described(order)
    services = order.system.services_in("remote")
    urls = {name: _base_url(name, release.urls[name]) for name in services}
    ready = {name: service.ready for name, service in services.items()}
    running = _RunningElsewhere(urls, ready, release)
    _raise_if_digests_wrong(release)
    for name, url in urls.items():
        listener.step(f"asking {name} at {url}")
        ask = partial(answers, url, ready[name])
        shortened_s = min(ready[name].limit_s, limit_s)
        wait_until_ready(ask, shortened_s, service=name, last_lines=tuple, raise_if_ended=_never_known)
    yield running


def _described(order: Order) -> RemoteRelease:
    release = order.release.remote
    missing = [name for name in order.system.services_in("remote") if release is None or name not in release.urls]
    if release is not None and not missing:
        return release
    raise EnvironmentDown(
        f"{order.system.name} {order.version} cannot be reached",
        f"its description has no URL for {', '.join(missing)}",
        f"add it to [releases.{order.version!r}.remote.urls] in {order.system.name}/system.toml",
        stage=EnvironmentStage.PREPARE,
        root=EnvironmentCause.SET_UP,
    )


def _base_url(service: str, url: str) -> str:
    if "@" in url:
        raise UsageError(
            f"remote.urls.{service} holds a user name or password",
            "the URL would carry it into every report, which is why it is not repeated here",
            "leave it out of the URL",
        )
    if not _BASE_URL.fullmatch(url):
        raise UsageError(
            f"remote.urls.{service} is no base URL", f"it reads {url!r}", "write it like https://host/path"
        )
    return url.rstrip("/")


def _raise_if_digests_wrong(release: RemoteRelease) -> None:
    for name, digest in release.digests.items():
        if not _DIGEST.fullmatch(digest) or name not in release.urls:
            raise UsageError(
                f"remote.digests.{name} says nothing",
                f"{digest!r} is no digest of a service that has a URL",
                f"write sha256: and 64 hex digits, for one of: {', '.join(sorted(release.urls))}",
            )


def _never_known() -> None:
    """A server elsewhere does not tell when it ends."""


def _identity(service: str, url: str, digest: str) -> Identity:
    kind = DigestKind.DECLARED if digest else DigestKind.NONE
    return Identity(service=service, reference=url, digest=digest, kind=kind)
