"""One step at production size: draws of how long it may take, by all curves, and by the most and least cautious."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from epjgate.forecast.curves import Floats
from epjgate.forecast.fitting import fit
from epjgate.forecast.heldout import MISFITS, Curves, weigh_curves
from epjgate.forecast.noise import Noise, noise_of
from epjgate.forecast.refusal import ForecastRefused
from epjgate.forecast.timings import MeasuredStep
from epjgate.model.forecast import Family

DRAWS = 1000  # of every family
EVEN_Z = np.asarray(ndtri((np.arange(DRAWS) + 0.5) / DRAWS))  # a standard normal, evenly drawn; draws are in no order
PLAUSIBLE = 0.02  # the share of the weight from which a family has a say in the bounds
_NOISY = 0.5  # repeats that differ so much, as a share, tell no curve
_MISSED = 0.2  # a curve that is further from a measured size does not follow it
_SURE = 2.0  # standard errors of a measured size that are left out of that
_AHEAD = 1.01  # how far beyond production size the growth is looked at


@dataclass(frozen=True)
class Draws:
    """What one run may take, drawn by draw: its median in seconds, its noise on a log scale, and how it grows there."""

    median_s: Floats
    noise: Floats
    growth: Floats

    def run_s(self, z: Floats | float) -> Floats:
        """Return the durations of runs in seconds, each `z` standard deviations of the noise from its median."""
        return np.asarray(self.median_s * np.exp(self.noise * z), dtype=np.float64)


@dataclass(frozen=True)
class Prediction:
    """A step at production size: all families by their weight, and the plausible ones that end latest and earliest."""

    measured: MeasuredStep
    shares: dict[Family, float]
    misfit: float
    noise: float
    expected: Draws
    cautious: Draws
    hopeful: Draws

    def longest_s(self, confidence: float) -> float:
        """Return what a run may take by the most cautious plausible curve, in seconds, at the bound of `confidence`."""
        return float(np.quantile(self.cautious.run_s(EVEN_Z), 1 - (1 - confidence) / 2))

    def raise_if_noisy(self) -> None:
        """Return where repeats are alike enough to tell a curve; raises ForecastRefused otherwise."""
        if self.noise <= _NOISY:  # also false for what is no number
            return
        raise ForecastRefused(
            f"repeats of {self.measured.step} at {self.measured.sizes[-1]:.0f} patients differ by {self.noise:.0%}",
            f"with a noise above {_NOISY:.0%} hardly any curve can be told from another",
            "rehearse with nothing else running, or time a very short step together with the one before it",
        )


def predict(measured: MeasuredStep, patients: int, *, seed: int, confidence: float) -> Prediction:
    """Foretell a step at `patients`; the same seed gives the same draws, whatever other steps there are.

    Raises ForecastRefused where no curve follows the timings. Whether repeats differ too much to tell one is for the
    caller to ask: it matters only where the step does.
    """
    noise = noise_of(measured.centre_s, measured.variance, measured.freedom)
    variance = noise.variance(measured.centre_s)
    curves = weigh_curves(measured.sizes, measured.centre_s, variance / measured.repeats)
    _follows(measured, variance / measured.repeats, curves)
    random = np.random.default_rng([seed, zlib.crc32(f"{measured.phase.value} {measured.step}".encode())])
    families = {
        family: _draws_of(family, measured, curves, noise, float(patients), stream)
        for family, stream in zip(Family, random.spawn(len(Family)), strict=True)
    }
    shares = curves.shares()
    plausible = [draws for family, draws in families.items() if shares[family] >= PLAUSIBLE]
    risk = (1 - confidence) / 2
    return Prediction(
        measured,
        shares,
        float(curves.weight.sum(axis=0) @ MISFITS),
        float(np.sqrt(variance[-1])),
        expected=_mixed(list(families.values()), list(shares.values()), random),
        cautious=max(plausible, key=lambda draws: float(np.quantile(draws.run_s(EVEN_Z), 1 - risk))),
        hopeful=min(plausible, key=lambda draws: float(np.quantile(draws.run_s(EVEN_Z), risk))),
    )


def _draws_of(
    family: Family, measured: MeasuredStep, curves: Curves, noise: Noise, patients: float, random: np.random.Generator
) -> Draws:
    """Return draws of one family: a curve by its weight, fitted to a parametric bootstrap of the measured centres."""
    chosen, misfit = curves.draw(family, DRAWS, random)
    multiplicative, additive_s = noise.draw(DRAWS, random)
    variance = multiplicative[:, None] ** 2 + (additive_s[:, None] / measured.centre_s) ** 2
    variance = variance / measured.repeats + misfit[:, None] ** 2
    centre_s = measured.centre_s * np.exp(np.sqrt(variance) * random.standard_normal(variance.shape))
    fitted = fit(curves.growing(measured.sizes)[chosen], centre_s, variance, np.ones_like(centre_s))
    at = fitted.at(curves.growing(np.array([patients, patients * _AHEAD]))[chosen])
    median_s = at[:, 0] * np.exp(misfit * random.standard_normal(DRAWS))
    return Draws(
        median_s,
        np.sqrt(multiplicative**2 + (additive_s / median_s) ** 2),
        np.log(at[:, 1] / at[:, 0]) / np.log(_AHEAD),
    )


def _mixed(families: list[Draws], shares: list[float], random: np.random.Generator) -> Draws:
    chosen = random.choice(len(families), size=DRAWS, p=np.array(shares) / sum(shares))
    at = np.arange(DRAWS)
    return Draws(
        np.stack([draws.median_s for draws in families])[chosen, at],
        np.stack([draws.noise for draws in families])[chosen, at],
        np.stack([draws.growth for draws in families])[chosen, at],
    )


def _follows(measured: MeasuredStep, variance: Floats, curves: Curves) -> None:
    g = curves.growing(measured.sizes)
    fitted = fit(g, measured.centre_s, np.broadcast_to(variance, g.shape), np.ones_like(g)).at(g)
    missed = np.abs(np.log(measured.centre_s / fitted)) - _SURE * np.sqrt(variance)
    if missed.max(axis=1).min() <= _MISSED:
        return
    sizes = ", ".join(
        f"{seconds:.3g} s at {size:.0f}" for size, seconds in zip(measured.sizes, measured.centre_s, strict=True)
    )
    raise ForecastRefused(
        f"no cost curve follows the timings of {measured.step}: {sizes}",
        f"every curve of every family misses one of the sizes by {_MISSED:.0%} and more, noise apart",
        "look at what the step does at the size that stands out, and rehearse at sizes close to production's",
    )
