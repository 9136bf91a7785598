"""What a facilitator has at hand: his phone as a remote, the Wi-Fi, cards for the tables, a look through a participant's eyes."""

import re

from playwright.async_api import Page, Request, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, lan_url, picture
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import face
from tests.services import ServerProcess

PASSWORD = 'Sous "l’arbre"; 2026'


async def desk_of(open_context: OpenContext, people: Crowd) -> Page:
    page = await (await open_context("desk")).new_page()
    await page.goto(people.desk())
    await expect(page.get_by_role("heading", name="Inviter")).to_be_visible()
    return page


async def test_the_phone_that_scans_the_hosts_qr_is_his_remote_and_the_qr_does_not_stay(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 1) as people:
        context = await open_context("desk")
        desk = await context.new_page()
        await desk.clock.install()
        await desk.goto(people.desk())
        await desk.get_by_role("button", name="Afficher le QR").click()
        qr = desk.get_by_role("img", name="QR de votre lien")
        await expect(qr).to_be_visible()
        await picture(desk, "telecommande-qr")
        link = await desk.get_by_label("Votre lien de secours").input_value()
        await desk.clock.fast_forward(61_000)
        await expect(qr).to_have_count(0)

        phone = await (await open_context("phone")).new_page()
        await phone.goto(lan_url(server, "/" + link.split("/", 3)[3]))
        await expect(phone.get_by_role("button", name="Piloter")).to_be_visible()


async def test_the_wifi_goes_to_the_big_screen_and_the_cards_and_never_to_the_server(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 1) as people:
        asked: list[str] = []

        async def note(request: Request) -> None:
            asked.append(f"{request.url} {request.post_data or ''}")

        desk = await desk_of(open_context, people)
        desk.context.on("request", note)
        await desk.get_by_text("Donner le Wi-Fi de la salle").click()
        await desk.get_by_label("Nom du réseau").fill("Maison Lavandier")
        await desk.get_by_label(re.compile("^Mot de passe")).fill(PASSWORD)
        await expect(desk.get_by_text("Wi-Fi de la salle : Maison Lavandier")).to_be_visible()
        address = await desk.get_by_role("link", name="Ouvrir le grand écran").get_attribute("href")
        assert address is not None

        # Another computer has nothing but the address.
        screen = await (await open_context("projector")).new_page()
        screen.context.on("request", note)
        await screen.goto(lan_url(server, address))
        await expect(screen.get_by_text("1. Wi-Fi")).to_be_visible()
        await expect(screen.get_by_text("2. Séance")).to_be_visible()
        await expect(screen.get_by_text(PASSWORD)).to_be_visible()
        await expect(screen.get_by_role("img", name="QR pour rejoindre le réseau Maison Lavandier")).to_be_visible()
        join = await screen.get_by_role("img", name="QR pour rejoindre la séance").bounding_box()
        assert join is not None
        assert join["height"] >= 0.7 * 1080
        await picture(screen, "accueil-wifi")

        await desk.emulate_media(media="print")
        cards = desk.locator(".card")
        await expect(cards).to_have_count(4)
        for n in range(4):
            await expect(cards.nth(n).get_by_text(people.code)).to_be_visible()
            await expect(cards.nth(n).get_by_role("img")).to_have_count(2)
        await expect(desk.get_by_role("heading", name="Inviter")).to_be_hidden()
        pdf = await desk.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1, "four cards are one sheet"
        await picture(desk, "cartes")
        assert asked
        assert not [each for each in asked if "arbre" in each or "Lavandier" in each]


async def test_a_host_looks_through_a_participants_eyes_and_nothing_leaves_from_there(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 2) as people:
        step = new_id("step")
        await people.host.do("step.add", id=step, kind="ideate", title="Nos idées", blind="hosts")
        await people.host.do("step.go", id=step)
        await people.ideas(["Pour la facilitation seule"])
        desk = await desk_of(open_context, people)
        await expect(face(desk, "Pour la facilitation seule")).to_be_visible()
        async with desk.context.expect_page() as opened:
            await desk.get_by_role("link", name="Voir comme un participant").click()
        guest = await opened.value
        await expect(guest.get_by_text("Vous voyez ce que voit un participant. Rien ne part d’ici.")).to_be_visible()
        await expect(guest.get_by_role("heading", name="Nos idées").first).to_be_visible()
        assert "Pour la facilitation seule" not in await guest.content()
        await expect(guest.locator("main")).to_have_attribute("inert", "")
        await picture(guest, "comme-un-participant")
        # It is nobody: those present are as many as before.
        await expect(desk.get_by_text("3 personnes présentes").first).to_be_visible()


async def test_steps_change_places_by_keys_and_by_drag(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 0) as people:
        for title in ("Un", "Deux", "Trois"):
            await people.host.do("step.add", id=new_id("step"), kind="discuss", title=title)
        desk = await desk_of(open_context, people)
        steps = desk.get_by_role("button", name=re.compile("aller à l’étape"))
        await expect(steps).to_contain_text(["Un", "Deux", "Trois"])
        await steps.first.focus()
        await desk.keyboard.press("Alt+ArrowDown")
        await expect(steps).to_contain_text(["Deux", "Un", "Trois"])
        await steps.nth(2).drag_to(steps.nth(0))
        await expect(steps).to_contain_text(["Trois", "Deux", "Un"])
        await steps.nth(0).drag_to(steps.nth(2))
        await expect(steps).to_contain_text(["Deux", "Un", "Trois"])
