"""Agendas as files: kept for another day, passed on, and founded with (SPEC N5)."""

import json
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import commands as c
from protocol.errors import Code, Refusal
from server.web.agenda import PlannedStep, StepPlan, StepWords, TemplateStep, agenda_of
from server.web.templates import AGENDAS, NAMES
from tests.web.test_api import make_room, refused


def file(**changes: Any) -> dict[str, Any]:
    step = {"kind": "ideate", "minutes": 5, "fr": {"title": "Nos idées", "prompt": "Laquelle ?"}}
    return {"format": "palabre.agenda", "version": 1, "fr": {"title": "À moi"}, "steps": [step], **changes}


def with_step(**changes: Any) -> dict[str, Any]:
    step = {"kind": "ideate", "fr": {"title": "Nos idées"}}
    return file(steps=[step, {**step, **changes}])


async def steps_of(client: httpx.AsyncClient, room: dict[str, Any]) -> list[dict[str, Any]]:
    bearer = {"Authorization": f"Bearer {room['token']}"}
    export = await client.get(f"/api/rooms/{room['room']}/export.json", headers=bearer)
    steps = [record for record in export.json()["records"] if record["id"].startswith("step:")]
    return sorted(steps, key=lambda step: step["rank"])


def test_all_that_a_step_can_be_set_to_is_kept() -> None:
    """Who gives `step.add` a setting gives it to `StepPlan` too, or to `StepWords` where it is read."""
    settings = set(c.AddStep.__struct_fields__) - {"id", "before"}
    assert set(TemplateStep.__struct_fields__) == settings
    assert {*StepPlan.__struct_fields__, *StepWords.__struct_fields__} == settings
    assert set(PlannedStep.__struct_fields__) == {*StepPlan.__struct_fields__, "fr", "en"}


@pytest.mark.parametrize("name", NAMES)
async def test_N5_a_room_is_opened_with_an_agenda_of_ones_own(client: httpx.AsyncClient, name: str) -> None:
    kept = msgspec.to_builtins(AGENDAS[name])
    answer = await client.post("/api/agenda", json={"agenda": kept})
    assert answer.status_code == 200
    assert answer.json() == json.loads(json.dumps(kept))
    for lang in ("fr", "en"):
        own = await make_room(client, agenda=answer.json(), lang=lang)
        shipped = await make_room(client, template=name, lang=lang)
        assert [strip(step) for step in await steps_of(client, own)] == [
            strip(step) for step in await steps_of(client, shipped)
        ]


def strip(step: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in step.items() if key not in ("id", "v", "rank")}


async def test_N5_one_in_another_language_is_taken_in_the_one_that_it_has(client: httpx.AsyncClient) -> None:
    (step,) = await steps_of(client, await make_room(client, agenda=file(), lang="en"))
    assert step["title"] == "Nos idées"


async def test_N5_texts_are_as_a_room_keeps_them_and_what_nobody_knows_is_forgotten(client: httpx.AsyncClient) -> None:
    words = {"title": "  Nos\u200b idées ", "prompt": " \u200b ", "colour": "red"}
    answer = await client.post(
        "/api/agenda", json={"agenda": file(steps=[{"kind": "ideate", "fr": words}], ideas=["x"])}
    )
    assert answer.json() == file(steps=[{"kind": "ideate", "fr": {"title": "Nos idées"}}])


WRONG = {
    "another file of ours": ({"palabre": 2, "room": "room:aaaaaaaaaaaa", "records": []}, Code.INVALID, "`format` to be palabre.agenda"),
    "a later version": (file(version=2, steps="otherwise"), Code.OTHER_VERSION, "`version` to be 1; got 2"),
    "a version that is none": (file(version=True), Code.OTHER_VERSION, "got True"),
    "no title": (file(fr=None), Code.INVALID, "expected `fr` or `en`"),
    "no steps": (file(steps=[]), Code.INVALID, "`$.steps`"),
    "too many steps": (file(steps=file()["steps"] * 61), Code.INVALID, "`$.steps`"),
    "a kind that nobody knows": (with_step(kind="karaoke"), Code.INVALID, "`$.steps[1].kind`"),
    "minutes in words": (with_step(minutes="ten"), Code.INVALID, "`$.steps[1].minutes`"),
    "an empty title": (with_step(fr={"title": " "}), Code.TEXT_EMPTY, "`$.steps[1].fr.title`"),
    "a long prompt": (with_step(fr={"title": "a", "prompt": "x" * 281}), Code.TEXT_TOO_LONG, "`$.steps[1].fr.prompt`"),
    "a long end": (with_step(fr={"title": "a", "low": "x" * 41}), Code.TEXT_TOO_LONG, "`$.steps[1].fr.low`"),
    "an option of nothing": (with_step(fr={"title": "a", "options": ["a", ""]}), Code.TEXT_EMPTY, "`$.steps[1].fr.options[1]`"),
    "a text that no store holds": (with_step(fr={"title": "a\0"}), Code.TEXT_FORBIDDEN, "`$.steps[1].fr.title`"),
    "words missing in a language": (file(en={"title": "Mine"}), Code.INVALID, "`$.steps[0].en`"),
    "to be reviewed by nobody": (with_step(blind="nobody", moderated=True), Code.INVALID, "`$.steps[1]`"),
    "a people that is none": (file(people=[0, 5]), Code.INVALID, "`$.people[0]`"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
async def test_N5_what_is_wrong_is_named_with_its_place_and_makes_no_room(client: httpx.AsyncClient, case: str) -> None:
    agenda, code, text = WRONG[case]
    asked = {"title": "Séance", "name": "Claire"}
    for path, body in (("/api/agenda", {"agenda": agenda}), ("/api/rooms", {**asked, "agenda": agenda})):
        answer = await client.post(path, json=body)
        assert refused(answer, 400, code), answer.text
        assert text in answer.json()["text"]


async def test_N5_a_template_and_an_agenda_are_one_too_many(client: httpx.AsyncClient) -> None:
    body = {"title": "Séance", "name": "Claire", "template": "action", "agenda": file()}
    assert refused(await client.post("/api/rooms", json=body), 400, Code.INVALID)
    assert refused(await client.post("/api/agenda", json={"agenda": [1]}), 400, Code.INVALID)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["title", "fr", "en", "kind", "steps", "people"]), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["fr", "en", "steps", "purpose", "people", "version"]), anything), anything)
def test_N5_whatever_a_file_holds_it_is_taken_or_refused(changes: dict[str, Any], step: Any) -> None:
    for fields in (file(**changes), file(steps=[step]), with_step(fr=step)):
        try:
            agenda = agenda_of(fields)
        except Refusal:
            continue
        # What is taken stays as it is when it comes again.
        assert agenda_of(msgspec.to_builtins(agenda)) == agenda
