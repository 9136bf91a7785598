"""Every refusal and every farewell has a code from this table; nothing else is ever sent (SPEC.md, E).

`retry` tells whether the same request may succeed later, unchanged. Texts are for developers; clients translate codes.
"""

from enum import StrEnum
from typing import Final, NamedTuple


class Meaning(NamedTuple):
    retry: bool
    text: str


class Code(StrEnum):
    """A code as it travels. Grouped by who is at fault: the frame, the rights, the request, or us."""

    # The frame.
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    UNKNOWN_TYPE = "unknown_type"
    INVALID = "invalid"
    TEXT_FORBIDDEN = "text_forbidden"
    OTHER_VERSION = "other_version"

    # Who is asking.
    HELLO_REQUIRED = "hello_required"
    UNAUTHORIZED = "unauthorized"
    EXPIRED = "expired"
    FORBIDDEN = "forbidden"
    ORIGIN = "origin"
    LOCKED = "locked"
    PAUSED = "paused"
    RATE_LIMITED = "rate_limited"
    MUTED = "muted"
    REMOVED = "removed"
    UNKNOWN_CODE = "unknown_code"
    UNKNOWN_ROOM = "unknown_room"
    NOT_JOINED = "not_joined"
    SUSPENDED = "suspended"
    ACCOUNT_EXISTS = "account_exists"

    # What is asked.
    UNKNOWN_COMMAND = "unknown_command"
    UNKNOWN_QUERY = "unknown_query"
    NOT_FOUND = "not_found"
    ID_TAKEN = "id_taken"
    TEXT_EMPTY = "text_empty"
    TEXT_TOO_LONG = "text_too_long"
    TOO_MANY = "too_many"
    SEALED = "sealed"
    NOTHING_TO_UNDO = "nothing_to_undo"
    SUPERSEDED = "superseded"
    IN_USE = "in_use"
    RATCHET = "ratchet"
    NOT_OPEN = "not_open"
    STEP_OVER = "step_over"
    OVER_BUDGET = "over_budget"
    OVER_CAP = "over_cap"
    CLOSED = "closed"
    STILL_OPEN = "still_open"
    HANDOVER = "handover"
    ARCHIVED = "archived"

    # An invitation.
    INVITATION_OVER = "invitation_over"
    INVITATION_FULL = "invitation_full"
    INVITATION_DOMAIN = "invitation_domain"
    ADDRESS_INVALID = "address_invalid"
    REQUEST_REFUSED = "request_refused"

    # An image.
    IMAGES_OFF = "images_off"
    IMAGE_KIND = "image_kind"
    IMAGE_HEIC = "image_heic"
    IMAGE_BROKEN = "image_broken"
    IMAGE_PIXELS = "image_pixels"
    IMAGE_REFUSED = "image_refused"

    # Us.
    BEHIND = "behind"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"
    RESTART = "restart"
    UPGRADE = "upgrade"
    FULL = "full"


TABLE: Final[dict[Code, Meaning]] = {
    Code.MALFORMED: Meaning(False, "expected one message encoded as the negotiated subprotocol says"),
    Code.TOO_LARGE: Meaning(False, "expected at most 65536 bytes a message"),
    Code.TOO_DEEP: Meaning(False, "expected at most 8 levels of maps and lists"),
    Code.UNKNOWN_TYPE: Meaning(
        False, "expected `t` to be one of hello, join, leave, do, signal, ask, refresh, watch, seen, beat"
    ),
    Code.INVALID: Meaning(False, "a field is missing or has the wrong type or value"),
    Code.TEXT_FORBIDDEN: Meaning(False, "expected text without U+0000 and without lone surrogates"),
    Code.OTHER_VERSION: Meaning(False, "expected a file of a version that this server reads"),
    Code.HELLO_REQUIRED: Meaning(False, "expected `hello` first, within 10 seconds"),
    Code.UNAUTHORIZED: Meaning(False, "expected a token signed by this server or by a registered integrator"),
    Code.EXPIRED: Meaning(False, "expected a token that has not expired: fetch a fresh one"),
    Code.FORBIDDEN: Meaning(False, "the role does not have this right"),
    Code.ORIGIN: Meaning(False, "expected an Origin that this server serves"),
    Code.LOCKED: Meaning(True, "the room's door is closed to newcomers"),
    Code.PAUSED: Meaning(True, "writing is paused by the host"),
    Code.MUTED: Meaning(False, "a host has stopped what you write here"),
    Code.REMOVED: Meaning(False, "a host has removed you from this room"),
    Code.RATE_LIMITED: Meaning(True, "too many requests: slow down"),
    Code.UNKNOWN_CODE: Meaning(False, "expected the six-character code of an existing room"),
    Code.UNKNOWN_ROOM: Meaning(False, "expected the id of an existing room"),
    Code.NOT_JOINED: Meaning(False, "expected `join` of this room first"),
    Code.SUSPENDED: Meaning(False, "you are suspended here, until somebody lets you in again"),
    Code.ACCOUNT_EXISTS: Meaning(False, "this person has an account already: sign in"),
    Code.UNKNOWN_COMMAND: Meaning(False, "expected a command named in the specification"),
    Code.UNKNOWN_QUERY: Meaning(False, "expected a query named in the specification"),
    Code.NOT_FOUND: Meaning(False, "expected the id of something that exists and that you may see"),
    Code.ID_TAKEN: Meaning(False, "expected a fresh random id"),
    Code.TEXT_EMPTY: Meaning(False, "expected text that shows: more than white space and invisible characters"),
    Code.TEXT_TOO_LONG: Meaning(False, "the text is longer than its limit"),
    Code.TOO_MANY: Meaning(False, "the room holds as many of these as it can"),
    Code.SEALED: Meaning(False, "it lies in the sealed past: it can be removed, not changed"),
    Code.NOTHING_TO_UNDO: Meaning(False, "expected a move or a removal of yours to undo"),
    Code.SUPERSEDED: Meaning(False, "someone changed it since"),
    Code.IN_USE: Meaning(False, "expected a step that is not the current one and in which nothing was written"),
    Code.RATCHET: Meaning(False, "a step that people have come to can be made more discreet, never less"),
    Code.NOT_OPEN: Meaning(False, "this step has not begun"),
    Code.STEP_OVER: Meaning(False, "this step is over: send it as `late`, or in another"),
    Code.OVER_BUDGET: Meaning(False, "expected fewer dots in all: take some back first"),
    Code.OVER_CAP: Meaning(False, "expected fewer dots on one thing"),
    Code.CLOSED: Meaning(False, "this vote is closed"),
    Code.STILL_OPEN: Meaning(False, "expected a closed vote: close it first"),
    Code.HANDOVER: Meaning(False, "expected another animator, or administrator, first: there is always one"),
    Code.ARCHIVED: Meaning(False, "this circle is archived: nothing is written in it any more"),
    Code.INVITATION_OVER: Meaning(False, "expected an invitation that has neither ended nor been closed"),
    Code.INVITATION_FULL: Meaning(False, "as many have come by this invitation as it was for"),
    Code.INVITATION_DOMAIN: Meaning(False, "expected an address of one of the domains that this invitation is for"),
    Code.ADDRESS_INVALID: Meaning(False, "expected an e-mail address"),
    Code.REQUEST_REFUSED: Meaning(False, "those who lead the community have not let you in"),
    Code.IMAGES_OFF: Meaning(False, "this server keeps no images"),
    Code.IMAGE_KIND: Meaning(False, "expected a JPEG, PNG, WebP or GIF"),
    Code.IMAGE_HEIC: Meaning(False, "expected a JPEG, PNG, WebP or GIF; got HEIC, as iPhones keep their photos"),
    Code.IMAGE_BROKEN: Meaning(False, "expected an image that can be read to its end"),
    Code.IMAGE_PIXELS: Meaning(False, "expected an image of fewer pixels"),
    Code.IMAGE_REFUSED: Meaning(False, "refused by whatever looks through images here"),
    Code.BEHIND: Meaning(True, "an earlier command of yours waits to be sent again: send it first"),
    Code.UNAVAILABLE: Meaning(True, "not saved yet: the journal cannot be reached"),
    Code.INTERNAL: Meaning(False, "this server's fault; the command changed nothing"),
    Code.RESTART: Meaning(True, "the server restarts: reconnect within the window"),
    Code.UPGRADE: Meaning(True, "the server is being upgraded: reconnect within the window"),
    Code.FULL: Meaning(True, "the server holds as many connections as it may"),
}


class Refusal(Exception):
    """A request that cannot be granted; the peer's or the moment's fault, never a bug of ours.

    Args:
        code: what is wrong, from the table.
        text: what was expected and what came, for developers; the table's text when empty.
    """

    def __init__(self, code: Code, text: str = "") -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text or TABLE[code].text

    @property
    def retry(self) -> bool:
        return TABLE[self.code].retry
