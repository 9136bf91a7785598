"""What somebody is told who comes late, or comes back (line of UI: « Vous arrivez en cours de route »)."""

import re

from playwright.async_api import Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, lan_url
from tests.e2e.crowd import Crowd, crowd
from tests.e2e.people import go_to, join, write_idea
from tests.services import ServerProcess

LATE, BACK, ELSEWHERE = "Vous arrivez en cours de route", "Depuis votre dernière visite", "Où en est la séance"


async def to_the_end(people: Crowd) -> None:
    """
    Three steps and one that is not held; six ideas that everyone reads, of which two are this participant's; one more is merged, one hidden,
    one blind.
    """
    steps = [new_id("step") for _ in range(3)]
    for id, title in zip(steps, ("Nos idées", "Rapprocher", "La suite"), strict=True):
        await people.host.do("step.add", id=id, kind="ideate", title=title, minutes=10)
    await people.host.do("step.go", id=steps[0])
    ideas = await people.ideas([f"Idée {n}" for n in range(8)])
    await people.host.do("idea.merge", id=ideas[6], into=ideas[0])
    await people.host.do("post.hide", on=ideas[7])
    blind = new_id("step")
    await people.host.do("step.add", id=blind, kind="ideate", title="À l’aveugle", blind="nobody", before=steps[1])
    await people.host.do("step.go", id=blind)
    await people.participants[0].do("idea.add", id=new_id("idea"), text="Non révélée", step=blind)
    await people.host.do("decision.add", id=new_id("decision"), text="Une seule saisie")
    await people.host.do("step.go", id=steps[2])
    await people.host.do("step.go", id=None)


async def counted(open_context: OpenContext, server: ServerProcess, people: Crowd) -> None:
    """What the plenary reads."""
    screen = await (await open_context("projector")).new_page()
    await screen.goto(lan_url(server, f"/r/{people.code}/screen"))
    await expect(screen.get_by_text("6 idées", exact=True).first).to_be_visible()


async def test_who_comes_back_after_the_end_with_another_device_reads_what_the_others_count(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 3) as people:
        await to_the_end(people)
        await counted(open_context, server, people)
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat(0))
        # What is new since they were here with another is not known here; their own is not.
        recap = phone.get_by_role("region", name=ELSEWHERE)
        await expect(recap).to_contain_text("6 idées (2 à vous)")
        await expect(recap).to_contain_text("Déjà fait : Nos idées, À l’aveugle, La suite")
        await expect(recap).to_contain_text("Une seule saisie")
        for words in (LATE, BACK):
            await expect(phone.get_by_text(words)).to_have_count(0)

        late = await join(open_context, server, people.code, "Tard Venu")
        await expect(late.get_by_role("region", name=LATE)).to_contain_text("6 idées")


async def at(page: Page, minutes: int) -> None:
    await page.clock.fast_forward(minutes * 60_000)


async def test_who_comes_back_with_the_same_device_reads_what_is_new(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 3) as people:
        await to_the_end(people)
        phone = await join(open_context, server, people.code, "Paul Roussel")
        await phone.get_by_role("button", name="C’est lu").click()
        await phone.reload()
        await expect(phone.get_by_text(re.compile("^Connecté"))).to_be_visible()
        for words in (LATE, BACK):
            await expect(phone.get_by_text(words)).to_have_count(0)

        # An hour later, and something has been decided; what was read is not told again.
        key = f"palabre.draft.{people.code}.met"
        await phone.goto(lan_url(server, "/nulle/part"))
        await phone.evaluate(
            "(key) => localStorage.setItem(key, JSON.stringify({...JSON.parse(localStorage[key]), at: JSON.parse(localStorage[key]).at - 3600_000}))",
            key,
        )
        await people.host.do("step.go", id=None)
        await people.host.do("idea.add", id=new_id("idea"), text="Une de plus")
        await phone.goto(lan_url(server, f"/r/{people.code}"))
        recap = phone.get_by_role("region", name=BACK)
        await expect(recap).to_contain_text("7 idées")
        await expect(recap).not_to_contain_text("Déjà fait")
        # It stays until it is read, wherever one looks meanwhile.
        await go_to(phone, "Tout")
        await go_to(phone, "Maintenant")
        await expect(recap).to_be_visible()
        await recap.get_by_role("button", name="C’est lu").click()
        await expect(recap).to_have_count(0)


async def test_back_from_a_tunnel_mine_without_a_name_are_sent_and_not_new(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 2) as people:
        step = new_id("step")
        await people.host.do("step.add", id=step, kind="ideate", title="Nos idées", anonymous=True)
        await people.host.do("step.go", id=step)
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat(0))
        await expect(phone.get_by_text(re.compile("^Connecté"))).to_be_visible()
        await phone.context.set_offline(True)
        await phone.evaluate("dispatchEvent(new Event('offline'))")
        await expect(phone.get_by_text("Connexion perdue").first).to_be_visible()
        await write_idea(phone, "Du tunnel")
        await people.participants[1].do("idea.add", id=new_id("idea"), text="Pendant ce temps")
        await phone.context.set_offline(False)
        await expect(phone.get_by_text("1 idée envoyée, 1 nouvelle à lire").first).to_be_visible()
