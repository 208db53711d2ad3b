"""The rules that grade differences between operations; those about schemas are in `schema_rules`.

Two principles: what a client sends must still be taken, so a request may only take more; what a client reads must still
be what was promised, so a response may only promise more. Where nobody can tell which of the two holds, it is breaking.
"""

from __future__ import annotations

from enum import StrEnum

from epjgate.contracts.diff.rules import Rulebook

BOOK = Rulebook("openapi", "openapi")


class Side(StrEnum):
    """Which way a value travels: a client sends requests and reads responses. In a callback it is the other way."""

    REQUEST = "request"
    RESPONSE = "response"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.RESPONSE if self is Side.REQUEST else Side.REQUEST


NOT_COMPARABLE = BOOK.breaking(
    "not-comparable", "Cannot be compared", "Nobody can tell what changed, so nobody can say that nothing did."
)
OPERATION_REMOVED = BOOK.breaking("operation-removed", "Operation removed", "Clients that call it get 404 or 405.")
OPERATION_ADDED = BOOK.safe("operation-added", "Operation added", "Clients that do not call it see nothing of it.")
OPERATION_ID = BOOK.risky(
    "operation-id-changed",
    "operationId changed",
    "The wire is the same, yet generated clients call the operation otherwise.",
)
PATH_PARAM_RENAMED = BOOK.safe(
    "path-param-renamed", "Path parameter renamed", "The name is in no request: the paths are the same."
)
SERVER_REMOVED = BOOK.breaking("server-removed", "Base path removed", "Clients that call below it get 404.")
SERVER_MOVED = BOOK.risky(
    "server-moved", "Server at another address", "Clients that took the address from here call the old one."
)
SERVER_ADDED = BOOK.safe("server-added", "Server added", "The others are still there.")
CALLBACK_REMOVED = BOOK.breaking(
    "callback-removed", "Callback or webhook removed", "Who waits to be called waits in vain."
)
CALLBACK_ADDED = BOOK.safe(
    "callback-added", "Callback or webhook added", "Who does not ask to be called is not called."
)

PARAM_REMOVED = BOOK.breaking(
    "param-removed",
    "Parameter removed",
    "What clients ask by it is refused or passed over: a search without its filter finds other patients too.",
)
PARAM_ADDED = BOOK.safe("param-added", "Optional parameter added", "Clients that leave it out are still served.")
PARAM_DEMANDED = BOOK.breaking("param-demanded", "Required parameter added", "Clients that do not know it are refused.")
PARAM_DEMANDED_DEFAULT = BOOK.breaking(
    "param-demanded-with-default",
    "Required parameter with a default added",
    "A default does not make a request valid that lacks what is required (JSON Schema Validation 2020-12, 9.2).",
)
PARAM_REQUIRED = BOOK.breaking(
    "param-became-required", "Parameter became required", "Clients that leave it out are refused."
)
PARAM_OPTIONAL = BOOK.safe(
    "param-became-optional", "Parameter became optional", "Clients that send it are still served."
)
PARAM_MOVED = BOOK.breaking(
    "param-moved", "Parameter expected elsewhere", "What clients send in the old place is not read."
)
PARAM_SERIALISED = BOOK.breaking(
    "param-serialisation-changed",
    "Parameter written otherwise",
    "What clients write is read as another value, or refused.",
)
PARAM_FORM_REFUSED = BOOK.breaking(
    "param-form-refused", "Empty value or reserved characters refused", "Clients that send such values are refused."
)
PARAM_FORM_ACCEPTED = BOOK.safe(
    "param-form-accepted", "Empty value or reserved characters accepted", "What clients send is still taken."
)

BODY_REMOVED = BOOK.breaking(
    "request-body-removed", "Request body removed", "What clients send is refused, or silently not stored."
)
BODY_ADDED = BOOK.safe("request-body-added", "Optional request body added", "Clients that send none are still served.")
BODY_DEMANDED = BOOK.breaking(
    "request-body-demanded", "Required request body added", "Clients that send none are refused."
)
BODY_REQUIRED = BOOK.breaking(
    "request-body-became-required", "Request body became required", "Clients that send none are refused."
)
BODY_OPTIONAL = BOOK.safe(
    "request-body-became-optional", "Request body became optional", "Clients that send one are still served."
)
REQUEST_MEDIA_REMOVED = BOOK.breaking(
    "request-media-type-removed", "Request: media type removed", "Clients that send this type get 415."
)
REQUEST_MEDIA_ADDED = BOOK.safe(
    "request-media-type-added", "Request: media type added", "The other types are still taken."
)
ENCODING = BOOK.risky(
    "encoding-changed", "Encoding of a form's parts changed", "Parts in the old encoding may not be read."
)

SUCCESS_REMOVED = BOOK.breaking(
    "success-status-removed",
    "Response: success status removed",
    "Clients that wait for this status take success for failure.",
)
SUCCESS_ADDED = BOOK.risky(
    "success-status-added",
    "Response: success status added",
    "Clients that know one status of success take the new for failure.",
)
ERROR_REMOVED = BOOK.risky(
    "error-status-removed", "Response: error status removed", "Clients that tell this error apart may get another one."
)
ERROR_ADDED = BOOK.safe(
    "error-status-added", "Response: error status added", "Clients must expect any error (RFC 9110, section 15)."
)
STATUS_RANGE_NARROWED = BOOK.safe(
    "status-range-narrowed",
    "Response: range of statuses narrowed",
    "Each status that is still told of was in the range.",
)
RESPONSE_MEDIA_REMOVED = BOOK.breaking(
    "response-media-type-removed",
    "Response: media type removed",
    "Clients that accept only this type get 406, or what they cannot read.",
)
RESPONSE_MEDIA_ADDED = BOOK.safe(
    "response-media-type-added", "Response: media type added", "Clients get the type that they ask for."
)
HEADER_REMOVED = BOOK.breaking(
    "response-header-removed", "Response: header removed", "Clients read nothing where something stood."
)
HEADER_ADDED = BOOK.safe(
    "response-header-added", "Response: header added", "Clients pass over headers that they do not know."
)
HEADER_OPTIONAL = BOOK.breaking(
    "response-header-became-optional",
    "Response: header became optional",
    "Clients read it without asking if it is there.",
)
HEADER_REQUIRED = BOOK.safe(
    "response-header-became-required", "Response: header became required", "Clients could read it before."
)
LINKS = BOOK.risky("links-changed", "Response: links changed", "Clients that follow the old links may be led astray.")

SECURITY_DEMANDED = BOOK.breaking(
    "security-demanded", "Security newly demanded", "Clients without credentials get 401."
)
SECURITY_REMOVED = BOOK.breaking(
    "security-removed", "Security removed", "Whoever relied on the protection of records has lost it."
)
WAY_REMOVED = BOOK.breaking(
    "security-way-removed", "Way to sign in removed or changed", "Clients that sign in that way get 401."
)
WAY_ADDED = BOOK.safe("security-way-added", "Way to sign in added", "Clients go on to sign in as they did.")
SCOPE_DEMANDED = BOOK.breaking(
    "security-scope-demanded", "Further scope demanded", "Clients without the scope get 403."
)
SCOPE_LIFTED = BOOK.risky(
    "security-scope-lifted", "Scope or credential no longer demanded", "Clients that were kept out can now get in."
)
