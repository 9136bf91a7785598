"""Images over HTTP, on a server that runs: taken, refused by name, shown to whoever sees the idea that they are on (SPEC B, H8, N6, O3)."""

import asyncio
import base64
import io
import json
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from protocol import commands as c
from protocol.errors import Code
from protocol.version import IMAGE_BYTES
from server.app import Application
from server.images.port import key
from server.web import albums, api
from server.web.reads import BROUGHT
from tests.images.files import HEIC, SCRIPT, bomb, emblem, opened, photo, turned_photo
from tests.web.conftest import Started, client_of
from tests.web.test_api import INTRANET, act, bearer, integrated, join, make_room, refused

IDEA, OTHER, STEP = "idea:aaaaaaaaaaaa", "idea:bbbbbbbbbbbb", "step:aaaaaaaaaaaa"


async def bring(client: httpx.AsyncClient, entry: dict[str, Any], raw: bytes | None = None) -> httpx.Response:
    body = photo() if raw is None else raw
    return await client.post(f"/api/rooms/{entry['room']}/images", content=body, headers=bearer(entry))


async def image_of(client: httpx.AsyncClient, entry: dict[str, Any], raw: bytes | None = None) -> str:
    answer = await bring(client, entry, raw)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def show(
    client: httpx.AsyncClient, entry: dict[str, Any], image: str, size: str = "", **headers: str
) -> httpx.Response:
    path = f"/api/rooms/{entry['room']}/images/{image}{size}"
    return await client.get(path, headers=bearer(entry) | headers)


async def sees(client: httpx.AsyncClient, entry: dict[str, Any], image: str) -> bool:
    answer = await show(client, entry, image)
    if answer.status_code == 200:
        return True
    assert refused(answer, 404, Code.NOT_FOUND)
    assert answer.json()["text"] == (await show(client, entry, "image:never-was----")).json()["text"]
    return False


class People:
    """A room with a host, two others, and a screen."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.host: dict[str, Any] = {}
        self.paul: dict[str, Any] = {}
        self.nadia: dict[str, Any] = {}
        self.screen: dict[str, Any] = {}

    @classmethod
    async def come(cls, client: httpx.AsyncClient) -> "People":
        people = cls(client)
        people.host = await make_room(client)
        people.paul = (await join(client, people.host["code"], "Paul")).json()
        people.nadia = (await join(client, people.host["code"], "Nadia")).json()
        people.screen = (await client.post("/api/screen", json={"code": people.host["code"]})).json()
        return people

    async def who_sees(self, image: str) -> str:
        """H, P, N, S: host, Paul, Nadia, screen."""
        each = {"H": self.host, "P": self.paul, "N": self.nadia, "S": self.screen}
        return "".join([letter for letter, entry in each.items() if await sees(self.client, entry, image)])


@pytest.fixture
async def people(client: httpx.AsyncClient) -> People:
    return await People.come(client)


async def test_b1_an_image_is_taken_and_shown_small_and_large(app: Application, people: People) -> None:
    answer = await bring(people.client, people.paul, turned_photo())
    brought = answer.json()
    assert (answer.status_code, brought["width"], brought["height"]) == (201, 600, 800)
    await act(app, people.paul, c.AddIdea(IDEA, "Un banc", image=brought["id"], alt="Le hall"))
    large = await show(people.client, people.nadia, brought["id"])
    small = await show(people.client, people.nadia, brought["id"], "?size=small")
    assert (opened(large.content).size, opened(small.content).size) == ((600, 800), (360, 480))
    assert large.headers["content-type"] == "image/jpeg"
    assert refused(await show(people.client, people.nadia, brought["id"], "?size=huge"), 400, Code.INVALID)


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 415, Code.IMAGE_KIND),
        (b"Bonjour", 415, Code.IMAGE_KIND),
        (SCRIPT, 415, Code.IMAGE_KIND),
        (HEIC, 415, Code.IMAGE_HEIC),
        (bomb(), 413, Code.IMAGE_PIXELS),
        (photo()[:-2_000], 400, Code.IMAGE_BROKEN),
        (b"\xff" * (IMAGE_BYTES + 1), 413, Code.TOO_LARGE),
        (b"\xff" * 30_000_000, 413, Code.TOO_LARGE),
    ],
    ids=["empty", "text", "svg", "heic", "bomb", "cut", "more", "30MB"],
)
async def test_b1_what_is_no_image_is_refused_by_name_and_leaves_nothing(
    people: People, environ: dict[str, str], raw: bytes, status: int, code: Code
) -> None:
    assert refused(await bring(people.client, people.paul, raw), status, code)
    assert not (Path(environ["PALABRE_DATA"]) / "images").exists()
    assert (await bring(people.client, people.paul)).status_code == 201, "the next one is taken"


async def test_b1_only_members_bring_images(client: httpx.AsyncClient, people: People) -> None:
    path = f"/api/rooms/{people.host['room']}/images"
    assert refused(await client.post(path, content=photo()), 401, Code.UNAUTHORIZED)
    assert refused(await bring(client, people.screen), 403, Code.FORBIDDEN)
    elsewhere = await make_room(client)
    stranger = elsewhere | {"room": people.host["room"]}
    assert refused(await bring(client, stranger), 404, Code.UNKNOWN_ROOM)
    foreign = bearer(people.paul) | {"Origin": "https://elsewhere.example"}
    assert refused(await client.post(path, content=photo(), headers=foreign), 403, Code.ORIGIN)


async def test_b1_while_writing_rests_none_is_taken(app: Application, people: People) -> None:
    await act(app, people.host, c.SetRoom(writing=False))
    assert refused(await bring(people.client, people.paul), 409, Code.PAUSED)


@pytest.mark.usefixtures("still")
async def test_h13_images_of_one_member_are_taken_at_a_rate(people: People) -> None:
    answers = [await bring(people.client, people.paul, b"no image") for _ in range(int(BROUGHT.burst) + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {415}
    assert refused(answers[-1], 429, Code.RATE_LIMITED)
    assert (await bring(people.client, people.nadia)).status_code == 201


async def test_b4_an_image_on_nothing_is_shown_to_nobody(people: People) -> None:
    assert await people.who_sees(await image_of(people.client, people.paul)) == ""


async def test_b4_before_the_reveal_the_address_of_an_image_gives_it_to_its_author_alone(
    app: Application, people: People
) -> None:
    await act(app, people.host, c.AddStep(STEP, "ideate", "Idées", blind="nobody", anonymous=True), c.GoToStep(STEP))
    image = await image_of(people.client, people.paul)
    await act(app, people.paul, c.AddIdea(IDEA, "Un banc", image=image))
    assert await people.who_sees(image) == "P"
    await act(app, people.host, c.RevealStep(STEP))
    assert await people.who_sees(image) == "HPNS"


async def test_b4_where_hosts_read_before_the_reveal_they_see_the_image(app: Application, people: People) -> None:
    await act(app, people.host, c.AddStep(STEP, "ideate", "Idées", blind="hosts"), c.GoToStep(STEP))
    image = await image_of(people.client, people.paul)
    await act(app, people.paul, c.AddIdea(IDEA, "Un banc", image=image))
    assert await people.who_sees(image) == "HP"


async def test_b4_what_is_in_review_hidden_or_removed_takes_its_image_along(app: Application, people: People) -> None:
    image = await image_of(people.client, people.paul)
    await act(app, people.paul, c.AddIdea(IDEA, "Un banc", image=image))
    assert await people.who_sees(image) == "HPNS"
    await act(app, people.host, c.HidePost(IDEA))
    assert await people.who_sees(image) == "HP"
    await act(app, people.host, c.ShowPost(IDEA))
    assert await people.who_sees(image) == "HPNS"
    await act(app, people.paul, c.RemoveIdea(IDEA))
    assert await people.who_sees(image) == "HP"


async def test_b4_what_a_browser_keeps_it_asks_for_each_time(app: Application, people: People) -> None:
    image = await image_of(people.client, people.paul)
    await act(app, people.paul, c.AddIdea(IDEA, "Un banc", image=image))
    first = await show(people.client, people.nadia, image)
    assert first.headers["cache-control"] == "private, no-cache"
    tag = {"If-None-Match": first.headers["etag"]}
    again = await show(people.client, people.nadia, image, **tag)
    assert (again.status_code, again.content) == (304, b"")
    assert (await show(people.client, people.nadia, image, "?size=small", **tag)).status_code == 200
    await act(app, people.host, c.HidePost(IDEA))
    assert refused(await show(people.client, people.nadia, image, **tag), 404, Code.NOT_FOUND)


async def test_b4_another_room_has_none_of_them(app: Application, people: People) -> None:
    image = await image_of(people.client, people.paul)
    await act(app, people.paul, c.AddIdea(IDEA, "Un banc", image=image))
    elsewhere = await make_room(people.client)
    assert not await sees(people.client, elsewhere, image)
    assert refused(await show(people.client, elsewhere | {"room": people.host["room"]}, image), 404, Code.UNKNOWN_ROOM)
    for strange in ("../secret", "image:..%2F..", "idea:aaaaaaaaaaaa", "member:aaaaaaaaaaaa"):
        assert (await show(people.client, people.paul, strange)).status_code == 404


async def test_b4_whoever_was_sent_out_sees_no_image(app: Application, people: People) -> None:
    image = await image_of(people.client, people.paul)
    await act(app, people.paul, c.AddIdea(IDEA, "Un banc", image=image))
    await act(app, people.host, c.RemoveMember(people.nadia["me"]["id"]))
    assert refused(await show(people.client, people.nadia, image), 403, Code.REMOVED)


async def test_b3_what_is_taken_off_an_idea_leaves_no_byte(
    app: Application, people: People, environ: dict[str, str]
) -> None:
    folder = Path(environ["PALABRE_DATA"]) / "images"
    image, other = await image_of(people.client, people.paul), await image_of(people.client, people.paul)
    await act(app, people.paul, c.AddIdea(IDEA, "Un banc", image=image), c.AddIdea(OTHER, "Deux", image=other))
    kept = folder / key(people.host["room"], image, "large")
    assert kept.exists()
    await act(app, people.host, c.EditIdea(IDEA, "Un banc", ""))
    channel = await app._hub.channel(people.host["room"])
    async with asyncio.timeout(60):
        while image in channel.room.layers.state:
            await channel.room.refresh()
    assert not kept.exists()
    assert await people.who_sees(image) == ""
    assert (folder / key(people.host["room"], other, "small")).exists()
    assert await people.who_sees(other) == "HPNS"


async def test_b6_a_server_may_keep_none(started: Started, environ: dict[str, str]) -> None:
    async with started({"PALABRE_IMAGES": "off"}) as app, client_of(app) as client:
        host = await make_room(client)
        assert refused(await bring(client, host), 403, Code.IMAGES_OFF)


async def test_b6_whoever_looks_through_files_lets_them_in(
    started: Started, environ: dict[str, str], tmp_path: Path
) -> None:
    script = tmp_path / "scan.py"
    script.write_text("import sys; sys.exit(b'virus' in open(sys.argv[1], 'rb').read())")
    async with started({"PALABRE_IMAGES_SCAN": f"{sys.executable} {script}"}) as app, client_of(app) as client:
        host = await make_room(client)
        assert (await bring(client, host)).status_code == 201
        assert refused(await bring(client, host, photo() + b"virus"), 403, Code.IMAGE_REFUSED)
    async with started({"PALABRE_IMAGES_SCAN": str(tmp_path / "nothing")}) as app, client_of(app) as client:
        assert refused(await bring(client, await make_room(client)), 503, Code.UNAVAILABLE)


async def test_b1_where_nothing_can_be_written_it_is_to_be_tried_again(started: Started, tmp_path: Path) -> None:
    (tmp_path / "full").write_bytes(b"no folder")
    async with started({"PALABRE_IMAGES": str(tmp_path / "full")}) as app, client_of(app) as client:
        assert refused(await bring(client, await make_room(client)), 503, Code.UNAVAILABLE)


async def test_b4_an_integrators_people_see_them_too(started: Started) -> None:
    async with started({"PALABRE_KEYS": f"intranet={INTRANET}"}) as app, client_of(app) as client:
        host = await make_room(client, headers=integrated("claire@example.org", "room:none--------", "host"))
        image = await image_of(client, host)
        await act(app, host, c.AddIdea(IDEA, "Un banc", image=image))
        path = f"/api/rooms/{host['room']}/images/{image}"
        assert (await client.get(path, headers=integrated("zoe@example.org", host["room"]))).status_code == 200


async def erase(client: httpx.AsyncClient, entry: dict[str, Any], texts: str) -> None:
    path = f"/api/rooms/{entry['room']}/erase"
    answer = await client.post(path, json={"texts": texts}, headers=bearer(entry))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("texts", ["keep", "remove"])
async def test_o3_images_go_or_stay_with_the_texts_of_whoever_is_erased(
    app: Application, people: People, environ: dict[str, str], texts: str
) -> None:
    folder = Path(environ["PALABRE_DATA"]) / "images"
    image, other = await image_of(people.client, people.paul), await image_of(people.client, people.nadia)
    await act(app, people.paul, c.AddIdea(IDEA, "Un banc", image=image, alt="Paul, de dos"))
    await act(app, people.nadia, c.AddIdea(OTHER, "Deux", image=other))
    await erase(people.client, people.paul, texts)
    stays = texts == "keep"
    assert (folder / key(people.host["room"], image, "large")).exists() is stays
    assert (folder / key(people.host["room"], image, "small")).exists() is stays
    assert await sees(people.client, people.host, image) is stays
    assert await sees(people.client, people.host, other)
    file = await people.client.get(f"/api/rooms/{people.host['room']}/export.json", headers=bearer(people.host))
    record = next(record for record in file.json()["records"] if record["id"] == IDEA)
    assert record.get("image", "") == (image if stays else "")
    assert record.get("alt", "") == ("Paul, de dos" if stays else "")


async def exported(client: httpx.AsyncClient, entry: dict[str, Any]) -> dict[str, Any]:
    answer = await client.get(f"/api/rooms/{entry['room']}/export.json", headers=bearer(entry))
    assert answer.status_code == 200
    file: dict[str, Any] = answer.json()
    return file


async def brought_in(client: httpx.AsyncClient, file: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The entry into a room made from a file, and its one idea."""
    answer = await client.post("/api/import", json=file)
    assert answer.status_code == 201, answer.text
    entry = answer.json()
    (idea,) = [r for r in (await exported(client, entry))["records"] if r["id"].startswith("idea:")]
    return entry, idea


async def test_n6_a_room_comes_back_from_a_file_with_its_pictures(
    app: Application, people: People, started: Started, tmp_path: Path
) -> None:
    image = await image_of(people.client, people.paul, photo(1_200, 900))
    await act(app, people.paul, c.AddIdea(IDEA, "Un banc", image=image, alt="Le hall"))
    file = await exported(people.client, people.host)
    assert file["images"].keys() == {image}
    elsewhere = {"PALABRE_DATA": str(tmp_path / "elsewhere")}
    async with started(elsewhere) as other, client_of(other) as client:
        entry, idea = await brought_in(client, file)
        assert (idea["image"], idea["alt"], idea["width"], idea["height"]) == (image, "Le hall", 1_200, 900)
        shown = await show(client, entry, image)
        assert opened(shown.content).size == (1_200, 900)
        assert opened((await show(client, entry, image, "?size=small")).content).size == (480, 360)
        again = await exported(client, entry)
        assert again["images"].keys() == {image}


async def test_n6_what_is_no_picture_in_a_file_is_left_out_and_the_room_is_made(
    app: Application, people: People, started: Started, tmp_path: Path
) -> None:
    image = await image_of(people.client, people.paul)
    await act(app, people.paul, c.AddIdea(IDEA, "Un banc", image=image, alt="Le hall"))
    file = await exported(people.client, people.host)
    bombs = {"a script": SCRIPT, "a bomb": bomb(5_000, 5_000), "cut": photo()[:-900], "nothing": b""}
    async with started({"PALABRE_DATA": str(tmp_path / "elsewhere")}) as other, client_of(other) as client:
        for images in ({}, *({image: base64.b64encode(raw).decode()} for raw in bombs.values())):
            entry, idea = await brought_in(client, file | {"images": images})
            assert (idea["text"], idea.get("image", ""), idea.get("alt", "")) == ("Un banc", "", "")
            assert not await sees(client, entry, image)
        other_file = {name: value for name, value in file.items() if name != "images"}
        assert (await brought_in(client, other_file))[1].get("image", "") == "", "a file of before"
    async with (
        started({"PALABRE_DATA": str(tmp_path / "none"), "PALABRE_IMAGES": "off"}) as off,
        client_of(off) as client,
    ):
        assert (await brought_in(client, file))[1].get("image", "") == ""


async def test_n6_a_file_holds_as_many_pictures_as_it_may_weigh(
    app: Application, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    image, other = await image_of(people.client, people.paul), await image_of(people.client, people.nadia)
    await act(app, people.paul, c.AddIdea(IDEA, "Un banc", image=image), c.AddIdea(OTHER, "Deux"))
    await act(app, people.nadia, c.AddIdea("idea:cccccccccccc", "Trois", image=other))
    whole = await exported(people.client, people.host)
    weight = len(base64.b64decode(whole["images"][image]))
    bare = len(json.dumps(whole | {"images": {}}, separators=(",", ":"), ensure_ascii=False).encode())
    monkeypatch.setattr(api, "FILE_BYTES", bare + 2 * weight)
    small = await exported(people.client, people.host)
    assert small["images"].keys() == {image, other}
    assert all(len(base64.b64decode(body)) < weight for body in small["images"].values())
    monkeypatch.setattr(api, "FILE_BYTES", bare + 10)
    assert (await exported(people.client, people.host))["images"] == {}


async def test_n6_a_file_holds_no_picture_that_its_bearer_does_not_see(app: Application, people: People) -> None:
    await act(app, people.host, c.AddStep(STEP, "ideate", "Idées", blind="nobody", anonymous=True), c.GoToStep(STEP))
    image = await image_of(people.client, people.paul)
    await act(app, people.paul, c.AddIdea(IDEA, "Un banc", image=image))
    assert (await exported(people.client, people.host))["images"] == {}
    assert (await exported(people.client, people.nadia))["images"] == {}
    assert (await exported(people.client, people.paul))["images"].keys() == {image}


async def test_h8_minutes_show_the_pictures_of_what_everyone_reads(app: Application, people: People) -> None:
    image, hidden = await image_of(people.client, people.paul), await image_of(people.client, people.nadia)
    await act(app, people.paul, c.AddIdea(IDEA, "Un banc", image=image, alt="Le hall <b>"))
    await act(app, people.nadia, c.AddIdea(OTHER, "Deux", image=hidden, alt="Caché"))
    await act(app, people.host, c.HidePost(OTHER))
    room = people.host["room"]
    page = await people.client.get(f"/api/rooms/{room}/report.html", headers=bearer(people.host))
    small = base64.b64encode((await show(people.client, people.host, image, "?size=small")).content).decode()
    assert page.text.count("<img") == 1
    assert f'<img src="data:image/jpeg;base64,{small}" alt="Le hall &lt;b&gt;">' in page.text
    assert "Caché" not in page.text
    assert "img-src data:" in page.text
    for form in ("md", "csv"):
        told = (await people.client.get(f"/api/rooms/{room}/report.{form}", headers=bearer(people.host))).text
        assert "Le hall" in told
        assert image not in told


async def test_h8_of_more_pictures_than_a_page_holds_it_says_what_is_seen(
    app: Application, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = await image_of(people.client, people.paul)
    await act(app, people.paul, c.AddIdea(IDEA, "Un banc", image=image, alt="Le hall"))
    monkeypatch.setattr(albums, "MINUTES_BYTES", 100)
    page = await people.client.get(f"/api/rooms/{people.host['room']}/report.html", headers=bearer(people.host))
    assert "<img" not in page.text
    assert "<bdi>Le hall</bdi>" in page.text


async def logo_of(client: httpx.AsyncClient, entry: dict[str, Any], width: int = 400) -> str:
    path = f"/api/rooms/{entry['room']}/images?purpose=logo"
    answer = await client.post(path, content=emblem(width, 100), headers=bearer(entry))
    assert answer.status_code == 201, answer.text
    assert (answer.json()["width"], answer.json()["height"]) == (width, 100)
    return str(answer.json()["id"])


async def test_b5_a_logo_is_shown_to_whoever_is_in_the_room(app: Application, people: People) -> None:
    logo = await logo_of(people.client, people.host)
    assert await people.who_sees(logo) == ""
    await act(app, people.host, c.SetRoom(logo=logo))
    assert await people.who_sees(logo) == "HPNS"
    shown = await show(people.client, people.screen, logo)
    assert shown.headers["content-type"] == "image/png"
    assert opened(shown.content).mode in ("RGBA", "P")
    assert (await show(people.client, people.paul, logo, "?size=small")).content == shown.content
    elsewhere = await make_room(people.client)
    assert not await sees(people.client, elsewhere, logo)


async def test_b5_hosts_alone_bring_logos_and_what_is_none_is_refused_by_name(people: People) -> None:
    path = f"/api/rooms/{people.host['room']}/images"
    for entry, purpose, raw, status, code in (
        (people.paul, "logo", emblem(40, 10), 403, Code.FORBIDDEN),
        (people.host, "logo", SCRIPT, 415, Code.IMAGE_KIND),
        (people.host, "logo", bomb(), 413, Code.IMAGE_PIXELS),
        (people.host, "banner", emblem(40, 10), 400, Code.INVALID),
    ):
        answer = await people.client.post(f"{path}?purpose={purpose}", content=raw, headers=bearer(entry))
        assert refused(answer, status, code)


async def test_b5_a_logo_that_is_taken_away_leaves_no_byte(
    app: Application, people: People, environ: dict[str, str]
) -> None:
    folder = Path(environ["PALABRE_DATA"]) / "images"
    logo = await logo_of(people.client, people.host)
    await act(app, people.host, c.SetRoom(logo=logo))
    kept = folder / key(people.host["room"], logo, "large")
    assert kept.exists()
    await act(app, people.host, c.SetRoom(logo=""))
    channel = await app._hub.channel(people.host["room"])
    async with asyncio.timeout(60):
        while logo in channel.room.layers.state:
            await channel.room.refresh()
    assert not kept.exists()
    assert await people.who_sees(logo) == ""


async def test_b5_a_logo_stays_when_whoever_brought_it_is_erased(app: Application, people: People) -> None:
    logo = await logo_of(people.client, people.host)
    await act(app, people.host, c.SetRoom(logo=logo), c.SetRole(people.nadia["me"]["id"], "host"))
    await erase(people.client, people.host, "remove")
    for entry in (people.nadia, people.paul, people.screen):
        assert await sees(people.client, entry, logo)


async def test_n6_a_room_comes_back_from_a_file_with_its_logos(
    app: Application, people: People, started: Started, tmp_path: Path
) -> None:
    light, dark = await logo_of(people.client, people.host), await logo_of(people.client, people.host, 100)
    await act(app, people.host, c.SetRoom(logo=light, logo_dark=dark))
    file = await exported(people.client, people.host)
    assert file["images"].keys() == {light, dark}
    async with started({"PALABRE_DATA": str(tmp_path / "elsewhere")}) as other, client_of(other) as client:
        for images, held in ((file["images"], {light, dark}), ({light: file["images"][light]}, {light}), ({}, set())):
            entry = (await client.post("/api/import", json=file | {"images": images})).json()
            again = await exported(client, entry)
            (room,) = [record for record in again["records"] if record["id"] == entry["room"]]
            assert {room.get("logo"), room.get("logo_dark")} - {None, ""} == held == again["images"].keys()
            assert (room.get("logo_width", 0), room.get("logo_dark_width", 0)) == (
                400 if light in held else 0,
                100 if dark in held else 0,
            )
            for logo in held:
                shown = await show(client, entry, logo)
                assert (shown.headers["content-type"], opened(shown.content).mode) == ("image/png", "RGBA")


async def test_h8_the_minutes_begin_with_the_logo(app: Application, people: People) -> None:
    logo = await logo_of(people.client, people.host)
    await act(app, people.host, c.SetRoom(logo=logo, line="Maison <Lavandier>"))
    body = base64.b64encode((await show(people.client, people.host, logo)).content).decode()
    shared = await people.client.post(
        f"/api/rooms/{people.host['room']}/minutes", json={"shared": True}, headers=bearer(people.host)
    )
    secret = shared.json()["links"]["minutes"].partition("#lien=")[2]
    for path, headers in (
        (f"/api/rooms/{people.host['room']}/report", bearer(people.host)),
        ("/api/minutes/report", {"Authorization": f"Bearer {secret}"}),
    ):
        page = (await people.client.get(f"{path}.html", headers=headers)).text
        assert f'<img src="data:image/png;base64,{body}" alt="Maison &lt;Lavandier&gt;">' in page
        paper = PdfReader(io.BytesIO((await people.client.get(f"{path}.pdf", headers=headers)).content))
        assert len(paper.pages[0].images) == 1
    await act(app, people.host, c.SetRoom(logo=""))
    assert "<img" not in (await people.client.get(f"{path}.html", headers=headers)).text
