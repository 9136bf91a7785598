"""A whole workshop, from an empty front page to a compte rendu that holds every decision: one host with a desk and a phone, one big
screen, four phones, sixty simulated participants, and one who comes late."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from playwright.async_api import Page, expect

from client_demo.python.sdk import Room, connect, join_room, new_id
from tests.e2e.conftest import OpenContext, lan_url, picture
from tests.e2e.crowd import names
from tests.e2e.people import face, go_to, join, open_menu, open_room, write_idea
from tests.services import ServerProcess

SIMULATED = 60
PHONES = ("Paul Roussel", "Nadia B.", "Łukasz W.", "Aïcha D.")
IDEAS = (
    "Supprimer les réunions d’information",
    "Laisser les chefs d’équipe signer jusqu’à 2 000 €",
    "Fusionner les trois tableaux de bord",
    "Créer des binômes entre sites",
)
DECISION, OTHER = "Plus de réunion d’information au 1er mars", "Vingt binômes tirés au sort"


@asynccontextmanager
async def simulated(server: ServerProcess, code: str) -> AsyncIterator[list[Room]]:
    entries = await asyncio.gather(*(join_room(server.url, code, name) for name in names(SIMULATED)))
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(connect(server.url, entry.token)) for entry in entries]


async def at_step(title: str, *pages: Page) -> None:
    for page in pages:
        await expect(page.get_by_role("heading", name=title, exact=True).first).to_be_visible()


def step_of(room: Room) -> str:
    (agenda,) = room.all("agenda")
    step: str = agenda["now"]
    return step


async def until_step(room: Room, title: str) -> str:
    """The id of the current step, once it is that one."""
    await room.until(
        lambda room: any(
            s["title"] == title and s["id"] == step_of(room) for s in room.all("step") if room.all("agenda")
        )
    )
    return step_of(room)


async def test_a_whole_workshop(open_context: OpenContext, server: ServerProcess) -> None:
    desk = await (await open_context("desk")).new_page()
    code = await open_room(desk, server, "Printemps des managers", template="De l’idée à l’action")
    remote = await (await open_context("phone")).new_page()
    await open_menu(desk, "Télécommande")
    link = await desk.get_by_label("Votre lien de secours").input_value()
    await remote.goto(lan_url(server, "/" + link.split("/", 3)[3]))
    # The venue's computer, set to 150 %.
    venue = await open_context("projector", viewport={"width": 1280, "height": 720}, device_scale_factor=1.5)
    screen = await venue.new_page()
    await screen.goto(lan_url(server, f"/r/{code}/screen"))
    phones = list(await asyncio.gather(*(join(open_context, server, code, name) for name in PHONES)))
    async with simulated(server, code) as crowd:
        await expect(screen.get_by_role("img", name="65 personnes présentes")).to_be_visible()
        on = remote.get_by_role("button", name=re.compile("^(Commencer|Suivant)"))

        await on.click()
        await at_step("Qui est là ?", *phones)
        for phone in phones:
            await write_idea(phone, "Je peux aider à préparer un budget")
        await desk.get_by_role("button", name=re.compile("^Suivant")).click()
        await at_step("Nos idées", *phones)
        await until_step(crowd[0], "Nos idées")
        for phone, text in zip(phones, IDEAS, strict=True):
            await write_idea(phone, text)
        await asyncio.gather(
            *(
                participant.do("idea.add", id=new_id("idea"), text=f"Une autre idée, la {n}")
                for n, participant in enumerate(crowd)
            )
        )
        await expect(screen.get_by_text("64", exact=True)).to_be_visible()
        assert IDEAS[0] not in await desk.content(), "nobody reads before the reveal, hosts included"
        await picture(screen, "seance-a-l-aveugle")
        await remote.get_by_role("button", name="Révéler", exact=True).click()
        await remote.get_by_role("alert").get_by_role("button", name="Révéler", exact=True).click()
        await expect(face(desk, IDEAS[0])).to_be_attached()
        # What people said of themselves is beside their names, and not among the ideas.
        await expect(face(desk, "Je peux aider à préparer un budget")).to_have_count(0)

        await on.click()
        await at_step("Rapprocher", *phones)
        await until_step(crowd[0], "Rapprocher")
        zone = new_id("zone")
        await crowd[0].do("zone.add", id=zone, title="Des réunions qui servent")
        texts = {idea["text"]: idea["id"] for idea in crowd[0].all("idea")}
        await asyncio.gather(
            *(crowd[n].do("idea.move", id=texts[f"Une autre idée, la {n}"], zone=zone) for n in range(20)),
            crowd[30].do("idea.move", id=texts[IDEAS[0]], zone=zone),
        )
        await expect(desk.get_by_role("region", name="Groupe A, Des réunions qui servent")).to_be_visible()

        await on.click()
        await at_step("Choisir", *phones)
        vote = await until_step(crowd[0], "Choisir")
        for phone in phones:
            await phone.get_by_role("button", name=f"Ajouter une gommette à : {IDEAS[0]}").click()
            await phone.get_by_role("button", name=f"Ajouter une gommette à : {IDEAS[3]}").click()
        await asyncio.gather(
            *(
                participant.do("dots.put", step=vote, on=texts[IDEAS[n % 3]], count=1)
                for n, participant in enumerate(crowd)
            )
        )
        await expect(screen.get_by_text("64", exact=True)).to_be_visible()
        await remote.get_by_role("button", name="Clore le vote").click()
        await remote.get_by_role("button", name="Voir le résultat").click()
        await remote.get_by_role("alert").get_by_role("button", name="Voir le résultat").click()
        await expect(desk.get_by_text("24 gommettes")).to_be_visible()
        await expect(screen.get_by_text("Supprimer les réunions")).to_have_count(0)
        await remote.get_by_role("button", name="Révéler le résultat").click()
        await remote.get_by_role("alert").get_by_role("button", name="Révéler le résultat").click()
        await expect(screen.get_by_role("listitem").first).to_contain_text(IDEAS[0])
        await expect(screen.get_by_role("listitem").first).to_contain_text("24")
        await picture(screen, "seance-resultat")

        await on.click()
        await at_step("Mettre à l’épreuve", *phones)
        await on.click()
        await at_step("Décider", *phones)
        await desk.get_by_role("button", name=f"Décider : {IDEAS[0]}").click()
        await desk.get_by_label("Ce qui est décidé").fill(DECISION)
        await desk.get_by_role("button", name="Décider", exact=True).click()
        aside = desk.get_by_role("complementary")
        await expect(aside.get_by_text(DECISION)).to_be_visible()
        await aside.get_by_role("button", name="Ajouter une décision").click()
        await aside.get_by_label("Ce qui est décidé").fill(OTHER)
        await aside.get_by_role("button", name="Décider", exact=True).click()
        for text in (DECISION, OTHER):
            await expect(screen.get_by_text(text)).to_be_visible()

        late = await (await open_context("phone")).new_page()
        await late.goto(lan_url(server, f"/r/{code}"))
        await late.get_by_label("Votre prénom et votre nom").fill("Tard Venu")
        await late.get_by_role("button", name="Entrer").click()
        recap = late.get_by_role("region", name="Vous arrivez en cours de route")
        await expect(recap).to_contain_text("Déjà fait : Qui est là ?, Nos idées, Rapprocher, Choisir")
        await expect(recap).to_contain_text(f"Le plus choisi : « {IDEAS[0]} »")
        await expect(recap).to_contain_text(DECISION)
        await picture(late, "seance-en-retard")
        await recap.get_by_role("button", name="C’est lu").click()
        await late.reload()
        await at_step("Décider", late)
        await expect(recap).to_have_count(0)
        await expect(phones[0].get_by_text("Vous arrivez en cours de route")).to_have_count(0)

        await on.click()
        await at_step("La suite", *phones)
        await phones[0].get_by_label("Je m’engage à").fill("Montrer la démarche à mon équipe")
        await phones[0].get_by_role("button", name="M’engager").click()
        await expect(phones[0].get_by_text(f"Décidé : « {DECISION} »")).to_be_visible()
        async with desk.context.expect_page() as opened:
            await open_menu(desk, "Compte rendu")
            await desk.get_by_role("link", name="Ouvrir le compte rendu").click()
        report = await opened.value
        for text in (DECISION, OTHER):
            await expect(report.get_by_text(text, exact=True).first).to_be_visible()
        await expect(report.get_by_text("24", exact=True).first).to_be_visible()
        assert "Montrer la démarche" not in await report.content(), (
            "a commitment is its author's alone until he shares it"
        )
        told = await report.locator("li", has_text="Une autre idée, la 7").last.text_content() or ""
        assert not [name for name in names(SIMULATED) if name in told], "who wrote without a name has none here"
        await picture(report, "seance-compte-rendu")
        await go_to(remote, "Personnes")
        await expect(remote.get_by_text(re.compile("66 personnes présentes")).first).to_be_visible()
