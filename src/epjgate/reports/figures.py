"""Figures as a reader of either language writes them."""

from __future__ import annotations

import math

from epjgate.reports.words import Words


def decimal(value: float, words: Words, digits: int = 1) -> str:
    """Return `value` with `digits` decimals and separated thousands: 1,234.5 in English, 1.234,5 in Danish."""
    text = f"{value:,.{digits}f}"
    return text if words.language == "en" else text.translate(str.maketrans(",.", ".,"))


def whole(value: float, words: Words) -> str:
    """Return `value` rounded to a whole number, with separated thousands."""
    return decimal(value, words, 0)


def seconds(value: float, words: Words) -> str:
    """Return a duration in seconds, the shorter the finer: a hundredth below ten, a tenth below a hundred."""
    return decimal(value, words, 2 if value < 10 else 1 if value < 100 else 0)


def probability(value: float, words: Words) -> str:
    """Return `value`, from 0 to 1, with three decimals, rounded down: it never looks surer than it is."""
    return decimal(math.floor(value * 1000 + 1e-9) / 1000, words, 3)
