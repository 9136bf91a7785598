"""Pictures on ideas, from a phone's camera to the big screen, and links that say where they lead (SPEC B)."""

import io
import re
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.async_api import Locator, Page, Route, expect

from tests.e2e.conftest import OpenContext, lan_url, picture
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import face, see_all
from tests.e2e.test_accessibility import look
from tests.images.files import HEIC, SCRIPT, bomb
from tests.services import ServerProcess

BENCH = "Un banc dans le hall, pour attendre ensemble"


def hall(width: int = 2_400, height: int = 1_800) -> bytes:
    """A photo of a hall, as far as one can be drawn in a few lines."""
    image = Image.new("RGB", (width, height), (236, 224, 196))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * 0.7, width, height), fill=(150, 120, 90))
    for n in range(4):
        left = width * (0.08 + 0.23 * n)
        draw.rectangle((left, height * 0.2, left + width * 0.15, height * 0.7), fill=(90, 130, 170))
    draw.rectangle((width * 0.3, height * 0.78, width * 0.7, height * 0.84), fill=(60, 90, 60))
    body = io.BytesIO()
    image.save(body, "JPEG", quality=90)
    return body.getvalue()


async def choose(page: Page, raw: bytes, name: str = "photo.jpg", kind: str = "image/jpeg") -> None:
    await chooser(page).set_input_files({"name": name, "mimeType": kind, "buffer": raw})


def chooser(page: Page) -> Locator:
    return page.get_by_label("Ajouter une image")


async def phone_of(open_context: OpenContext, people: Crowd, participant: int = 0) -> Page:
    page = await (await open_context("phone")).new_page()
    await page.goto(people.seat(participant))
    await expect(page.get_by_label("Votre idée")).to_be_visible()
    return page


def ready(page: Page) -> Locator:
    return page.locator(".attached").get_by_text("L’image partira avec votre idée.")


async def is_drawn(image: Locator) -> None:
    """It is there, and its pixels are."""
    await expect(image).to_be_visible()
    assert await image.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")


async def send(page: Page, text: str) -> None:
    await page.get_by_label("Votre idée").fill(text)
    await page.get_by_role("button", name="Envoyer", exact=True).click()


async def test_B4_a_photo_goes_from_a_phone_to_others_the_desk_and_the_big_screen(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, participants=2) as people:
        step = await people.step("ideate", "Nos idées")
        await people.host.do("step.go", id=step)
        nadia, paul = await phone_of(open_context, people), await phone_of(open_context, people, 1)
        await choose(nadia, hall())
        await expect(ready(nadia)).to_be_visible()
        await nadia.get_by_placeholder(re.compile("^Que voit-on")).fill("Le hall, vide")
        await picture(nadia, "images-composer")
        assert not await look(nadia, "fr")
        await send(nadia, BENCH)
        await expect(ready(nadia)).to_be_hidden()
        await is_drawn(nadia.get_by_role("img", name="Le hall, vide"))
        await picture(nadia, "images-mine")
        await see_all(paul)
        await is_drawn(paul.get_by_role("img", name="Le hall, vide"))
        await picture(paul, "images-phone")
        await face(paul, f"Le hall, vide {BENCH}").click()
        await is_drawn(paul.get_by_role("group", name="Que faire de cette idée").get_by_role("img"))
        await picture(paul, "images-sheet")
        assert not await look(paul, "fr")

        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await is_drawn(desk.get_by_role("img", name="Le hall, vide").first)
        await picture(desk, "images-desk")
        screen = await (await open_context("projector")).new_page()
        await screen.goto(lan_url(server, f"/r/{people.code}/screen"))
        await is_drawn(screen.get_by_role("img", name="Le hall, vide"))
        await picture(screen, "images-screen-1")
        (idea,) = people.host.all("idea")
        await people.host.do("stage.set", view="ideas", on=idea["id"])
        await expect(screen.locator(".spot")).to_be_visible()
        await is_drawn(screen.get_by_role("img", name="Le hall, vide"))
        await picture(screen, "images-screen-spot")
        await people.host.do("post.hide", on=idea["id"])
        await expect(screen.get_by_role("img", name="Le hall, vide")).to_be_hidden()
        await expect(paul.get_by_role("img", name="Le hall, vide")).to_have_count(0)


async def test_B1_what_is_no_picture_is_refused_in_words_and_the_text_stays(
    open_context: OpenContext, server: ServerProcess, tmp_path: Path
) -> None:
    heavy = tmp_path / "photo.jpg"
    heavy.write_bytes(b"\xff" * 30_000_000)
    async with crowd(server, participants=1) as people:
        await people.host.do("step.go", id=await people.step("ideate", "Nos idées"))
        phone = await phone_of(open_context, people)
        await phone.get_by_label("Votre idée").fill(BENCH)
        for raw, name, kind, words in (
            (HEIC, "IMG_0001.HEIC", "image/heic", "c’est une photo HEIC"),
            (SCRIPT.replace(b"svg>", b"svgg>"), "x.svg", "image/svg+xml", "ce n’est pas une image que nous lisons"),
            (b"Bonjour", "note.txt", "text/plain", "ce n’est pas une image que nous lisons"),
            (hall()[:3_000], "photo.jpg", "image/jpeg", "l’image est abîmée ou incomplète"),
            (bomb(), "photo.png", "image/png", "l’image est trop grande"),
            (heavy, "photo.jpg", "image/jpeg", "le fichier est trop lourd"),
        ):
            # A large file is opened where it lies, as a browser does, and not sent through the driver.
            await (choose(phone, raw, name, kind) if isinstance(raw, bytes) else chooser(phone).set_input_files(raw))
            said = phone.locator(".attached").get_by_text("Image non envoyée")
            await expect(said).to_contain_text(words)
            await expect(said).to_contain_text("Votre texte est gardé.")
            await expect(phone.get_by_role("button", name="Envoyer", exact=True)).to_be_disabled()
        await picture(phone, "images-refused")
        assert not await look(phone, "fr")
        await phone.get_by_role("button", name="Retirer").click()
        await expect(phone.get_by_label("Votre idée")).to_have_value(BENCH)
        await phone.get_by_role("button", name="Envoyer", exact=True).click()
        await expect(face(phone, BENCH)).to_be_visible()


async def test_B1_a_picture_waits_for_the_network_and_the_text_with_it(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, participants=1) as people:
        await people.host.do("step.go", id=await people.step("ideate", "Nos idées"))
        phone = await phone_of(open_context, people)
        away = re.compile(r"/images\?purpose=")

        async def lost(route: Route) -> None:
            await route.abort("internetdisconnected")

        await phone.route(away, lost)
        await phone.get_by_label("Votre idée").fill(BENCH)
        await choose(phone, hall(800, 600))
        await expect(phone.locator(".attached").get_by_text("Image non envoyée")).to_contain_text("la connexion manque")
        await picture(phone, "images-offline")
        await phone.unroute(away)
        await phone.get_by_role("button", name="Réessayer").click()
        await expect(ready(phone)).to_be_visible()
        await phone.get_by_role("button", name="Envoyer", exact=True).click()
        await is_drawn(phone.get_by_role("img", name="Image sans description"))


async def test_B3_whoever_wrote_it_takes_its_picture_away(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, participants=1) as people:
        await people.host.do("step.go", id=await people.step("ideate", "Nos idées"))
        phone = await phone_of(open_context, people)
        await choose(phone, hall(800, 600))
        await expect(ready(phone)).to_be_visible()
        await send(phone, BENCH)
        await is_drawn(phone.get_by_role("img", name="Image sans description"))
        await face(phone, f"Image sans description {BENCH}").click()
        await phone.get_by_role("button", name="Modifier").click()
        await phone.get_by_role("button", name="Retirer l’image").click()
        await phone.get_by_role("button", name="Enregistrer").click()
        await expect(face(phone, BENCH)).to_be_visible()
        await expect(phone.get_by_role("img", name="Image sans description")).to_have_count(0)


async def test_B3_whoever_wrote_it_or_hosts_adds_a_picture_to_an_idea_that_is_there(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, participants=2) as people:
        await people.host.do("step.go", id=await people.step("ideate", "Nos idées"))
        await people.ideas([BENCH, "Des plantes"])
        nadia, paul = await phone_of(open_context, people), await phone_of(open_context, people, 1)
        await see_all(nadia)
        await see_all(paul)
        await face(nadia, BENCH).click()
        await nadia.get_by_role("button", name="Modifier").click()
        await expect(nadia.get_by_label("Ajouter une image")).to_have_count(1)
        await picture(nadia, "images-edit-none")
        await choose(nadia, hall())
        await expect(nadia.locator(".attached").get_by_text("L’image sera enregistrée avec l’idée.")).to_be_visible()
        await nadia.get_by_placeholder(re.compile("^Que voit-on")).fill("Le hall, vide")
        await picture(nadia, "images-edit-phone")
        assert not await look(nadia, "fr")
        await nadia.get_by_role("button", name="Enregistrer").click()
        for phone in (nadia, paul):
            await is_drawn(face(phone, f"Le hall, vide {BENCH}").get_by_role("img"))

        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await face(desk, f"Le hall, vide {BENCH}").first.click()
        await desk.get_by_role("button", name="Modifier").click()
        await desk.get_by_label("Changer l’image").set_input_files(
            {"name": "autre.jpg", "mimeType": "image/jpeg", "buffer": hall(600, 900)}
        )
        await expect(desk.locator(".attached").get_by_text("L’image sera enregistrée avec l’idée.")).to_be_visible()
        await desk.get_by_placeholder(re.compile("^Que voit-on")).fill("Le hall, plein")
        await picture(desk, "images-edit-desk")
        assert not await look(desk, "fr")
        await desk.get_by_role("button", name="Enregistrer").click()
        await is_drawn(face(paul, f"Le hall, plein {BENCH}").get_by_role("img"))
        (shown,) = [idea for idea in people.host.all("idea") if idea["text"] == BENCH]
        assert shown["height"] > shown["width"]


async def test_B3_a_picture_that_is_refused_keeps_what_is_being_edited(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, participants=1) as people:
        await people.host.do("step.go", id=await people.step("ideate", "Nos idées"))
        await people.ideas([BENCH])
        phone = await phone_of(open_context, people)
        await see_all(phone)
        await face(phone, BENCH).click()
        await phone.get_by_role("button", name="Modifier").click()
        await phone.get_by_label("Modifier l’idée").fill("Deux bancs")
        await choose(phone, b"Bonjour", "note.txt", "text/plain")
        await expect(phone.locator(".attached").get_by_text("Image non envoyée")).to_be_visible()
        await expect(phone.get_by_role("button", name="Enregistrer")).to_be_disabled()
        await phone.locator(".attached").get_by_role("button", name="Retirer").click()
        await phone.get_by_role("button", name="Enregistrer").click()
        await expect(face(phone, "Deux bancs")).to_be_visible()


async def test_a_picture_fills_the_screen_and_gives_the_focus_back(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, participants=1) as people:
        await people.host.do("step.go", id=await people.step("ideate", "Nos idées"))
        phone = await phone_of(open_context, people)
        await choose(phone, hall())
        await expect(ready(phone)).to_be_visible()
        await phone.get_by_placeholder(re.compile("^Que voit-on")).fill("Le hall, vide")
        await send(phone, BENCH)
        await face(phone, f"Le hall, vide {BENCH}").click()
        sheet = phone.get_by_role("group", name="Que faire de cette idée")
        small = sheet.get_by_role("button", name="Voir l’image en grand")
        whole = phone.get_by_role("dialog", name="L’image en grand")
        await small.click()
        await is_drawn(whole.get_by_role("img", name="Le hall, vide"))
        size = phone.viewport_size
        assert await whole.bounding_box() == {"x": 0, "y": 0, **(size or {})}
        await picture(phone, "images-whole-phone")
        assert not await look(phone, "fr")
        for close in ("button", "Escape", "Back"):
            if close == "button":
                await whole.get_by_role("button", name="Fermer").click()
            elif close == "Escape":
                await phone.keyboard.press("Escape")
            else:
                await phone.go_back()
            await expect(whole).to_be_hidden()
            await expect(small).to_be_focused()
            if close != "Back":
                await small.press("Enter")
                await expect(whole).to_be_visible()
        await phone.go_back()
        await expect(sheet).to_be_hidden()
        await expect(phone).to_have_title(re.compile("^Printemps"))

        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await face(desk, f"Le hall, vide {BENCH}").first.click()
        await desk.get_by_role("button", name="Voir l’image en grand").click()
        await is_drawn(desk.get_by_role("dialog").get_by_role("img", name="Le hall, vide"))
        await picture(desk, "images-whole-desk")
        await desk.keyboard.press("Escape")
        await expect(desk.get_by_role("dialog")).to_have_count(0)
        await expect(desk.get_by_role("button", name="Voir l’image en grand")).to_be_focused()


async def test_a_link_is_read_by_its_host_and_opened_from_the_idea(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, participants=1) as people:
        step = await people.step("ideate", "Nos idées")
        await people.host.do("step.go", id=step)
        await people.ideas(["Comme ici : https://intranet.exemple.fr/bancs?x=1, et javascript:alert(1)."])
        phone = await phone_of(open_context, people)
        await see_all(phone)
        card = phone.get_by_role(
            "button", name=re.compile(r"Comme ici : \W*intranet\.exemple\.fr\W*, et javascript:alert\(1\)")
        )
        await card.click()
        link = phone.get_by_role("link", name=re.compile("intranet.exemple.fr"))
        await expect(link).to_have_attribute("href", "https://intranet.exemple.fr/bancs?x=1")
        await expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
        await expect(link).to_have_attribute("target", "_blank")
        await expect(phone.get_by_role("link", name="alert")).to_have_count(0)
        await picture(phone, "links-sheet")
