"""What people write stands among our words without turning them, and nobody is taken for another (SPEC L3, L7, L8)."""

import re

from playwright.async_api import expect

from tests.e2e.conftest import OpenContext, lan_url, picture
from tests.e2e.people import go_to, join, open_room, write_idea
from tests.services import ServerProcess

HEBREW = "שלום, עולם!"
"""Its last sign goes to the left of it: in a line of ours it would take what follows along."""


async def test_L8_who_takes_the_hosts_name_is_told_apart(open_context: OpenContext, server: ServerProcess) -> None:
    desk = await (await open_context("desk")).new_page()
    code = await open_room(desk, server, name="Claire Vasseur")
    twins = [await join(open_context, server, code, name) for name in ("Claire Vasseur\u202e", "Сlaire  Vаsseur")]
    marked = re.compile(r"^.laire V.sseur\s\([A-Z0-9]{3}\)$")
    for phone in twins:
        await write_idea(phone, "Une idée")
    await desk.get_by_role("button", name="Personnes").click()
    steer = desk.get_by_role("button", name=re.compile(r"^Gérer .laire V.sseur\s\([A-Z0-9]{3}\)"))
    await expect(steer).to_have_count(2)
    names = await steer.evaluate_all("all => all.map((each) => each.getAttribute('aria-label'))")
    assert len(set(names)) == 2
    await picture(desk, "told-apart")
    await go_to(twins[0], "Tout")
    for name in await twins[0].locator(".who").all_inner_texts():
        assert marked.match(name.strip()), name


async def test_L3_a_card_that_shows_nothing_is_not_sent(open_context: OpenContext, server: ServerProcess) -> None:
    desk = await (await open_context("desk")).new_page()
    code = await open_room(desk, server)
    phone = await (await open_context("phone")).new_page()
    await phone.goto(lan_url(server, f"/r/{code}"))
    for nothing in ("\u3164", "\u2800", "\u200b\u2060", "\ufe0f"):
        await phone.get_by_label("Votre prénom et votre nom").fill(nothing)
        await phone.get_by_role("button", name="Entrer").click()
        await expect(phone.get_by_text("Écrivez votre nom.")).to_be_visible()
    await phone.get_by_label("Votre prénom et votre nom").fill("Lé\u200ba")
    await phone.get_by_role("button", name="Entrer").click()
    await expect(phone.get_by_text(re.compile("^Connecté"))).to_be_visible()
    for nothing in ("\u3164", "\u2800\n\u200b"):
        await phone.get_by_label("Votre idée").fill(nothing)
        await expect(phone.get_by_role("button", name="Envoyer", exact=True)).to_be_disabled()
    await write_idea(phone, "👨‍👩‍👧 می‌خواهم")
    await go_to(phone, "Tout")
    await expect(phone.locator("[id^='card-idea:']")).to_have_count(1)
    await expect(phone.locator("[id^='card-idea:'] .text")).to_have_text("👨‍👩‍👧 می‌خواهم")


async def test_L7_a_name_turns_nothing_around_it(open_context: OpenContext, server: ServerProcess) -> None:
    """The question stands behind the name, and the name's own sign on its own side of it."""
    desk = await (await open_context("desk")).new_page()
    code = await open_room(desk, server, title=f"{HEBREW} 2")
    await join(open_context, server, code, HEBREW)
    assert (await desk.title()).startswith(f"Pupitre · \u2068{HEBREW} 2\u2069 · Palabre")
    await desk.get_by_role("button", name="Personnes").click()
    await desk.get_by_role("button", name=f"Gérer \u2068{HEBREW}\u2069").click()
    await desk.get_by_role("button", name="Faire sortir de la séance").click()
    question = desk.locator("strong", has_text="Faire sortir")
    places = await question.evaluate("""(element) => {
        const text = element.firstChild
        const left = (sign) => {
            const range = document.createRange()
            const at = text.data.indexOf(sign)
            range.setStart(text, at); range.setEnd(text, at + 1)
            return range.getBoundingClientRect().left
        }
        return { verb: left('F'), mark: left('!'), last: left('ם'), asked: left('?') }
    }""")
    await picture(desk, "isolated")
    assert places["verb"] < places["mark"] < places["last"] < places["asked"], places


async def test_figures_have_a_plain_zero(open_context: OpenContext, server: ServerProcess) -> None:
    """The zero of the face that texts are set in is crossed out: « 2 000 € » had three of them. Figures are of the headings' face."""
    desk = await (await open_context("desk")).new_page()
    code = await open_room(desk, server)
    phone = await join(open_context, server, code, "Awa")
    await write_idea(phone, "Signer 2 000 € : de 19 h à 7 h 30, en 45 min ?")
    await go_to(phone, "Tout")
    await expect(phone.locator("[id^='card-idea:'] .text")).to_have_text(
        "Signer 2\u00a0000\u00a0€\u00a0: de 19\u00a0h à 7\u00a0h\u00a030, en 45\u00a0min\u00a0?"
    )
    await picture(phone, "figures")
    widths = await phone.evaluate("""async () => {
        await document.fonts.ready
        const pen = document.createElement('canvas').getContext('2d')
        const wide = (family) => { pen.font = `400 100px '${family}'`; return [...'0123456789'].map((sign) => pen.measureText(sign).width) }
        return [wide('Atkinson Hyperlegible Next Variable'), wide('Bricolage Grotesque Variable')]
    }""")
    assert widths[0] == widths[1]
    assert widths[0] != await phone.evaluate("""() => {
        const pen = document.createElement('canvas').getContext('2d')
        pen.font = '400 100px sans-serif'
        return [...'0123456789'].map((sign) => pen.measureText(sign).width)
    }"""), "the faces are there"
