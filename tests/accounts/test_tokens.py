"""Tokens, and links of before: who is believed, and who is not."""

import base64
import json
import time
from typing import Any

import jwt
import pytest

from protocol.errors import Code, Refusal
from server.accounts.port import ACCOUNT, Login
from server.accounts.tokens import (
    ACCESS_SECONDS,
    INTEGRATED_SECONDS,
    LATE_SECONDS,
    LEEWAY_SECONDS,
    Tokens,
    alias_key,
    command_key,
    fingerprint,
    new_id,
)
from tests.before import link_of_before, token_of_before

SECRET = b"0123456789abcdef0123456789abcdef"
INTRANET = b"fedcba9876543210fedcba9876543210"
MEMBER, ROOM = "member:aaaaaaaaaaaa", "room:aaaaaaaaaaaa"

HR = b"another secret of thirty-two characters"

tokens = Tokens(SECRET, {"intranet": INTRANET, "hr": HR})


LOGIN = Login("aaaaaaaaaaaaaaaaaaaaaa", MEMBER, ROOM, 0)


def mint(login: Login = LOGIN, *, by: Tokens = tokens, seconds: float = ACCESS_SECONDS) -> str:
    return by.mint(login, seconds=seconds)


def link(by: Tokens = tokens, **changes: Any) -> str:
    fields: dict[str, Any] = {"member": MEMBER, "room": ROOM, "code": "BCDFGH"} | changes
    return link_of_before(by, **fields)


def signed(key: bytes, headers: dict[str, Any] | None = None, algorithm: str = "HS256", **changes: Any) -> str:
    claims: dict[str, Any] = {
        "sub": MEMBER,
        "name": "Zoé",
        "room": ROOM,
        "role": "participant",
        "exp": time.time() + 3600,
    } | changes
    claims = {name: value for name, value in claims.items() if value is not ...}
    return jwt.encode(claims, key, algorithm, headers=headers)


def refusal_of(token: str, late: float = 0) -> Refusal:
    with pytest.raises(Refusal) as refused:
        tokens.verify(token, late=late)
    return refused.value


def test_a_token_for_all_of_a_persons_streams_is_believed_by_who_did_not_mint_it() -> None:
    """A worker knows what it has minted without a look at the claims, and the pattern of a stream's id was all that another took."""
    token = mint(LOGIN._replace(scope=ACCOUNT))
    identity = Tokens(SECRET).verify(token)
    assert (identity.scope, identity.opens(ROOM)) == (ACCOUNT, True)
    for scope in ("accounts", "account\n", "room:short"):
        with pytest.raises(Refusal) as refused:
            Tokens(SECRET).verify(mint(LOGIN._replace(scope=scope)))
        assert refused.value.code is Code.UNAUTHORIZED


def test_a_token_names_a_login_for_an_hour_and_says_no_room_and_no_role() -> None:
    before = time.time()
    identity = tokens.verify(mint())
    assert (identity.person, identity.scope, identity.login) == (MEMBER, ROOM, LOGIN.id)
    assert (identity.issuer, identity.role, identity.name) == (None, None, "")
    assert before + ACCESS_SECONDS - 1 <= identity.expires / 1000 <= time.time() + ACCESS_SECONDS
    claims = jwt.decode(mint(), options={"verify_signature": False})
    assert set(claims) == {"sub", "sid", "scope", "at", "iat", "exp"}


@pytest.mark.parametrize("role", ["participant", "host", "guest"])
def test_a_token_of_before_is_good_as_long_as_it_said(role: str) -> None:
    """A page that is open over a deploy has one."""
    fields: dict[str, Any] = {"member": MEMBER, "name": "Zoé", "room": ROOM, "role": role}
    identity = tokens.verify(token_of_before(tokens, **fields))
    assert (identity.person, identity.scope, identity.login, identity.issuer) == (MEMBER, ROOM, "", None)
    assert (identity.name, identity.role) == ("Zoé", "participant" if role == "guest" else role)
    assert refusal_of(token_of_before(tokens, seconds=-60, **fields)).code is Code.EXPIRED


def test_an_integrator_may_call_a_participant_a_guest() -> None:
    """Integrators sign what they were told to."""
    assert tokens.verify(signed(INTRANET, {"kid": "intranet"}, role="guest")).role == "participant"


def test_a_screen_is_nobody() -> None:
    identity = tokens.verify(mint(Login("s" * 22, new_id("screen"), ROOM, 0)))
    assert identity.is_screen
    assert not identity.person.startswith("member:")
    assert tokens.verify(signed(INTRANET, {"kid": "intranet"}, role="screen")).is_screen


def test_an_expired_token_is_told_apart_from_a_wrong_one() -> None:
    assert refusal_of(mint(seconds=-60)).code is Code.EXPIRED
    assert refusal_of(mint(by=Tokens(INTRANET), seconds=-60)).code is Code.UNAUTHORIZED


def test_H1_a_token_that_ended_not_long_ago_can_be_exchanged_still_and_does_nothing_else() -> None:
    old = mint(seconds=-3600)
    assert tokens.verify(old, late=LATE_SECONDS).login == LOGIN.id
    assert refusal_of(old).code is Code.EXPIRED, "and is not known as good since"
    assert refusal_of(mint(seconds=-LATE_SECONDS - 60), late=LATE_SECONDS).code is Code.EXPIRED
    assert refusal_of(signed(INTRANET, iss="intranet", exp=time.time() - 60), late=LATE_SECONDS).code is Code.EXPIRED


def test_a_clock_that_is_two_seconds_off_is_no_reason() -> None:
    assert tokens.verify(mint(seconds=-2)).person == MEMBER
    assert tokens.verify(signed(INTRANET, {"kid": "intranet"}, iat=time.time() + 2)).issuer == "intranet"


def unsigned() -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none'})}.{part({'sub': MEMBER, 'room': ROOM, 'role': 'host', 'exp': time.time() + 60})}."


WRONG = {
    "nothing": "",
    "no token": "palabre",
    "not ASCII": mint() + "é",
    "a lone surrogate": "\ud800",
    "three empty parts": "..",
    "not signed": unsigned(),
    "cut": mint()[:-3],
    "another secret": mint(by=Tokens(INTRANET)),
    "the bare secret": signed(SECRET),
    "another algorithm": signed(INTRANET * 2, {"kid": "intranet"}, algorithm="HS512"),
    "a link": link(),
    "ours, and no login": jwt.encode(
        {"sub": MEMBER, "scope": ROOM, "exp": time.time() + 7200}, tokens._access_keys[0], "HS256"
    ),
    "ours, and no scope": jwt.encode(
        {"sub": MEMBER, "sid": "a", "exp": time.time() + 7200}, tokens._access_keys[0], "HS256"
    ),
    "our login, by an integrator": signed(INTRANET, iss="intranet", room=..., scope=ROOM, sid=LOGIN.id),
    "an unknown integrator": signed(INTRANET, {"kid": "nobody"}),
    "two integrators": signed(INTRANET, {"kid": "intranet"}, iss="hr"),
    "one integrator for another": signed(INTRANET, {"kid": "hr"}),
    "no end": signed(INTRANET, iss="intranet", exp=...),
    "nobody": signed(INTRANET, iss="intranet", sub=...),
    "nobody's name": signed(INTRANET, iss="intranet", sub=""),
    "somebody without end": signed(INTRANET, iss="intranet", sub="a" * 201),
    "somebody with U+0000": signed(INTRANET, iss="intranet", sub="zoe\0"),
    "somebody with a lone surrogate": signed(INTRANET, iss="intranet", sub="\ud800"),
    "no room": signed(INTRANET, iss="intranet", room=...),
    "a stream that is no room": signed(INTRANET, iss="intranet", room="community:aaaaaaaaaaaa"),
    "a role of its own": signed(INTRANET, iss="intranet", role="admin"),
    "a name of no text": signed(INTRANET, iss="intranet", name=7),
    "a name with U+0000": signed(INTRANET, iss="intranet", name="Zo\0"),
    "a name with a lone surrogate": signed(INTRANET, iss="intranet", name="\ud800"),
    "a name without end": signed(INTRANET, iss="intranet", name="é" * 201),
    "not yet": signed(INTRANET, iss="intranet", iat=time.time() + 7_200),
    "for somebody else": signed(INTRANET, iss="intranet", aud="payroll"),
    "an end beyond all numbers": signed(INTRANET, iss="intranet", exp=float("inf")),
}


@pytest.mark.parametrize("token", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_token_is_unauthorized(token: str) -> None:
    refusal = refusal_of(token)
    assert refusal.code is Code.UNAUTHORIZED
    assert "expected" in refusal.text
    assert SECRET.decode() not in refusal.text


@pytest.mark.parametrize("named", [{"headers": {"kid": "intranet"}}, {"iss": "intranet"}])
def test_an_integrator_signs_for_its_own_users(named: dict[str, Any]) -> None:
    identity = tokens.verify(signed(INTRANET, **named))
    assert (identity.issuer, identity.scope, identity.role, identity.name) == ("intranet", ROOM, "participant", "Zoé")


def test_H12_whom_an_integrator_names_is_nobody_whom_another_could_name() -> None:
    """Not a member whom this server made either: who its `sub` is, is the integrator's affair alone."""
    sub = "zoe@example.org"
    zoe = tokens.verify(signed(INTRANET, iss="intranet", sub=sub)).person
    assert zoe == tokens.verify(signed(INTRANET, iss="intranet", sub=sub)).person == rotated.integrated("intranet", sub)
    others = {
        tokens.verify(signed(HR, iss="hr", sub=sub)).person,
        tokens.verify(signed(INTRANET, iss="intranet", sub=MEMBER)).person,
        tokens.verify(signed(INTRANET, iss="intranet", sub="Zoe@example.org")).person,
        tokens.verify(signed(INTRANET, iss="intranet", sub=sub, role="screen")).person,
    }
    assert len(others) == 4
    assert not others & {zoe, MEMBER}


def test_an_integrator_may_leave_the_name_out() -> None:
    assert tokens.verify(signed(INTRANET, iss="intranet", name=...)).name == ""


# Links (H2).


def test_a_link_of_before_says_whom_it_restores() -> None:
    said = tokens.verify_link(link())
    assert (said.member, said.room, said.code, said.claims) == (MEMBER, ROOM, "BCDFGH", False)
    assert tokens.verify_link(link(once=True)).claims


@pytest.mark.parametrize(
    "secret",
    [
        mint(),
        link(Tokens(INTRANET)),
        signed(INTRANET, iss="intranet", aud="link", use="link", code="BCDFGH"),
        "é",
        "",
    ],
    ids=["an access token", "another secret", "an integrator's", "not ASCII", "nothing"],
)
def test_what_is_no_link_of_ours_is_unauthorized(secret: str) -> None:
    with pytest.raises(Refusal) as refused:
        tokens.verify_link(secret)
    assert refused.value.code is Code.UNAUTHORIZED


def test_a_link_of_before_too_has_an_end() -> None:
    with pytest.raises(Refusal) as refused:
        tokens.verify_link(link(seconds=-60))
    assert refused.value.code is Code.EXPIRED


# Keys and ids.


def test_each_purpose_has_a_key_of_its_own() -> None:
    for key in (SECRET, command_key(SECRET)):
        for text in (mint(), link()):
            with pytest.raises(jwt.InvalidSignatureError):
                jwt.decode(text, key, ["HS256"], audience="link", options={"verify_aud": False})
    assert command_key(SECRET) == command_key(SECRET) != command_key(INTRANET)


def test_ids_are_of_their_kind_and_never_the_same() -> None:
    ids = {new_id("member") for _ in range(1000)}
    assert len(ids) == 1000
    assert all(id.startswith("member:") and len(id) == len("member:") + 22 for id in ids)


def test_a_token_is_known_from_when_it_was_minted_as_whoever_reads_it_knows_it() -> None:
    for token in (mint(), mint(Login("s" * 22, new_id("screen"), ROOM, 0))):
        assert tokens.verify(token) == Tokens(SECRET).verify(token)
        asked: list[str] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tokens, "_identified", asked.append)
            tokens.verify(token)
        assert asked == [], "nothing of it is to be found out"


def test_what_was_known_ends_when_it_said() -> None:
    token = mint(seconds=-LEEWAY_SECONDS - 1)
    assert refusal_of(token).code is Code.EXPIRED


@pytest.mark.parametrize("exp", [1e300, 1e18, float("inf"), -1])
def test_H12_a_time_that_no_clock_has_is_none(exp: float) -> None:
    with pytest.raises(Refusal) as refused:
        tokens.verify(signed(INTRANET, iss="intranet", exp=exp))
    assert refused.value.code in {Code.UNAUTHORIZED, Code.EXPIRED}


def test_H12_what_an_integrator_signs_holds_for_a_day() -> None:
    identity = tokens.verify(signed(INTRANET, iss="intranet", exp=time.time() + 10 * 365 * 24 * 3600))
    assert identity.expires <= (time.time() + INTEGRATED_SECONDS + 1) * 1000


# A secret that was replaced.

NEW = b"a new secret of thirty-two characters or more"
rotated = Tokens(NEW, before=SECRET, kept=SECRET)


def test_what_was_signed_before_is_good_until_that_secret_is_gone() -> None:
    token, secret = mint(), link()
    assert rotated.verify(token) == tokens.verify(token)
    assert rotated.verify_link(secret) == tokens.verify_link(secret)
    gone = Tokens(NEW, kept=SECRET)
    for verify in (lambda: gone.verify(token), lambda: gone.verify_link(secret)):
        with pytest.raises(Refusal) as refused:
            verify()
        assert refused.value.code is Code.UNAUTHORIZED


def test_only_the_new_secret_signs() -> None:
    token = mint(by=rotated)
    assert Tokens(NEW, kept=SECRET).verify(token).person == MEMBER
    assert refusal_of(token).code is Code.UNAUTHORIZED


def test_what_ended_before_is_expired_and_not_wrong() -> None:
    with pytest.raises(Refusal) as refused:
        rotated.verify(mint(seconds=-60))
    assert refused.value.code is Code.EXPIRED
    with pytest.raises(Refusal) as refused:
        rotated.verify_link(link(seconds=-60))
    assert refused.value.code is Code.EXPIRED


@pytest.mark.parametrize("token", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_token_is_wrong_under_two_secrets_too(token: str) -> None:
    with pytest.raises(Refusal) as refused:
        rotated.verify(token)
    assert refused.value.code is Code.UNAUTHORIZED


def test_H9_an_entry_is_told_by_the_secret_that_is_kept() -> None:
    key = "an-entry-that-has-a-key"
    assert rotated.entrant(ROOM, key) == tokens.entrant(ROOM, key) != Tokens(NEW).entrant(ROOM, key)
    assert rotated.founded(key, b"asked") == tokens.founded(key, b"asked") != Tokens(NEW).founded(key, b"asked")


def test_a_fingerprint_tells_secrets_apart_and_nothing_of_them() -> None:
    assert fingerprint(SECRET) == fingerprint(SECRET) != fingerprint(NEW)
    keys = (SECRET, alias_key(SECRET), command_key(SECRET))
    assert not any(key.hex() in fingerprint(SECRET) for key in keys)
