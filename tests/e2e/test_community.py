"""A community in the browser: opened, come into, and what is said in its circles; by phone and desk, by keyboard, and after a reload."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.async_api import Locator, Page, expect

from server.accounts.tokens import Tokens
from server.web.invitations import setup_secret
from tests.e2e.conftest import OpenContext, Size, lan_url
from tests.e2e.people import code_of, join, until
from tests.e2e.test_accessibility import look
from tests.services import ServerProcess

StartServer = Callable[..., ServerProcess]

OPEN = {"PALABRE_OPEN": "workshops,communities"}
TITLE = "Les managers d’Atelier Nord"


async def open_community(page: Page, server: ServerProcess, name: str = "Claire Vasseur") -> str:
    """Somebody opens a community from the front page, and is in it; its address."""
    await page.goto(lan_url(server))
    form = page.get_by_role("region", name="Ouvrir une communauté")
    await form.get_by_role("button", name="Ouvrir une communauté").click()
    await form.get_by_label("Nom de la communauté").fill(TITLE)
    await form.get_by_label("Votre prénom et votre nom").fill(name)
    await form.get_by_role("button", name="Ouvrir la communauté").click()
    await expect(heading(page)).to_have_text("Rien de nouveau")
    return urlsplit(page.url).path


async def invite(page: Page, *, asks: bool = False) -> str:
    """An animator makes an invitation; its link."""
    community = "/".join(urlsplit(page.url).path.split("/")[:3])
    await page.goto(here(page, f"{community}/invite"))
    if asks:
        await page.get_by_role("switch", name="Sur demande").click()
    await page.get_by_role("button", name="Créer l’invitation").click()
    field = page.get_by_label("Lien d’invitation")
    await expect(field).to_have_value(re.compile(r"/i/#."))
    return here(page, await field.input_value())


def here(page: Page, link: str) -> str:
    """A link of the server's, at the address at which this page is."""
    at, to = urlsplit(page.url), urlsplit(link)
    return at._replace(path=to.path, query="", fragment=to.fragment).geturl()


async def come_in(open_context: OpenContext, link: str, name: str, size: Size = "phone") -> Page:
    """Somebody opens an invitation in a browser of their own, and is in."""
    page = await (await open_context(size)).new_page()
    await page.goto(link)
    await page.get_by_label("Votre prénom et votre nom").fill(name)
    await page.get_by_role("button", name="Entrer").click()
    await expect(heading(page)).to_have_text("Rien de nouveau")
    return page


async def open_circle(page: Page, title: str, access: str = "Ouvert", purpose: str = "") -> None:
    await go_to(page, "Cercles")
    await page.get_by_role("link", name="Ouvrir un cercle").first.click()
    await page.get_by_label("Titre").fill(title)
    await page.get_by_label("À quoi sert ce cercle").fill(purpose)
    await page.get_by_role("radio", name=access).check()
    await page.get_by_role("button", name="Ouvrir le cercle").click()
    await expect(heading(page)).to_have_text(title)


async def go_to(page: Page, place: str) -> None:
    """One of the places that are always at hand."""
    await (
        page.get_by_role("navigation", name="Parties de la communauté")
        .get_by_role("link", name=re.compile(f"^{place}"))
        .click()
    )


async def write(page: Page, text: str) -> None:
    await page.get_by_label("Écrire au cercle…").fill(text)
    await page.get_by_role("button", name="Publier").click()


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def post(page: Page, text: str) -> Locator:
    """A post, by what it says."""
    return page.get_by_role("article").filter(has=page.locator(".text", has_text=text))


async def test_two_people_talk_in_a_circle_by_phone_and_desk(
    open_context: OpenContext, start_server: StartServer
) -> None:
    server = start_server(env=OPEN)
    claire = await (await open_context("desk")).new_page()
    await open_community(claire, server)
    await expect(claire.get_by_role("heading", name="Invitez les premières personnes")).to_be_visible()
    link = await invite(claire)
    lea = await come_in(open_context, link, "Léa Morel")
    await expect(lea.get_by_role("textbox", name="Votre lien personnel")).to_have_value(re.compile(r"/c/[\w-]+#lien=."))
    await open_circle(claire, "Des réunions qui servent", purpose="Essayer plus court.")
    await write(claire, "Qui a essayé quinze minutes ?")
    await expect(post(claire, "Qui a essayé")).to_be_visible()

    # She finds it, and comes in with one press.
    await go_to(lea, "Cercles")
    await lea.get_by_role("button", name="Rejoindre Des réunions qui servent").click()
    await expect(heading(lea)).to_have_text("Des réunions qui servent")
    await expect(post(lea, "Qui a essayé")).to_be_visible()
    await post(lea, "Qui a essayé").get_by_role("button", name="Répondre").click()
    answer = lea.get_by_label("Répondre…")
    await answer.press_sequentially("Nous, avec @cla")
    await lea.get_by_role("option", name="Claire Vasseur").click()
    await answer.press_sequentially("hier.")
    await answer.press("Control+Enter")
    await expect(post(claire, "Nous, avec @Claire Vasseur hier.")).to_be_visible()
    await expect(post(claire, "Nous, avec").get_by_role("link", name="@Claire Vasseur")).to_be_visible()

    # Thanks, an edit, and a draft that stays.
    await post(claire, "Nous, avec").get_by_role("button", name="Merci").click()
    await expect(post(lea, "Nous, avec").get_by_text("1 merci")).to_be_visible()
    await post(lea, "Nous, avec").get_by_role("button", name="Que faire du message de Léa Morel").click()
    await post(lea, "Nous, avec").get_by_role("button", name="Modifier").click()
    await lea.get_by_label("Modifier").fill("Nous, avec @Claire Vasseur mardi.")
    await lea.get_by_role("button", name="Enregistrer").click()
    await expect(post(claire, "mardi.").get_by_text("modifié")).to_be_visible()
    await lea.get_by_label("Écrire au cercle…").fill("Pas encore fini")
    await lea.reload()
    await expect(lea.get_by_label("Écrire au cercle…")).to_have_value("Pas encore fini")
    await post(claire, "Qui a essayé").get_by_role("button", name="Que faire").click()
    await post(claire, "Qui a essayé").get_by_role("button", name="Épingler").click()
    await expect(lea.get_by_role("heading", name="Épinglé")).to_be_visible()


async def test_what_is_new_is_told_at_home_until_it_is_read(
    open_context: OpenContext, start_server: StartServer
) -> None:
    server = start_server(env=OPEN)
    claire = await (await open_context("desk")).new_page()
    await open_community(claire, server)
    lea = await come_in(open_context, await invite(claire), "Léa Morel")
    await open_circle(claire, "Des réunions qui servent")
    await go_to(lea, "Cercles")
    await lea.get_by_role("button", name="Rejoindre Des réunions qui servent").click()
    await expect(lea.get_by_label("Écrire au cercle…")).to_be_visible()
    await go_to(lea, "Accueil")
    await expect(heading(lea)).to_have_text("Rien de nouveau")
    field = claire.get_by_label("Écrire au cercle…")
    await field.press_sequentially("Merci @lé")
    await claire.get_by_role("option", name="Léa Morel").click()
    await claire.get_by_role("button", name="Publier").click()
    await expect(heading(lea)).to_have_text("Du nouveau dans un cercle")
    await lea.get_by_role("link", name="Claire Vasseur vous nomme").click()
    await expect(post(lea, "Merci @Léa Morel")).to_be_visible()
    await lea.get_by_role("link", name="Des réunions qui servent").click()
    await expect(post(lea, "Merci @Léa Morel").get_by_text("nouveau")).to_be_visible()
    await go_to(lea, "Accueil")
    await expect(heading(lea)).to_have_text("Rien de nouveau")


async def test_a_confidential_circle_is_not_there_for_others(
    open_context: OpenContext, start_server: StartServer
) -> None:
    server = start_server(env=OPEN)
    claire = await (await open_context("desk")).new_page()
    await open_community(claire, server)
    link = await invite(claire)
    lea = await come_in(open_context, link, "Léa Morel")
    noe = await come_in(open_context, link, "Noé Brun", "desk")
    await open_circle(claire, "Réorganisation", "Confidentiel")
    secret = claire.url
    await claire.get_by_role("link", name="1 personne").click()
    await claire.get_by_label("Nom, métier, site…").fill("Léa")
    await claire.get_by_role("button", name="Ajouter Léa Morel").click()
    await expect(claire.get_by_role("heading", name="2 personnes")).to_be_visible()
    await go_to(lea, "Cercles")
    await expect(lea.get_by_role("link", name="Réorganisation")).to_be_visible()

    await go_to(noe, "Cercles")
    await expect(noe.get_by_text("Pas encore de cercle")).to_be_visible()
    await noe.goto(secret)
    await expect(heading(noe)).to_have_text("Ce cercle n’existe pas")
    never = re.sub(r"[^/]+$", "neverneverneverneverneve", secret)
    said = await noe.locator("main").inner_text()
    await noe.goto(never)
    await expect(heading(noe)).to_have_text("Ce cercle n’existe pas")
    assert await noe.locator("main").inner_text() == said


async def test_on_request_people_wait_until_somebody_lets_them_in(
    open_context: OpenContext, start_server: StartServer
) -> None:
    server = start_server(env=OPEN)
    claire = await (await open_context("desk")).new_page()
    await open_community(claire, server)
    link = await invite(claire, asks=True)
    lea = await (await open_context("phone")).new_page()
    await lea.goto(link)
    await lea.get_by_label("Votre prénom et votre nom").fill("Léa Morel")
    await lea.get_by_role("button", name="Demander à entrer").click()
    await expect(lea.get_by_text("Demande envoyée.")).to_be_visible()
    await go_to(claire, "Accueil")
    await claire.get_by_role("link", name="1 personne demande à entrer").click()
    await claire.get_by_role("button", name="Laisser entrer Léa Morel").click()
    await expect(claire.get_by_role("button", name="Laisser entrer")).to_have_count(0)
    # The same link leads in now.
    await lea.reload()
    await expect(heading(lea)).to_have_text("Rien de nouveau")


async def test_HO3_what_holds_the_words_is_found_in_my_circles_and_among_people(
    open_context: OpenContext, start_server: StartServer
) -> None:
    server = start_server(env=OPEN)
    claire = await (await open_context("desk")).new_page()
    await open_community(claire, server)
    lea = await come_in(open_context, await invite(claire), "Léa Morel")
    await open_circle(claire, "Réorganisation", "Confidentiel")
    await write(claire, "Le site de Nantes ferme.")
    await go_to(lea, "Moi")
    await lea.get_by_label("Site").fill("Nantes")
    await lea.get_by_role("button", name="Enregistrer").click()
    await expect(lea.get_by_text("Enregistré")).to_be_visible()
    found = claire.get_by_role("main").get_by_role("link")
    await claire.get_by_role("navigation").get_by_role("link", name="Chercher").click()
    # What is sought may be a moment old.
    while await found.count() < 2:
        await claire.get_by_label("Messages et personnes").fill("")
        await claire.get_by_label("Messages et personnes").fill("nantes")
        await expect(claire.get_by_text(re.compile("^[0-9]+ résultats?|^Rien"))).to_be_visible()
        # No more often than one may ask: whoever never rests is refused, and finds nothing for ever.
        await claire.wait_for_timeout(500)
    await expect(found.filter(has_text="Léa Morel")).to_be_visible()
    await found.filter(has_text="Message de Claire Vasseur").click()
    await expect(post(claire, "Le site de Nantes")).to_be_visible()
    await claire.go_back()
    await expect(found).to_have_count(2)
    await lea.get_by_role("link", name="Chercher").click()
    await lea.get_by_label("Messages et personnes").fill("nantes")
    await expect(lea.get_by_role("main").get_by_role("link")).to_have_count(1)


async def test_places_have_addresses_and_back_leads_through_them(
    open_context: OpenContext, start_server: StartServer
) -> None:
    server = start_server(env=OPEN)
    page = await (await open_context("phone")).new_page()
    await open_community(page, server)
    await open_circle(page, "Des réunions qui servent")
    for n in range(12):
        await write(page, f"Essai {n}")
        await expect(post(page, f"Essai {n}").first).to_be_visible()
    # What one scrolled to is there again.
    await page.evaluate("scrollTo(0, 900)")
    await page.get_by_role("link", name="Que faire").count()
    first = page.get_by_role("article").filter(has_text="Essai 3").get_by_role("link").nth(1)
    await first.click()
    await expect(heading(page)).to_have_text("Échange")
    await expect(heading(page)).to_be_focused()
    assert await page.evaluate("scrollY") == 0
    await page.go_back()
    await expect(heading(page)).to_have_text("Des réunions qui servent")
    await until(page, "scrollY > 600")
    await page.go_back()
    await expect(page.get_by_role("button", name="Ouvrir le cercle")).to_be_visible()
    await go_to(page, "Personnes")
    await page.reload()
    await expect(heading(page)).to_have_text("Personnes")
    await page.get_by_role("link", name="Claire Vasseur").click()
    await expect(heading(page)).to_have_text("Claire Vasseur")
    await page.go_back()
    await expect(heading(page)).to_have_text("Personnes")
    # A sheet is taken away by Back, and leads elsewhere without an entry of its own.
    await page.get_by_role("button", name="Commencer").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(heading(page)).to_have_text("Personnes")
    await page.get_by_role("button", name="Commencer").click()
    await page.get_by_role("dialog").get_by_role("link", name=re.compile("^Inviter")).click()
    await expect(heading(page)).to_have_text("Inviter")
    await page.go_back()
    await expect(heading(page)).to_have_text("Personnes")


async def test_a_circle_is_used_by_the_keyboard_alone(open_context: OpenContext, start_server: StartServer) -> None:
    server = start_server(env=OPEN)
    claire = await (await open_context("desk")).new_page()
    await open_community(claire, server)
    await come_in(open_context, await invite(claire), "Léa Morel")
    await open_circle(claire, "Des réunions qui servent")
    await claire.get_by_role("link", name="1 personne").press("Enter")
    await claire.get_by_label("Nom, métier, site…").fill("mor")
    await claire.get_by_role("button", name="Ajouter Léa Morel").press("Enter")
    await expect(claire.get_by_role("heading", name="2 personnes")).to_be_visible()
    await claire.go_back()
    field = claire.get_by_label("Écrire au cercle…")
    await field.focus()
    await claire.keyboard.type("Bonjour @mo")
    await expect(claire.get_by_role("option", name="Léa Morel")).to_be_visible()
    await claire.keyboard.press("Enter")
    await claire.keyboard.type("!")
    for _ in range(10):
        await claire.keyboard.press("Tab")
        if await claire.evaluate("document.activeElement.textContent.includes('Publier')"):
            break
    await claire.keyboard.press("Enter")
    await expect(post(claire, "Bonjour @Léa Morel !")).to_be_visible()


async def test_CI6_who_leaves_a_circle_or_the_community_is_in_it_no_more(
    open_context: OpenContext, start_server: StartServer
) -> None:
    server = start_server(env=OPEN)
    claire = await (await open_context("desk")).new_page()
    community = await open_community(claire, server)
    lea = await come_in(open_context, await invite(claire), "Léa Morel")
    await open_circle(claire, "Des réunions qui servent")
    await go_to(lea, "Cercles")
    await lea.get_by_role("button", name="Rejoindre Des réunions qui servent").click()
    await lea.get_by_role("link", name="À propos de ce cercle").click()
    await lea.get_by_role("button", name="Quitter le cercle").click()
    await lea.get_by_role("alert").get_by_role("button", name="Quitter le cercle").click()
    await expect(lea.get_by_role("button", name="Rejoindre Des réunions qui servent")).to_be_visible()
    # The last who animates it does not leave it so.
    await claire.get_by_role("link", name="À propos de ce cercle").click()
    await expect(claire.get_by_text("Vous êtes seul à animer ce cercle")).to_be_visible()
    await go_to(claire, "Moi")
    await claire.get_by_role("button", name="Quitter la communauté").click()
    await claire.get_by_role("alert").get_by_role("button", name="Quitter la communauté").click()
    await expect(claire.get_by_text("passez-le d’abord à quelqu’un")).to_be_visible()
    await go_to(lea, "Moi")
    await lea.get_by_role("button", name="Quitter la communauté").click()
    await lea.get_by_role("alert").get_by_role("button", name="Quitter la communauté").click()
    await expect(heading(lea)).to_have_text("Des idées aux décisions, ensemble.")
    await expect(lea.get_by_role("heading", name="Vos communautés")).to_have_count(0)
    await lea.goto(lan_url(server, community))
    await expect(lea.get_by_text("Cet appareil n’y est pas encore connu")).to_be_visible()


async def test_another_device_comes_in_by_a_link_and_is_signed_out_from_the_first(
    open_context: OpenContext, start_server: StartServer
) -> None:
    server = start_server(env=OPEN)
    desk = await (await open_context("desk")).new_page()
    await open_community(desk, server)
    await go_to(desk, "Moi")
    await desk.get_by_role("button", name="Ajouter un appareil").click()
    link = here(desk, await desk.get_by_label("Ou ouvrez ce lien sur l’autre appareil").input_value())
    await expect(desk.get_by_role("img", name="QR pour l’autre appareil")).to_be_visible()
    phone = await (await open_context("phone")).new_page()
    await phone.goto(link)
    await expect(heading(phone)).to_have_text("Rien de nouveau")
    assert "#" not in phone.url
    await phone.reload()
    await expect(heading(phone)).to_have_text("Rien de nouveau")
    await desk.reload()
    await desk.get_by_role("button", name=re.compile("^Déconnecter (?!tous)")).click()
    await expect(phone.get_by_text("Vous n’êtes plus connecté sur cet appareil")).to_be_visible()
    await expect(heading(phone)).to_have_text(TITLE)
    # Where nobody is signed in, what stands on the door, and the ways in.
    stranger = await (await open_context("phone")).new_page()
    await stranger.goto(desk.url)
    await expect(heading(stranger)).to_have_text(TITLE)
    await stranger.get_by_label("Ou collez votre lien ici").fill("bonjour")
    await stranger.get_by_role("button", name="Entrer").click()
    await expect(stranger.get_by_role("alert")).to_contain_text("Ce n’est ni une invitation")


async def test_IN8_from_a_workshop_of_a_community_one_press_leads_into_it(
    open_context: OpenContext, start_server: StartServer
) -> None:
    server = start_server(env=OPEN)
    claire = await (await open_context("desk")).new_page()
    await open_community(claire, server)
    await claire.get_by_role("button", name="Commencer").click()
    await claire.get_by_role("dialog").get_by_role("link", name=re.compile("^Ouvrir une séance")).click()
    await expect(claire.get_by_label("Votre prénom et votre nom")).to_have_value("Claire Vasseur")
    await claire.get_by_label("Titre de la séance").fill("Printemps des managers")
    await claire.get_by_role("radio", name=re.compile("^De l’idée à l’action")).check()
    await claire.get_by_role("button", name="Ouvrir la séance").click()
    await claire.wait_for_url("**/r/*/host")
    lea = await join(open_context, server, code_of(claire), "Léa Morel")
    # The last step is La suite.
    await claire.get_by_role("button", name=re.compile("aller à l’étape")).last.click()
    await lea.get_by_role("button", name="Entrer dans la communauté").click()
    await expect(heading(lea)).to_have_text("Rien de nouveau")
    await go_to(lea, "Personnes")
    await expect(lea.get_by_role("link", name="Léa Morel")).to_be_visible()


async def test_AC7_a_setup_link_opens_a_community_where_not_everybody_may(
    open_context: OpenContext, start_server: StartServer
) -> None:
    server = start_server(env={"PALABRE_OPEN": "workshops"})
    page = await (await open_context("phone")).new_page()
    await page.goto(lan_url(server))
    await expect(page.get_by_role("radio", name=re.compile("^De l’idée"))).to_be_visible()
    await expect(page.get_by_role("heading", name="Ouvrir une communauté")).to_have_count(0)
    # What `palabre setup` prints.
    secret = setup_secret(Tokens(server.environment()["PALABRE_SECRET"].encode()), 0)
    link = lan_url(server, f"/c#setup={secret}")
    await page.goto(link)
    await page.get_by_label("Nom de la communauté").fill(TITLE)
    await page.get_by_label("Votre prénom et votre nom").fill("Claire Vasseur")
    await page.get_by_role("button", name="Ouvrir la communauté").click()
    await expect(heading(page)).to_have_text("Rien de nouveau")
    assert "#" not in page.url


async def test_axe_finds_nothing_in_a_community(open_context: OpenContext, start_server: StartServer) -> None:
    server = start_server(env=OPEN)
    sizes: tuple[Size, ...] = ("phone", "desk")
    claire = await (await open_context("desk")).new_page()
    await open_community(claire, server)
    link = await invite(claire)
    lea = await come_in(open_context, link, "Léa Morel")
    await open_circle(claire, "Des réunions qui servent", purpose="Essayer plus court.")
    circle = urlsplit(claire.url).path
    await write(claire, "Qui a essayé quinze minutes ?")
    await go_to(lea, "Cercles")
    await lea.get_by_role("button", name="Rejoindre").click()
    await post(lea, "Qui a essayé").get_by_role("button", name="Merci").click()
    community = "/".join(circle.split("/")[:3])
    places = ["", "/search", "/circles", "/circles/new", "/people", "/me", "/invite"]
    found = []
    for page, size in zip((lea, claire), sizes, strict=True):
        for path in [*(community + place for place in places), circle, f"{circle}/people", f"{circle}/settings"]:
            await page.goto(lan_url(server, path))
            await expect(page.get_by_text(re.compile("^Connecté"))).to_be_visible()
            await page.wait_for_load_state("networkidle")
            found += [(path, size, each) for each in await look(page, "fr")]
    assert found == []
