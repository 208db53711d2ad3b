"""The rules that grade differences between CapabilityStatements."""

from __future__ import annotations

from dataclasses import dataclass

from epjgate.contracts.diff.rules import DiffRule, Rulebook

BOOK = Rulebook("fhir_r4", "fhir")


@dataclass(frozen=True)
class Offer:
    """How it is graded that something is no longer offered, newly offered, or offered otherwise (None: as if gone)."""

    gone: DiffRule
    new: DiffRule
    other: DiffRule | None = None


NOT_COMPARABLE = BOOK.breaking(
    "not-comparable",
    "Statement that cannot be compared",
    "Nobody can tell what changed, so nobody can say that nothing did.",
)
FHIR_VERSION = BOOK.breaking(
    "version-changed", "Another version of FHIR", "Resources of another version mean other things."
)
FORMAT = Offer(
    BOOK.breaking(
        "format-removed", "Format no longer offered", "Clients that read or write the format get 406 or 415."
    ),
    BOOK.safe("format-added", "Format newly offered", "Clients get the format that they ask for."),
)
GUIDE = Offer(
    BOOK.breaking("guide-removed", "Implementation guide no longer followed", "Clients rely on the guide's rules."),
    BOOK.safe("guide-added", "Implementation guide newly followed", "What the other guides promise still holds."),
)
RESOURCE = Offer(
    BOOK.breaking("resource-removed", "Resource type no longer offered", "Every request for the type is refused."),
    BOOK.safe("resource-added", "Resource type newly offered", "Clients that do not know the type do not ask for it."),
)
INTERACTION = Offer(
    BOOK.breaking(
        "interaction-removed", "Interaction no longer offered", "Clients that use the interaction are refused."
    ),
    BOOK.safe(
        "interaction-added", "Interaction newly offered", "Clients that do not use the interaction see nothing of it."
    ),
)
PARAMETER = Offer(
    BOOK.breaking(
        "search-param-removed",
        "Search parameter no longer offered",
        "A search that uses the parameter is refused, or answered as if it were not there: with other patients too.",
    ),
    BOOK.safe(
        "search-param-added", "Search parameter newly offered", "Searches without the parameter find what they found."
    ),
    BOOK.breaking(
        "search-param-type-changed", "Type of a search parameter changed", "The same text is now read otherwise."
    ),
)
OPERATION = Offer(
    BOOK.breaking("operation-removed", "Operation no longer offered", "Clients that call the operation are refused."),
    BOOK.safe(
        "operation-added", "Operation newly offered", "Clients that do not call the operation see nothing of it."
    ),
    BOOK.risky(
        "operation-defined-anew", "Definition of an operation changed", "Its parameters and its answer may be others."
    ),
)
PROFILE = Offer(
    BOOK.breaking("profile-removed", "Profile no longer supported", "Clients rely on what the profile makes certain."),
    BOOK.safe("profile-added", "Profile newly supported", "What the other profiles make certain still is."),
)
BASE_PROFILE = BOOK.risky(
    "base-profile-changed",
    "Profile of all resources of a type changed",
    "What every resource of the type must hold is another.",
)
INCLUDE = Offer(
    BOOK.breaking(
        "include-removed", "Include no longer offered", "Answers lack resources that clients asked to be included."
    ),
    BOOK.safe("include-added", "Include newly offered", "Searches that do not ask for it find what they found."),
)
ABILITY = Offer(
    BOOK.breaking(
        "ability-removed", "Ability given up", "Requests that rely on the ability are refused, or do something else."
    ),
    BOOK.safe("ability-added", "Ability gained", "Requests that do not use the ability do what they did."),
)
UPDATE_CREATES = BOOK.risky(
    "update-creates", "An update can now create", "A PUT to a wrong id was refused, and now makes a second record."
)
DELETES_SEVERAL = BOOK.breaking(
    "conditional-delete-several",
    "A conditional delete now deletes several",
    "A condition that fits several resources was refused, and now deletes them all.",
)
VERSIONING = BOOK.breaking(
    "versioning-changed",
    "Versioning changed",
    "Versions are no longer kept, or updates without If-Match are refused or lost.",
)
VERSIONING_GAINED = BOOK.safe(
    "versioning-gained", "Versions are kept", "Clients that do not ask for versions see nothing of them."
)
REFERENCES_REFUSED = BOOK.breaking(
    "reference-policy-tightened",
    "References that were accepted are refused",
    "Resources that could be stored no longer can.",
)
REFERENCES_ACCEPTED = BOOK.safe(
    "reference-policy-loosened", "More references are accepted", "Resources that could be stored still can."
)
SECURITY_REMOVED = BOOK.breaking(
    "security-removed", "Security no longer declared", "Records may be open to anyone who asks."
)
SECURITY_DEMANDED = BOOK.breaking(
    "security-demanded", "Security newly demanded", "Clients without credentials of the kind are refused."
)
SERVICE = Offer(
    BOOK.breaking("security-service-removed", "Way to sign in removed", "Clients that sign in that way are refused."),
    BOOK.safe("security-service-added", "Way to sign in added", "Clients go on to sign in as they did."),
)
MESSAGE = Offer(
    BOOK.breaking(
        "message-removed", "Message no longer supported", "Messages of the kind are refused, or no longer sent."
    ),
    BOOK.safe("message-added", "Message newly supported", "What was sent and accepted still is."),
)
