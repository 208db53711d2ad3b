"""The rules that grade differences between schemas.

Each aspect of a schema can be tightened, so that fewer values are valid, or loosened, so that more are. Which of the
two harms a client depends on the side: a request may only be loosened, a response may only be tightened.
"""

from __future__ import annotations

from dataclasses import dataclass

from epjgate.contracts.diff.openapi.rules import Side
from epjgate.contracts.diff.rules import DiffRule, Rulebook

BOOK = Rulebook("openapi", "openapi")


@dataclass(frozen=True)
class Aspect:
    """How one thing that a schema says of its values is graded, by side.

    Tightened: fewer values are valid than were. Loosened: more. Replaced: nobody can tell.
    """

    tightened: dict[Side, DiffRule]
    loosened: dict[Side, DiffRule]
    replaced: dict[Side, DiffRule]


@dataclass(frozen=True)
class Words:
    """The names and titles of an aspect's rules: `what` is the thing, as in "Pattern newly demanded"."""

    name: str
    what: str
    refused: tuple[str, str]
    accepted: tuple[str, str]
    promised: tuple[str, str]
    given_up: tuple[str, str]


def _aspect(words: Words, refused: str, given_up: str, *, replaceable: bool = False) -> Aspect:
    """Write down the rules of an aspect; `refused` and `given_up` say what the breaking ones do to a client."""

    def name(side: Side, ending: str) -> str:
        return f"{side.value}-{words.name}-{ending}"

    (no, no_title), (yes, yes_title) = words.refused, words.accepted
    (more, more_title), (less, less_title) = words.promised, words.given_up
    request, response = Side.REQUEST, Side.RESPONSE
    unclear = f"Nobody can tell whether every value of the old {words.what} is one of the new."
    return Aspect(
        tightened={
            request: BOOK.breaking(name(request, no), f"Request: {no_title}", refused),
            response: BOOK.safe(
                name(response, more), f"Response: {more_title}", "Clients read only what they could read before."
            ),
        },
        loosened={
            request: BOOK.safe(name(request, yes), f"Request: {yes_title}", "What clients send is still taken."),
            response: BOOK.breaking(name(response, less), f"Response: {less_title}", given_up),
        },
        replaced={
            side: BOOK.breaking(name(side, "changed"), f"{side.value.title()}: {words.what} changed", unclear)
            for side in (Side if replaceable else ())
        },
    )


def _two_sided(name: str, what: str, refused: str, given_up: str, *, replaceable: bool = True) -> Aspect:
    """Write down an aspect of something that is demanded of requests and promised of responses."""
    words = Words(
        name,
        what,
        ("demanded", f"{what} newly demanded or tightened"),
        ("lifted", f"{what} lifted or loosened"),
        ("promised", f"{what} newly promised or tightened"),
        ("given-up", f"{what} given up or loosened"),
    )
    return _aspect(words, refused, given_up, replaceable=replaceable)


TYPE = _aspect(
    Words(
        "type",
        "type",
        ("narrowed", "type narrowed"),
        ("widened", "type widened"),
        ("narrowed", "type narrowed"),
        ("widened", "type widened"),
    ),
    "Values of the type that went are refused.",
    "Clients meet values of a type that they never got.",
    replaceable=True,
)
NULL = _aspect(
    Words(
        "null",
        "null",
        ("refused", "null no longer accepted"),
        ("accepted", "null newly accepted"),
        ("gone", "null no longer possible"),
        ("possible", "null newly possible"),
    ),
    "Clients that send null are refused.",
    "Clients meet null where a value always stood.",
)
VALUES = _aspect(
    Words(
        "enum-value",
        "list of values",
        ("removed", "value no longer accepted"),
        ("added", "value newly accepted"),
        ("removed", "value no longer given"),
        ("added", "value newly given"),
    ),
    "Clients that send the value are refused.",
    "Clients meet a value that they do not know, and may take it for another.",
)
ENUM = _two_sided(
    "enum",
    "closed list of values",
    "Clients that send a value outside the list are refused.",
    "Clients meet values that the list never had.",
    replaceable=False,
)
BOUND = _two_sided(
    "bound",
    "bound on size, length or number",
    "Values beyond the new bound are refused.",
    "Clients meet values that are longer, shorter, larger or smaller than any before, and may cut them.",
)
FORMAT = _two_sided(
    "format", "format", "Values of another form are refused.", "Clients meet values that they cannot parse as before."
)
PATTERN = _two_sided(
    "pattern", "pattern", "Values that do not match are refused.", "Clients meet values of a form that was excluded."
)
KEYWORD = _two_sided(
    "keyword",
    "condition",
    "Values that do not meet the condition are refused.",
    "Clients meet values that the condition excluded.",
)
ADDITIONAL = _aspect(
    Words(
        "additional",
        "rule for undescribed members",
        ("refused", "undescribed members refused or restricted"),
        ("accepted", "undescribed members accepted"),
        ("excluded", "undescribed members excluded or restricted"),
        ("possible", "undescribed members possible"),
    ),
    "Clients that send members beyond those described are refused.",
    "Clients that check for a closed set of members refuse the answer.",
)
VARIANT = _aspect(
    Words(
        "variant",
        "variants",
        ("removed", "variant no longer accepted"),
        ("added", "variant newly accepted"),
        ("removed", "variant no longer given"),
        ("added", "variant newly given"),
    ),
    "Clients that send this variant are refused.",
    "Clients meet a variant that they do not know.",
)
VARIANTS_OVERLAP = BOOK.risky(
    "request-variants-may-overlap",
    "Request: exactly one variant must fit, and several may",
    "A value that fits two variants of a oneOf is refused.",
)
DISCRIMINATOR_CHANGED = BOOK.breaking(
    "discriminator-changed",
    "Variants told apart by another member",
    "Client and server take a value for another variant.",
)
DISCRIMINATOR_REMOVED = BOOK.risky(
    "discriminator-removed",
    "Variants no longer told apart by a member",
    "Clients that read the member may have to guess.",
)
DISCRIMINATOR_ADDED = BOOK.safe(
    "discriminator-added", "Variants newly told apart by a member", "The variants are those that they were."
)

REQUEST_PROPERTY_REMOVED = BOOK.breaking(
    "request-property-removed",
    "Request: property removed",
    "What clients send there is refused, or silently not stored.",
)
REQUEST_PROPERTY_ADDED = BOOK.safe(
    "request-property-added", "Request: optional property added", "Clients that leave it out are still served."
)
REQUEST_PROPERTY_DEMANDED = BOOK.breaking(
    "request-property-demanded",
    "Request: required property added",
    "Clients that do not know the property are refused.",
)
REQUEST_PROPERTY_DEMANDED_DEFAULT = BOOK.breaking(
    "request-property-demanded-with-default",
    "Request: required property with a default added",
    "A default does not make a request valid that lacks what is required (JSON Schema Validation 2020-12, 9.2).",
)
REQUEST_PROPERTY_REQUIRED = BOOK.breaking(
    "request-property-became-required", "Request: property became required", "Clients that leave it out are refused."
)
REQUEST_PROPERTY_REQUIRED_DEFAULT = BOOK.breaking(
    "request-property-became-required-with-default",
    "Request: property with a default became required",
    "A default does not make a request valid that lacks what is required (JSON Schema Validation 2020-12, 9.2).",
)
REQUEST_PROPERTY_OPTIONAL = BOOK.safe(
    "request-property-became-optional", "Request: property became optional", "Clients that send it are still served."
)
RESPONSE_PROPERTY_REMOVED = BOOK.breaking(
    "response-property-removed", "Response: property removed", "Clients read nothing where something stood."
)
RESPONSE_PROPERTY_ADDED = BOOK.safe(
    "response-property-added",
    "Response: property added",
    "The answer was open to further members, and clients pass over them.",
)
RESPONSE_PROPERTY_UNEXPECTED = BOOK.breaking(
    "response-property-added-to-closed",
    "Response: property added to a closed set",
    "The answer promised no further members, so clients may refuse it.",
)
RESPONSE_PROPERTY_OPTIONAL = BOOK.breaking(
    "response-property-became-optional",
    "Response: property became optional",
    "Clients read it without asking if it is there.",
)
RESPONSE_PROPERTY_REQUIRED = BOOK.safe(
    "response-property-became-required", "Response: property became required", "Clients could read it before."
)
DEFAULT_CHANGED = BOOK.breaking(
    "request-default-changed",
    "Request: default changed",
    "The same request, with the value left out, now asks for something else.",
)
DEFAULT_ADDED = BOOK.risky(
    "request-default-added",
    "Request: default added",
    "What a request without the value asks for is now another, or only now written.",
)
DEFAULT_REMOVED = BOOK.risky(
    "request-default-removed",
    "Request: default removed",
    "Nothing says any more what a request without the value asks for.",
)
RESPONSE_DEFAULT = BOOK.risky(
    "response-default-changed",
    "Response: default changed",
    "Clients that fill in what is left out fill in the wrong value.",
)
DEPRECATED = BOOK.safe("deprecated", "Deprecated", "It works as before; clients are told to prepare for its end.")
UNDEPRECATED = BOOK.safe("no-longer-deprecated", "No longer deprecated", "It works as before.")
