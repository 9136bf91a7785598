"""Templates: agendas to begin with (SPEC H5)."""

import httpx
import pytest

from play.lines import BOOKS
from protocol.choices import Lang
from protocol.errors import Code
from server.rehearsal.rehearsals import SHOWN_AT_ONCE
from server.web.agenda import LANGS, AgendaWords
from server.web.codes import Attempts
from server.web.templates import AGENDAS, DEMONSTRATED, FILES, NAMES
from tests.web.conftest import Started, client_of
from tests.web.test_api import make_room, refused


@pytest.mark.parametrize("lang", ["fr", "en"])
async def test_H5_a_room_begins_with_the_steps_of_its_template(client: httpx.AsyncClient, lang: str) -> None:
    answer = await client.get("/api/templates", params={"lang": lang})
    offered = {each["name"]: each for each in answer.json()["templates"]}
    assert tuple(offered) == NAMES
    for name, wanted in offered.items():
        room = await make_room(client, template=name, lang=lang)
        bearer = {"Authorization": f"Bearer {room['token']}"}
        export = await client.get(f"/api/rooms/{room['room']}/export.json", headers=bearer)
        steps = sorted((r for r in export.json()["records"] if r["id"].startswith("step:")), key=lambda r: r["rank"])
        kept = [{key: step[key] for key in wanted["steps"][n]} for n, step in enumerate(steps)]
        assert kept == wanted["steps"]
        assert wanted["minutes"] == sum(step.get("minutes", 0) for step in steps)


async def test_H5_an_unknown_template_is_named(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/rooms", json={"title": "a", "name": "b", "template": "karaoke"})
    assert refused(answer, 400, Code.INVALID)
    assert ", ".join(NAMES) in answer.json()["text"]
    assert refused(await client.get("/api/templates", params={"lang": "de"}), 400, Code.INVALID)


def test_each_file_of_the_folder_is_offered() -> None:
    assert sorted(NAMES) == sorted(file.stem for file in FILES.iterdir())


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", NAMES)
def test_a_template_says_all_in_both_languages(name: str, lang: Lang) -> None:
    agenda = AGENDAS[name]
    words: AgendaWords = getattr(agenda, lang)
    assert words.about.endswith(".")
    assert agenda.purpose is not None
    assert agenda.people is not None
    assert agenda.people[0] < agenda.people[1]
    for step in agenda.steps_in(lang):
        assert step.prompt
        assert step.minutes > 0


def test_templates_of_one_purpose_stand_together() -> None:
    purposes = [AGENDAS[name].purpose for name in NAMES]
    assert purposes == sorted(purposes, key=purposes.index)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_step_asks_for_is_there_by_then(name: str) -> None:
    """A vote on groups follows grouping; what is grouped or voted on has been written before; a number in a prompt is the setting's."""
    before: list[str] = []
    for step in AGENDAS[name].steps:
        if step.kind in ("group", "vote"):
            assert "ideate" in before
        if step.targets == "zones":
            assert "group" in before
        if step.budget:
            for words in (step.fr, step.en):
                assert words is not None
                assert f" {step.budget} " in words.prompt
        before.append(step.kind)


async def test_H6_a_host_rehearses_in_a_room_of_its_own(client: httpx.AsyncClient) -> None:
    room = await make_room(client, template="action")
    bearer = {"Authorization": f"Bearer {room['token']}"}
    answer = await client.post(f"/api/rooms/{room['room']}/rehearsal", headers=bearer)
    assert answer.status_code == 201, answer.text
    rehearsal = answer.json()
    assert rehearsal["room"] != room["room"]
    assert rehearsal["me"]["role"] == "host"
    export = await client.get(
        f"/api/rooms/{rehearsal['room']}/export.json", headers={"Authorization": f"Bearer {rehearsal['token']}"}
    )
    records = export.json()["records"]
    assert sum(r["id"].startswith("step:") for r in records) == 7
    assert next(r for r in records if r["id"].startswith("room:"))["title"] == "Répétition · Séminaire"
    participant = (await client.post("/api/join", json={"code": room["code"], "name": "Zoé"})).json()
    answer = await client.post(
        f"/api/rooms/{room['room']}/rehearsal", headers={"Authorization": f"Bearer {participant['token']}"}
    )
    assert refused(answer, 403, Code.FORBIDDEN)


@pytest.mark.parametrize(("lang", "name"), [("fr", "Vous"), ("en", "You")])
async def test_H15_a_demonstration_asks_for_nothing(client: httpx.AsyncClient, lang: Lang, name: str) -> None:
    answer = await client.post("/api/demonstration", json={"lang": lang})
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert (shown["me"]["role"], shown["me"]["name"]) == ("host", name)
    assert set(shown["links"]) == {"join", "host", "screen"}
    export = await client.get(
        f"/api/rooms/{shown['room']}/export.json", headers={"Authorization": f"Bearer {shown['token']}"}
    )
    records = export.json()["records"]
    steps = sorted((r for r in records if r["id"].startswith("step:")), key=lambda r: r["rank"])
    wanted = AGENDAS[DEMONSTRATED].steps_in(lang)
    assert [step["title"] for step in steps] == [step.title for step in wanted]
    assert next(r for r in records if r["id"].startswith("room:"))["title"] == BOOKS[lang].title


async def test_H15_demonstrations_are_bounded(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Attempts.WATCHED < SHOWN_AT_ONCE, "no address takes all of them"
    monkeypatch.setattr(Attempts, "WATCHED", 2 * SHOWN_AT_ONCE)
    answers = [await client.post("/api/demonstration", json={}) for _ in range(SHOWN_AT_ONCE + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {201}
    assert refused(answers[-1], 503, Code.FULL)


async def test_H15_where_not_everybody_may_create_workshops_nothing_is_shown(started: Started) -> None:
    async with started({"PALABRE_OPEN": "none"}) as app, client_of(app) as client:
        assert refused(await client.post("/api/demonstration", json={}), 403, Code.FORBIDDEN)


@pytest.mark.usefixtures("still")
async def test_H15_an_address_is_shown_so_many(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Attempts, "WATCHED", 2)
    answers = [await client.post("/api/demonstration", json={}) for _ in range(3)]
    assert [answer.status_code for answer in answers[:-1]] == [201, 201]
    assert refused(answers[-1], 429, Code.RATE_LIMITED)
