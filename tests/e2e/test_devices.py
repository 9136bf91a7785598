"""What people's devices do that no test of ours would think of: clocks that are set, input methods, pages that are translated."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.e2e.conftest import OpenContext, lan_url, picture
from tests.e2e.crowd import crowd
from tests.e2e.people import face, go_to, open_room, see_all, sheet_is_gone
from tests.services import ServerProcess

CLOCK_THAT_IS_SET = """(() => {
    const now = Date.now
    window.setBy = 0
    Date.now = () => now() + window.setBy
})()"""

READ_TIMER = """() => new Promise((done) => {
    const read = []
    let frames = 1_000
    const look = () => {
        const [text] = document.querySelector('[role=timer]')?.textContent.match(/\\d+:\\d\\d/) ?? ['none']
        if (read.at(-1) !== text) read.push(text)
        if (read.length === 4 || (frames -= 1) === 0) done(read)
        else requestAnimationFrame(look)
    }
    look()
})"""
"""What the timer shows until it has changed three times, or ever so long."""


def seconds(shown: str) -> int:
    minutes, _, rest = shown.partition(":")
    return int(minutes) * 60 + int(rest)


async def test_a_timer_does_not_mind_how_its_device_is_set(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, participants=2) as people:
        step = await people.step("ideate", "Nos idées", "Que changer ?", minutes=10)
        await people.host.do("step.go", id=step)
        context = await open_context("phone")
        await context.add_init_script(CLOCK_THAT_IS_SET)
        phone = await context.new_page()
        await phone.goto(people.seat())
        await expect(phone.get_by_role("timer")).to_be_visible()
        right = seconds((await phone.evaluate(READ_TIMER))[-1])
        for by in (-3_600_000, 3_600_000, 7_200_000):
            await phone.evaluate(f"window.setBy = {by}")
            shown = [seconds(text) for text in await phone.evaluate(READ_TIMER)]
            assert shown == [shown[0], shown[0] - 1, shown[0] - 2, shown[0] - 3], (by, shown)
            # The time since the last look, on a machine that may have other things to do.
            assert right - 30 < shown[0] <= right, (by, shown)
            right = shown[-1]
            await expect(phone.get_by_text("Temps écoulé")).to_have_count(0)
            await expect(phone.get_by_text("Connecté")).to_be_visible()


async def press_while_composing(page: Page, key: str) -> None:
    """Enter, or Escape, as the input method gets it: first as most browsers tell of it, then in Safari's order."""
    await page.evaluate(
        """(key) => {
            const field = document.activeElement
            const press = (fields) =>
                field.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...fields }))
            const compose = (kind) => field.dispatchEvent(new CompositionEvent(kind, { bubbles: true, data: '会議' }))
            compose('compositionstart')
            press({ keyCode: 229, isComposing: true })
            compose('compositionend')
            press({ keyCode: 229 })
        }""",
        key,
    )


async def test_an_input_method_keeps_its_enter_and_escape(open_context: OpenContext, server: ServerProcess) -> None:
    context = await open_context("phone")
    page = await context.new_page()
    await open_room(page, server)
    await page.get_by_role("link", name="Participer").click()

    idea = page.get_by_label("Votre idée")
    await idea.fill("会議を減らす")
    await press_while_composing(page, "Enter")
    await expect(idea).to_have_value("会議を減らす")
    await idea.press("Enter")
    await expect(idea).to_have_value("")

    await see_all(page)
    await face(page, "会議を減らす").click()
    await page.get_by_role("button", name="Modifier", exact=True).click()
    edited = page.get_by_label("Modifier l’idée")
    await edited.fill("会議を半分に")
    await press_while_composing(page, "Escape")
    await expect(edited).to_have_value("会議を半分に")
    await edited.press("Escape")
    await expect(edited).to_have_count(0)
    await page.get_by_role("button", name="Fermer").click()

    search = page.get_by_label("Chercher dans la séance")
    await search.fill("会議")
    await press_while_composing(page, "Escape")
    await expect(search).to_have_value("会議")
    await search.press("Escape")
    await expect(search).to_have_value("")

    await page.get_by_role("button", name="Messages").click()
    message = page.get_by_label("Votre message")
    await message.fill("よろしく")
    await press_while_composing(page, "Enter")
    await expect(message).to_have_value("よろしく")
    await message.press("Enter")
    await expect(page.get_by_text("よろしく")).to_be_visible()

    await page.goto(lan_url(server, urlsplit(page.url).path + "/host"))
    await go_to(page, "Tableau")
    await page.get_by_role("button", name="Ajouter un groupe").click()
    title = page.get_by_label("Nom du groupe")
    await title.fill("会議")
    await press_while_composing(page, "Escape")
    await expect(title).to_have_value("会議")
    await title.press("Escape")
    await expect(title).to_have_count(0)


TRANSLATE = """(inside) => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const all = []
    while (texts.nextNode()) all.push(texts.currentNode)
    for (const text of all) {
        const around = text.parentElement
        if (!text.data.trim() || around.closest('script, style, textarea, svg, [translate=no], font')) continue
        const outer = document.createElement('font'), inner = document.createElement('font')
        outer.append(inner)
        text.replaceWith(outer)
        if (inside) inner.append(text)
        else inner.append(text.data)
    }
}"""
"""As browsers do: each text is replaced by a `<font>` that holds its translation, here in the same words; or put into one."""


@pytest.mark.parametrize("inside", [False, True], ids=["replaced", "wrapped"])
async def test_a_page_that_the_browser_translates_goes_on_living(
    open_context: OpenContext, server: ServerProcess, inside: bool
) -> None:
    async with crowd(server, participants=3) as people:
        await people.ideas(["Moins de réunions", "Dire merci"])
        step = await people.step("vote", "Choisir", "Que porteriez-vous ?", minutes=10, budget=3, cap=2)
        await people.host.do("step.go", id=step)
        phone = await (await open_context("phone")).new_page()
        desk = await (await open_context("desk")).new_page()
        await phone.goto(people.seat())
        await desk.goto(people.desk())
        await expect(phone.get_by_text("Il vous reste 3 gommettes sur 3")).to_be_visible()
        await expect(desk.get_by_role("timer").first).to_be_visible()
        for page in (phone, desk):
            await page.evaluate(TRANSLATE, inside)
            assert len(await page.evaluate(READ_TIMER)) == 4

        put = phone.get_by_role("button", name="Ajouter une gommette à : Dire merci")
        for left in ("2 gommettes", "1 gommette"):
            await put.click()
            await expect(phone.get_by_text(f"Il vous reste {left} sur 3")).to_be_visible()
            # What was translated once is translated again.
            await phone.evaluate(TRANSLATE, inside)
        await expect(phone.get_by_text("Il vous reste")).to_have_count(1)
        await expect(desk.get_by_text("1 personne a voté")).to_be_visible()
        for participant in people.participants[1:]:
            await participant.do("dots.put", step=step, on=people.host.all("idea")[0]["id"], count=1)
        await expect(desk.get_by_text("3 personnes ont voté")).to_be_visible()
        await expect(desk.get_by_text("1 personne a voté")).to_have_count(0)

        await people.host.do("step.go", id=await people.step("ideate", "Nos idées", "Que changer ?"))
        await expect(phone.get_by_text("Que changer ?", exact=True)).to_be_visible()
        await expect(phone.get_by_text("Que porteriez-vous ?")).to_have_count(0)
        await expect(phone.get_by_text("Il vous reste")).to_have_count(0)


COVERED = """(field) => {
    const { left, right, top, bottom } = field.getBoundingClientRect()
    for (const y of [top + 3, (top + bottom) / 2, bottom - 3]) {
        const there = document.elementFromPoint((left + right) / 2, y)
        if (there !== field) return there?.className ?? 'outside'
    }
    return null
}"""


async def test_back_on_a_phone_stays_inside(open_context: OpenContext, server: ServerProcess) -> None:
    async with crowd(server, participants=2) as people:
        await people.ideas(["Moins de réunions"])
        for seat, first, places in (
            (people.seat(), "Maintenant", ("Tout", "Moi")),
            (people.desk(), "Piloter", ("Tableau", "Messages")),
        ):
            phone = await (await open_context("phone")).new_page()
            await phone.goto(lan_url(server))
            await phone.goto(seat)
            nav = phone.get_by_role("navigation", name="Parties de la séance")
            await expect(nav.get_by_role("button", name=first)).to_have_attribute("aria-current", "page")
            room = phone.url
            for place in places:
                await go_to(phone, place)
            for place in (places[0], first):
                await phone.go_back()
                assert phone.url.split("?")[0] == room
                await expect(nav.get_by_role("button", name=place)).to_have_attribute("aria-current", "page")

            # A sheet goes by Back, and one that was closed leaves no entry behind.
            await go_to(phone, places[0])
            sheet = phone.get_by_role("group", name="Que faire de cette idée ?")
            await face(phone, "Moins de réunions").click()
            await expect(sheet).to_be_visible()
            await phone.go_back()
            await expect(sheet).to_have_count(0)
            await face(phone, "Moins de réunions").click()
            await sheet.get_by_role("button", name="Fermer").click()
            await expect(sheet).to_have_count(0)
            await expect(nav.get_by_role("button", name=places[0])).to_have_attribute("aria-current", "page")
            await sheet_is_gone(phone)
            await phone.reload()
            await expect(nav.get_by_role("button", name=places[0])).to_have_attribute("aria-current", "page")
            await phone.go_back()
            await expect(nav.get_by_role("button", name=first)).to_have_attribute("aria-current", "page")
            assert phone.url.split("?")[0] == room
            await phone.go_back()
            await phone.wait_for_url(lan_url(server))


async def test_in_landscape_with_a_keyboard_the_field_is_in_sight(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, participants=2) as people:
        step = await people.step("ideate", "Nos idées", "Que pourrions-nous changer ? Une idée par carte.", minutes=5)
        await people.host.do("step.go", id=step)
        await people.ideas([f"Idée {n}" for n in range(12)])
        phone = await (await open_context("phone", viewport={"width": 844, "height": 180})).new_page()
        await phone.goto(people.seat())
        await phone.get_by_label("Votre idée").focus()
        await picture(phone, "landscape-idea")
        await expect(phone.get_by_label("Votre idée")).to_be_in_viewport(ratio=1)
        await expect(phone.get_by_label("Votre idée")).to_be_focused()
        assert await phone.get_by_label("Votre idée").evaluate(COVERED) is None
        await phone.get_by_label("Votre idée").blur()
        await see_all(phone)
        await phone.get_by_role("button", name="Messages").click()
        await phone.get_by_label("Votre message").focus()
        await picture(phone, "landscape-message")
        await expect(phone.get_by_label("Votre message")).to_be_in_viewport(ratio=1)
        assert await phone.get_by_label("Votre message").evaluate(COVERED) is None
