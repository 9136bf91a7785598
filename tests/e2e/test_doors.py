"""Who shows the room and who comes in: what hosts see of it, and how they end it. What is promised where a laptop holds the room."""

import re

from playwright.async_api import expect

from tests.e2e.conftest import OpenContext, lan_url, picture
from tests.e2e.crowd import crowd
from tests.e2e.people import open_menu, write_idea
from tests.services import ServerProcess

LAPTOP = "http://192.168.1.20:8000"


async def test_H10_the_desk_shows_the_screens_of_its_room_and_ends_them(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 1) as people:
        wall = await (await open_context("projector")).new_page()
        await wall.goto(lan_url(server, f"/r/{people.code}/screen"))
        await expect(wall.get_by_text(people.code).first).to_be_visible()
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        # The picture on the desk is a screen that nobody else sees, and counts as none.
        await expect(desk.get_by_role("img", name="Aperçu du grand écran")).to_contain_text(people.code)
        await open_menu(desk, "Plus")
        shown = desk.get_by_role("heading", name="1 écran montre la séance")
        await expect(shown).to_be_visible()
        await expect(desk.get_by_text("ouvert avec le code")).to_be_visible()
        await wall.reload()
        await expect(wall.get_by_text(people.code).first).to_be_visible()
        await expect(shown).to_be_visible()
        await shown.scroll_into_view_if_needed()
        await picture(desk, "ecrans-au-pupitre")
        await desk.get_by_role("listitem").filter(has_text="ouvert avec le code").get_by_role("button").click()
        await expect(wall.get_by_text("La personne qui facilite a mis fin à cet écran.")).to_be_visible()
        await expect(desk.get_by_role("heading", name="la séance")).to_have_count(0)
        await picture(wall, "ecran-fini")


async def test_H10_behind_a_closed_door_the_desk_opens_a_screen_and_nobody_else(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 1) as people:
        context = await open_context("desk")
        desk = await context.new_page()
        await desk.goto(people.desk())
        await open_menu(desk, "Plus")
        await desk.get_by_role("switch", name="Porte ouverte").click()
        async with context.expect_page() as opened:
            await desk.get_by_role("link", name="Projeter").click()
        wall = await opened.value
        await expect(wall.get_by_text(people.code).first).to_be_visible()
        stranger = await (await open_context("projector")).new_page()
        await stranger.goto(lan_url(server, f"/r/{people.code}/screen"))
        await expect(stranger.get_by_role("alert")).to_be_visible()
        await expect(stranger.get_by_text(people.code)).to_have_count(0)


async def test_M3_many_newcomers_are_sent_out_at_once(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, 30) as people:
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await desk.get_by_role("button", name="Personnes").click()
        await desk.get_by_role("button", name="Faire sortir les nouveaux…").click()
        await expect(desk.get_by_text("30 personnes sortiront. Ce qui est écrit reste.")).to_be_visible()
        await picture(desk, "nouveaux")
        await desk.get_by_role("button", name="Faire sortir de la séance").click()
        await expect(desk.get_by_role("button", name="Faire sortir les nouveaux…")).to_have_count(0)


async def test_H11_where_a_laptop_holds_the_room_nothing_is_promised_beyond_it(open_context: OpenContext) -> None:
    """One address on desk, screen and cards; and on phones, what lasts comes first."""
    with ServerProcess(env={"PALABRE_PUBLIC_URL": LAPTOP}) as server:
        async with crowd(server, 1) as people:
            context = await open_context("desk")
            desk = await context.new_page()
            await desk.goto(people.desk())
            await open_menu(desk, "Inviter")
            await expect(desk.get_by_text("Scanner, ou ouvrir 192.168.1.20:8000 et taper le code.")).to_be_visible()
            await expect(desk.get_by_label("Lien pour rejoindre")).to_have_value(f"{LAPTOP}/r/{people.code}")
            await open_menu(desk, "Compte rendu")
            await expect(desk.get_by_text("emportez le fichier JSON")).to_be_visible()
            wall = await (await open_context("projector")).new_page()
            await wall.goto(lan_url(server, f"/r/{people.code}/screen"))
            await expect(wall.get_by_text("192.168.1.20:8000")).to_be_visible()
            await picture(wall, "accueil-portable")
            phone = await (await open_context("phone")).new_page()
            await phone.goto(lan_url(server, f"/r/{people.code}"))
            await phone.get_by_label("Votre nom").fill("Zoé")
            await phone.get_by_role("button", name=re.compile("^(Entrer|Rejoindre)")).click()
            await phone.get_by_role("button", name=re.compile("^Moi$")).first.click()
            await expect(phone.get_by_text("tant que l’ordinateur qui l’héberge est allumé").first).to_be_visible()
            await expect(phone.get_by_text("n’importe quel appareil")).to_have_count(0)
            await picture(phone, "moi-portable")


async def test_N4_whoever_was_in_the_room_of_before_is_so_again(
    open_context: OpenContext, server: ServerProcess
) -> None:
    """By the personal link that this browser keeps, or by the link that a host gives."""
    async with crowd(server, 2) as people:
        phone = await (await open_context("phone")).new_page()
        await phone.goto(lan_url(server, f"/r/{people.code}"))
        await phone.get_by_label("Votre nom").fill("Zoé Marchand")
        await phone.get_by_role("button", name=re.compile("^(Entrer|Rejoindre)")).click()
        await write_idea(phone, "Moins de réunions")
        await expect(phone.get_by_text("Moins de réunions").first).to_be_visible()
        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        await open_menu(desk, "Compte rendu")
        async with desk.expect_download() as download:
            await desk.get_by_role("button", name="JSON").click()
        file = await (await download.value).path()
        await desk.goto(lan_url(server))
        async with desk.expect_file_chooser() as chooser:
            await desk.get_by_text("Reprendre une séance exportée").click()
        await (await chooser.value).set_files(file)
        await expect(desk).to_have_url(re.compile(r"/r/\w{6}/host$"))
        code = desk.url.split("/")[4]
        await desk.get_by_role("button", name="Personnes").click()
        await expect(desk.get_by_text("pas encore de retour").first).to_be_visible()

        await phone.goto(lan_url(server, f"/r/{code}"))
        await phone.get_by_text("J’y étais déjà : c’est moi").click()
        await picture(phone, "c-est-moi")
        await phone.get_by_role("button", name="Je suis Zoé Marchand").click()
        await expect(phone.get_by_text("Moins de réunions").first).to_be_visible()
        await phone.get_by_role("button", name=re.compile("^Moi$")).first.click()
        await expect(phone.get_by_label("Votre nom")).to_have_value("Zoé Marchand")

        other = people.names[1]
        await desk.get_by_role("button", name=f"Gérer {other}").click()
        await desk.get_by_role("button", name="Donner son lien de retour").click()
        link = await desk.get_by_label(f"Lien de retour de {other}").input_value()
        await desk.get_by_role("img", name=f"QR de retour de {other}").scroll_into_view_if_needed()
        await picture(desk, "lien-de-retour")
        second = await (await open_context("phone")).new_page()
        await second.goto(lan_url(server, "/" + link.split("/", 3)[3]))
        await second.get_by_role("button", name=re.compile("^Moi$")).first.click()
        await expect(second.get_by_label("Votre nom")).to_have_value(other)
