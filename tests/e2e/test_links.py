"""Who one is: the links that bring the same person back elsewhere, and a role that comes and goes while one looks."""

import re

from playwright.async_api import Page, expect

from tests.e2e.conftest import OpenContext, lan_url
from tests.e2e.crowd import crowd
from tests.e2e.people import face, go_to, join, open_menu, open_room, see_all, write_idea
from tests.services import ServerProcess


async def link(page: Page, label: str) -> str:
    return await page.get_by_label(label, exact=True).input_value()


async def test_a_personal_link_is_the_same_member_in_another_browser(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 0) as people:
        phone = await join(open_context, server, people.code, "Paul Roussel")
        await write_idea(phone, "Écrite sur le téléphone")
        await go_to(phone, "Moi")
        personal = await link(phone, "Votre lien personnel")
        await phone.get_by_role("button", name="Copier").click()
        await expect(phone.get_by_role("button", name="Copié")).to_be_visible()  # on plain http, too

        desk = await (await open_context("desk")).new_page()
        await desk.goto(personal)
        await expect(desk.get_by_text("2 personnes présentes")).to_be_visible()  # nobody new
        await expect(desk).to_have_url(lan_url(server, f"/r/{people.code}"))  # the secret has left the address
        await desk.get_by_role("button", name="Mes idées").click()
        await expect(face(desk.get_by_role("complementary"), "Écrite sur le téléphone")).to_be_visible()
        await write_idea(desk, "Écrite au bureau")
        await go_to(phone, "Maintenant")
        await expect(face(phone, "Écrite au bureau")).to_be_visible()

        await desk.get_by_role("button", name="Moi").click()
        await desk.get_by_label("Votre nom", exact=True).fill("Paul R.")
        await desk.get_by_role("button", name="Changer").click()
        await see_all(phone)
        await expect(phone.get_by_text("Paul R.")).to_have_count(2)

        await desk.get_by_role("button", name="Quitter sur cet appareil").click()
        await desk.get_by_role("button", name="Quitter sur cet appareil").click()
        await expect(desk.get_by_label("Votre prénom et votre nom")).to_be_visible()

        stranger = await (await open_context("phone")).new_page()
        await stranger.goto(lan_url(server, f"/r/{people.code}#lien=inconnu"))
        await expect(stranger.get_by_role("alert")).to_have_text("Ce lien n’est pas ou plus valable.")


async def test_the_recovery_link_gives_the_pupitre_back(open_context: OpenContext, server: ServerProcess) -> None:
    lost = await (await open_context("desk")).new_page()
    code = await open_room(lost, server)
    await open_menu(lost, "Télécommande")
    recovery = await link(lost, "Votre lien de secours")
    await lost.context.close()

    page = await (await open_context("phone")).new_page()
    await page.goto(recovery)
    await expect(page).to_have_url(lan_url(server, f"/r/{code}/host"))
    await page.get_by_label("Consigne").fill("Que gardons-nous ?")
    await page.get_by_role("button", name="Enregistrer").click()
    await page.get_by_role("link", name="Participer").click()
    await expect(page.get_by_role("heading", name="Que gardons-nous ?")).to_be_visible()
    await page.get_by_role("link", name="Palabre, accueil").click()
    await page.get_by_role("link", name=re.compile("Claire Vasseur · vous facilitez")).click()
    await expect(page.get_by_label("Consigne")).to_have_value("Que gardons-nous ?")


async def test_a_role_given_opens_the_desk_and_taken_leaves_a_participants_page(
    open_context: OpenContext, server: ServerProcess
) -> None:
    host = await (await open_context("desk")).new_page()
    code = await open_room(host, server)
    paul = await join(open_context, server, code, "Paul Roussel")
    await paul.get_by_label("Votre idée").fill("Une idée à moitié écri")
    await go_to(paul, "Moi")
    await expect(paul.get_by_text("Vous participez à cette séance.")).to_be_visible()

    await host.get_by_role("button", name="Personnes").click()
    await host.get_by_role("button", name="Gérer Paul Roussel").click()
    await host.get_by_role("button", name="Confier aussi la facilitation").click()
    await expect(paul.get_by_text("Vous facilitez cette séance.")).to_be_visible()
    await go_to(paul, "Maintenant")
    told = paul.get_by_role("status").filter(has_text="Vous facilitez maintenant cette séance")
    await told.get_by_role("link", name="Ouvrir le pupitre").click()
    await paul.get_by_role("switch", name="Écriture ouverte").click()
    await open_menu(host, "Plus")
    await expect(host.get_by_role("switch", name="Écriture ouverte")).not_to_be_checked()
    await paul.get_by_role("switch", name="Écriture ouverte").click()

    await go_to(paul, "Personnes")
    await paul.get_by_role("button", name="Gérer Claire Vasseur").click()
    await paul.get_by_role("button", name="Reprendre la facilitation").click()
    await expect(host.get_by_role("heading", name="Le pupitre est réservé à qui facilite la séance")).to_be_visible()
    await expect(host.get_by_label("Consigne")).to_have_count(0)
    await host.get_by_role("link", name="Aller à la séance").click()
    await expect(host.get_by_label("Votre idée")).to_be_visible()
    await expect(host.get_by_role("link", name="Ouvrir le pupitre")).to_have_count(0)
    await write_idea(host, "Écrite sans le pupitre")

    await go_to(paul, "Tableau")
    await expect(face(paul, "Écrite sans le pupitre")).to_be_visible()
    await expect(paul.get_by_label("Votre idée")).to_have_value("Une idée à moitié écri")
