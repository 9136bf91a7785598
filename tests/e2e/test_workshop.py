"""A workshop from its ideas to what comes next, as its people see it (SPEC V, K, U, G12, G13)."""

import re

from playwright.async_api import Page, expect

from client_demo.python.sdk import new_id
from tests.e2e.conftest import OpenContext, picture
from tests.e2e.crowd import crowd
from tests.e2e.people import face, go_to, join, open_menu, open_room, see_all, write_idea
from tests.e2e.test_agenda import open_workshop, screen_of
from tests.services import ServerProcess

DOUBLE, MEETING, BADGE = "Supprimer la double saisie", "Raccourcir les réunions", "Un badge pour tous les sites"


async def step(host: Page, title: str) -> None:
    await host.get_by_role("button", name=f"Aller à l’étape « {title} »").click()


async def with_ideas(host: Page, phone: Page) -> None:
    """Three ideas that everyone reads."""
    await step(host, "Rapprocher")
    await expect(phone.get_by_role("heading", name="Rapprocher")).to_be_visible()
    for text in (DOUBLE, MEETING, BADGE):
        await write_idea(phone, text)
        await expect(face(phone, text)).to_be_visible()


async def put(phone: Page, text: str) -> None:
    await phone.get_by_role("button", name=f"Ajouter une gommette à : {text}").click()


async def test_V3_dots_are_secret_until_the_vote_is_closed_and_then_revealed(
    open_context: OpenContext, server: ServerProcess
) -> None:
    host, code = await open_workshop(open_context, server)
    phone, other = [await join(open_context, server, code, name) for name in ("Paul Roussel", "Nadia Benali")]
    screen = await screen_of(open_context, server, code)
    await with_ideas(host, phone)
    await step(host, "Choisir")
    await expect(phone.get_by_text("Il vous reste 5 gommettes sur 5")).to_be_visible()
    await put(phone, DOUBLE)
    await put(phone, DOUBLE)
    await put(phone, BADGE)
    await expect(phone.get_by_text("Il vous reste 2 gommettes sur 5")).to_be_visible()
    await phone.get_by_role("button", name=f"Reprendre une gommette à : {BADGE}").click()
    await expect(phone.get_by_text("Il vous reste 3 gommettes sur 5")).to_be_visible()
    await put(other, DOUBLE)
    await put(other, MEETING)
    await expect(host.get_by_role("definition")).to_contain_text("2")
    await expect(screen.get_by_text("personnes ont voté")).to_be_visible()
    # Reloaded, the ballot is what it was.
    await phone.reload()
    await expect(phone.get_by_text("Il vous reste 3 gommettes sur 5")).to_be_visible()

    # What the button will do is not said as if it were done.
    await expect(host.get_by_role("main").get_by_text("Plus personne ne peut voter.")).to_have_count(0, timeout=5_000)
    await expect(host.get_by_text("Clore fige les gommettes")).to_be_visible()
    await host.get_by_role("button", name="Clore le vote").click()
    await expect(phone.get_by_text("Le vote est clos.")).to_be_visible()
    await expect(host.get_by_role("definition")).to_contain_text("2")
    await expect(host.get_by_role("main").get_by_text("3 gommettes")).to_have_count(0)
    await expect(host.get_by_role("button", name="Rouvrir")).to_be_visible()
    await host.get_by_role("button", name="Voir le résultat").click()
    await host.get_by_role("alert").get_by_role("button", name="Voir le résultat").click()
    await expect(host.get_by_role("main").get_by_text("3 gommettes")).to_be_visible()
    await expect(host.get_by_role("button", name="Rouvrir")).to_have_count(0)
    for page in (phone, other, screen):
        await expect(page.get_by_text("3 gommettes")).to_have_count(0)
    await host.get_by_role("button", name="Révéler le résultat").click()
    await host.get_by_role("alert").get_by_role("button", name="Révéler le résultat").click()
    await expect(screen.get_by_role("heading", name=re.compile("Résultat"))).to_be_visible()
    await expect(screen.get_by_role("listitem").first).to_contain_text(DOUBLE)
    await expect(phone.get_by_text("3 gommettes")).to_be_visible()


async def test_V5_a_table_says_how_many_it_is(open_context: OpenContext, server: ServerProcess) -> None:
    host, code = await open_workshop(open_context, server)
    phone = await join(open_context, server, code, "Table 4")
    await with_ideas(host, phone)
    await go_to(phone, "Moi")
    await phone.get_by_label("Combien êtes-vous derrière ce téléphone ?").fill("8")
    await phone.keyboard.press("Enter")
    await step(host, "Choisir")
    await go_to(phone, "Maintenant")
    await expect(phone.get_by_text("chaque gommette compte pour 8 personnes")).to_be_visible()
    await put(phone, MEETING)
    await host.get_by_role("button", name="Clore le vote").click()
    await host.get_by_role("button", name="Voir le résultat").click()
    await host.get_by_role("alert").get_by_role("button", name="Voir le résultat").click()
    await expect(host.get_by_text("Cela compte pour 8 personnes.")).to_be_visible()
    await expect(host.get_by_role("main").get_by_text("8 gommettes")).to_be_visible()
    # What was chosen and is hidden since was chosen all the same.
    await host.get_by_role("button", name="Tableau", exact=True).click()
    await face(host, MEETING).click()
    await host.get_by_role("button", name="Masquer", exact=True).click()
    await host.get_by_role("button", name="L’étape", exact=True).click()
    await expect(host.get_by_text("1 idée a été retirée depuis.")).to_be_visible(timeout=10_000)
    await expect(host.get_by_text("Personne n’a placé de gommette.")).to_have_count(0, timeout=5_000)


async def test_G13_two_ideas_become_one_and_two_again(open_context: OpenContext, server: ServerProcess) -> None:
    host, code = await open_workshop(open_context, server)
    phone = await join(open_context, server, code, "Paul Roussel")
    await with_ideas(host, phone)
    await see_all(phone)
    # By touch, on the phone.
    await face(phone, DOUBLE).click()
    await phone.get_by_role("button", name="Dit la même chose que…").click()
    await face(phone, MEETING).click()
    await expect(phone.get_by_text("et 1 idée semblable")).to_be_visible()
    await expect(host.get_by_text("et 1 idée semblable")).to_be_visible()
    # By keyboard, at the desk: one key, then the other card.
    await face(host, BADGE).focus()
    await host.keyboard.press("m")
    await face(host, MEETING).focus()
    await host.keyboard.press("Enter")
    await expect(phone.get_by_text("et 2 idées semblables")).to_be_visible()
    await face(host, MEETING).click()
    await host.get_by_role("button", name=f"Séparer : {DOUBLE}").click()
    await expect(face(phone, DOUBLE)).to_be_visible()
    await expect(phone.get_by_text("et 1 idée semblable")).to_be_visible()


async def test_G13_whose_card_goes_takes_no_other_with_it(open_context: OpenContext, server: ServerProcess) -> None:
    """Seen: the other's text was gone from phones, desk, screen and minutes, and nobody could bring it back."""
    host, code = await open_workshop(open_context, server)
    phone, other = [await join(open_context, server, code, name) for name in ("Paul Roussel", "Nadia Benali")]
    screen = await screen_of(open_context, server, code)
    await with_ideas(host, phone)
    await write_idea(other, "Une seule saisie")
    await see_all(phone)
    await face(phone, DOUBLE).click()
    await phone.get_by_role("button", name="Dit la même chose que…").click()
    await face(phone, "Une seule saisie").click()
    for page in (phone, host):
        await expect(page.get_by_text("et 1 idée semblable")).to_be_visible()
        await expect(page.get_by_text("Nadia Benali, Paul Roussel")).to_be_visible()
        await expect(face(page, DOUBLE)).to_have_count(0)
    await face(host, "Une seule saisie").click()
    await picture(host, "reunies-pupitre")
    await host.get_by_role("button", name="Montrer à l’écran").click()
    await expect(screen.get_by_text(DOUBLE)).to_be_visible()
    await picture(screen, "reunies-ecran")
    await host.get_by_role("button", name="Retirer de l’écran").click()
    await host.get_by_role("button", name="Masquer", exact=True).click()
    await host.get_by_role("button", name="Fermer", exact=True).click()

    await expect(screen.get_by_text(DOUBLE)).to_be_visible()
    await expect(screen.get_by_text("Une seule saisie")).to_have_count(0)
    await expect(face(phone, DOUBLE)).to_be_visible()
    await face(phone, DOUBLE).click()
    await expect(phone.get_by_text("Elle était réunie avec une idée qui n’est plus affichée.")).to_be_visible()
    await picture(phone, "reunie-seule-telephone")
    await face(host, DOUBLE).click()
    await picture(host, "reunie-seule-pupitre")
    await host.get_by_role("button", name="Séparer").click()
    await expect(host.get_by_text("Elle était réunie")).to_have_count(0)


async def test_who_can_help_with_what_is_found_by_everyone(open_context: OpenContext, server: ServerProcess) -> None:
    host, code = await open_workshop(open_context, server)
    phone, other = [await join(open_context, server, code, name) for name in ("Paul Roussel", "Nadia Benali")]
    for n in range(5):
        await join(open_context, server, code, f"Invité {n}")
    await step(host, "Qui est là ?")
    await expect(phone.get_by_role("heading", name="Qui est là ?")).to_be_visible()
    await write_idea(phone, "Préparer un budget d’investissement")
    await write_idea(phone, "Lire un contrat")
    await write_idea(phone, "Lire un contrat")
    await see_all(other)
    await other.get_by_role("button", name="Personnes").click()
    people = other.locator(".people")
    await expect(people.get_by_role("listitem").filter(has_text="Paul Roussel")).to_contain_text("Préparer un budget")
    await other.get_by_label("Chercher un nom, ou une aide proposée").fill("BUDGET")
    await expect(people.get_by_role("listitem")).to_have_count(1)
    await expect(people.get_by_role("button")).to_have_count(0)
    await picture(other, "qui-peut-aider")
    # It is no idea of the board (G14), and stays its author's to change.
    await step(host, "Rapprocher")
    await expect(phone.get_by_role("heading", name="Rapprocher")).to_be_visible()
    await expect(face(phone, "Lire un contrat")).to_have_count(0)
    await expect(face(host, "Lire un contrat")).to_have_count(0)
    await go_to(phone, "Moi")
    await phone.get_by_role("button", name="Retirer : Lire un contrat").first.click()
    await expect(phone.get_by_role("button", name="Retirer : Lire un contrat")).to_have_count(1)
    await phone.get_by_role("button", name="Modifier : Lire un contrat").click()
    await phone.get_by_label("Modifier l’idée").fill("Lire un contrat fournisseur")
    await phone.get_by_role("button", name="Enregistrer").click()
    await other.get_by_label("Chercher un nom, ou une aide proposée").fill("contrat")
    await expect(people.locator(".skill")).to_have_text(
        ["Préparer un budget d’investissement", "Lire un contrat fournisseur"]
    )


async def test_Q4_a_host_is_shown_what_may_say_the_same_and_joins_it(
    open_context: OpenContext, server: ServerProcess
) -> None:
    host, code = await open_workshop(open_context, server)
    phone = await join(open_context, server, code, "Paul Roussel")
    await with_ideas(host, phone)
    for text in ("Supprimer la saisie en double", "Trois badges pour tous les sites"):
        await write_idea(phone, text)
        await expect(face(host, text)).to_be_visible()
    similar = host.get_by_role("region", name="Idées semblables")
    await similar.get_by_role("button", name="Chercher les idées semblables").click()
    await expect(similar.get_by_role("listitem")).to_have_text([DOUBLE, "Supprimer la saisie en double"])
    await picture(host, "semblables")
    await similar.get_by_role("button", name="Les réunir").click()
    await expect(host.get_by_text("et 1 idée semblable")).to_be_visible()
    await expect(similar.get_by_text("Aucune idée semblable.")).to_be_visible()


async def test_G12_everyone_groups_while_a_step_is_for_that(open_context: OpenContext, server: ServerProcess) -> None:
    host, code = await open_workshop(open_context, server)
    phone = await join(open_context, server, code, "Paul Roussel")
    await with_ideas(host, phone)
    await see_all(phone)
    await phone.get_by_role("button", name="Ajouter un groupe").click()
    await phone.get_by_label("Nom du groupe").fill("Moins de saisie")
    await phone.keyboard.press("Enter")
    await expect(host.get_by_role("region", name="Groupe A, Moins de saisie")).to_be_visible()
    await step(host, "Choisir")
    await expect(phone.get_by_role("button", name="Ajouter un groupe")).to_have_count(0)


async def test_U3_a_question_on_the_fly_shows_nothing_of_a_few(
    open_context: OpenContext, server: ServerProcess
) -> None:
    host, code = await open_workshop(open_context, server)
    phone = await join(open_context, server, code, "Paul Roussel")
    screen = await screen_of(open_context, server, code)
    await host.get_by_role("button", name="Poser une question").click()
    await host.get_by_label("Votre question").fill("Partez-vous confiants ?")
    await host.get_by_role("button", name="Poser la question").click()
    await expect(screen.get_by_role("heading", name="Partez-vous confiants ?")).to_be_visible()
    await phone.get_by_role("button", name="4", exact=True).click()
    await expect(phone.get_by_role("button", name="4", exact=True)).to_have_attribute("aria-pressed", "true")
    await expect(phone.get_by_text("il faut au moins cinq réponses")).to_be_visible()
    # Nobody and too few look the same.
    for page in (phone, host, screen):
        await expect(page.get_by_text("Pas encore de résultat à montrer").first).to_be_visible()
        await expect(page.get_by_text("1 réponse")).to_have_count(0)
    await host.get_by_role("button", name="Clore la question").click()
    # What came of it stays until the host moves on (U8), and takes no answer.
    await expect(phone.get_by_role("button", name="4", exact=True)).to_have_count(0)
    for page in (phone, screen):
        await expect(page.get_by_role("heading", name="Partez-vous confiants ?")).to_be_visible()
    await picture(phone, "question-close")
    await picture(host, "question-close-pupitre")
    await host.get_by_role("button", name="Revenir à l’étape").click()
    for page in (phone, screen):
        await expect(page.get_by_role("heading", name="Partez-vous confiants ?")).to_have_count(0)
    # By name, each answer is there at once.
    await host.get_by_role("button", name="Poser une question").click()
    await host.get_by_label("Votre question").fill("On continue ?")
    await host.get_by_role("button", name="Par un choix").click()
    await host.get_by_label("Les choix, un par ligne").fill("Oui\nNon, une pause")
    await host.get_by_role("switch", name="Réponses anonymes").click()
    await host.get_by_role("button", name="Poser la question").click()
    await phone.get_by_role("button", name="Non, une pause").click()
    await expect(screen.get_by_role("listitem").filter(has_text="Non, une pause")).to_contain_text("1")


async def test_U9_several_answers_are_chosen_and_sent_together(
    open_context: OpenContext, server: ServerProcess
) -> None:
    host, code = await open_workshop(open_context, server)
    phone = await join(open_context, server, code, "Paul Roussel")
    screen = await screen_of(open_context, server, code)
    await host.get_by_role("button", name="Poser une question").click()
    await host.get_by_label("Votre question").fill("Que garder ?")
    await host.get_by_role("button", name="Par un choix").click()
    await host.get_by_label("Les choix, un par ligne").fill("Les horaires\nLe lieu\nLe contenu")
    await host.get_by_role("switch", name="Plusieurs réponses").click()
    await host.get_by_role("switch", name="Réponses anonymes").click()
    await picture(host, "plusieurs-reponses-pupitre")
    await host.get_by_role("button", name="Poser la question").click()
    await expect(phone.get_by_text("Plusieurs réponses possibles.")).to_be_visible()
    send = phone.get_by_role("button", name="Répondre", exact=True)
    await expect(send).to_be_disabled()
    for option in ("Le contenu", "Les horaires"):
        await phone.get_by_role("button", name=option).click()
    await send.click()
    rows = screen.get_by_role("listitem")
    await expect(rows.filter(has_text="Les horaires")).to_contain_text("1")
    await expect(rows.filter(has_text="Le lieu")).to_contain_text("0")
    await expect(screen.get_by_text("1 réponse")).to_be_visible()
    label = screen.locator(".bars .label").first
    assert await label.evaluate("label => parseFloat(getComputedStyle(label).fontSize) / innerHeight") > 0.04
    await picture(phone, "plusieurs-reponses")
    await picture(screen, "plusieurs-reponses-ecran")
    # It is thought over, and what was sent is there after a reload.
    await phone.get_by_role("button", name="Les horaires").click()
    await send.click()
    await expect(rows.filter(has_text="Les horaires")).to_contain_text("0")
    await phone.reload()
    await expect(phone.get_by_role("button", name="Le contenu")).to_have_attribute("aria-pressed", "true")
    await expect(phone.get_by_role("button", name="Les horaires")).to_have_attribute("aria-pressed", "false")


async def test_U5_whether_it_was_worth_the_time_is_asked_with_one_press(
    open_context: OpenContext, server: ServerProcess
) -> None:
    host, code = await open_workshop(open_context, server)
    phone = await join(open_context, server, code, "Paul Roussel")
    await host.get_by_role("button", name="Poser une question").click()
    ready = host.get_by_role("button", name="Prête : la séance valait-elle votre temps ?")
    # What somebody has written is not taken from under their hand.
    await host.get_by_label("Votre question").fill("On continue ?")
    await expect(ready).to_have_count(0)
    await host.get_by_label("Votre question").fill("")
    await host.get_by_role("button", name="Par un choix").click()
    await picture(host, "roti-pupitre-propose")
    await ready.click()
    await expect(host.get_by_label("Ce que veut dire 1")).to_have_value("du temps perdu")
    await expect(host.get_by_role("button", name="Poser la question")).to_be_focused()
    await picture(host, "roti-pupitre")
    await host.get_by_role("button", name="Poser la question").click()
    await expect(phone.get_by_role("heading", name="Cette séance valait-elle votre temps ?")).to_be_visible()
    await expect(phone.get_by_text("je n’aurais pas pu mieux l’employer")).to_be_visible()
    await picture(phone, "roti-telephone")
    people = [phone, *[await join(open_context, server, code, f"Personne {n}") for n in range(4)]]
    screen = await screen_of(open_context, server, code)
    await expect(screen.get_by_text("Pas encore de résultat à montrer")).to_be_visible()
    for each, value in zip(people, "54453", strict=True):
        await each.get_by_role("button", name=value, exact=True).click()
    await expect(screen.get_by_text("je n’aurais pas pu mieux l’employer")).to_be_visible()
    await picture(screen, "roti-ecran")


async def test_K1_what_is_decided_goes_home_with_everyone(open_context: OpenContext, server: ServerProcess) -> None:
    host, code = await open_workshop(open_context, server)
    phone, other = [await join(open_context, server, code, name) for name in ("Paul Roussel", "Nadia Benali")]
    screen = await screen_of(open_context, server, code)
    await with_ideas(host, phone)
    await step(host, "Décider")
    await face(host, DOUBLE).click()
    await host.get_by_role("button", name="En faire une décision").click()
    await host.get_by_label("Ce qui est décidé").fill("Une seule saisie des commandes au 1er mars")
    await host.get_by_role("button", name="Décider", exact=True).click()
    await expect(screen.get_by_text("Une seule saisie des commandes au 1er mars")).to_be_visible()
    await expect(phone.get_by_text("D’après : « Supprimer la double saisie »")).to_be_visible()
    aside = host.get_by_role("complementary")
    await aside.get_by_role("button", name=re.compile("^Décisions")).click()
    await aside.get_by_role("button", name="Ajouter une action", exact=True).click()
    await aside.get_by_label("Ce qu’il y a à faire").fill("Réunir les deux équipes")
    await aside.get_by_label("Qui s’en charge").select_option("Paul Roussel")
    await aside.get_by_label("Pour quel jour").fill("2027-01-12")
    await aside.get_by_label("Premier pas").fill("Appeler Hélène lundi")
    await aside.get_by_role("button", name="Enregistrer").click()
    await expect(screen.get_by_text("pour mardi 12 janvier")).to_be_visible()

    await step(host, "La suite")
    await expect(phone.get_by_role("heading", name="Vos actions")).to_be_visible()
    await expect(phone.get_by_text("pour mardi 12 janvier")).to_be_visible()
    await expect(phone.get_by_text("Décidé : « Une seule saisie des commandes au 1er mars »")).to_be_visible()
    await phone.get_by_label("Je m’engage à").fill("Montrer la démarche à mon équipe")
    await phone.get_by_role("switch", name="Le partager avec tout le monde").click()
    await phone.get_by_role("button", name="M’engager").click()
    await expect(phone.locator("main").get_by_text("Enregistré")).to_be_visible()
    await expect(other.get_by_text("Montrer la démarche à mon équipe")).to_be_visible()
    await other.get_by_label("Je m’engage à").fill("Arrêter mes réunions de 8 h")
    await other.get_by_role("button", name="M’engager").click()
    await expect(other.locator("main").get_by_text("Enregistré")).to_be_visible()
    assert "Arrêter mes réunions" not in await phone.content()
    await phone.get_by_role("checkbox", name="Réunir les deux équipes").check()
    await expect(aside.get_by_role("checkbox", name="Réunir les deux équipes")).to_be_checked()

    async with phone.context.expect_page() as opened:
        await phone.get_by_role("link", name="Ouvrir le compte rendu").click()
    page = await opened.value
    evidence = page.locator("blockquote").filter(has_text=DOUBLE)
    await expect(evidence).to_be_hidden()
    await page.get_by_text("D’où vient cette décision").click()
    await expect(evidence).to_be_visible()
    async with phone.expect_download() as download:
        await phone.get_by_role("button", name="Excel").click()
    assert (await download.value).suggested_filename.startswith("Compte rendu ")

    # What was decided by mistake is taken back by who holds the pen, and never by one press.
    decided = "Une seule saisie des commandes au 1er mars"
    await aside.get_by_role("button", name="Modifier l’action : Réunir les deux équipes").click()
    await aside.get_by_role("button", name="Retirer l’action : Réunir les deux équipes").click()
    await aside.get_by_role("button", name="Retirer l’action", exact=True).click()
    await expect(phone.get_by_role("checkbox", name="Réunir les deux équipes")).to_have_count(0)
    await aside.get_by_role("button", name=f"Modifier la décision : {decided}").click()
    await aside.get_by_role("button", name=f"Retirer la décision : {decided}").click()
    await aside.get_by_role("button", name="Retirer la décision", exact=True).click()
    await expect(phone.get_by_text(f"Décidé : « {decided} »")).to_have_count(0)


async def test_U5_a_scale_has_the_words_that_fit_its_question(open_context: OpenContext, server: ServerProcess) -> None:
    host = await (await open_context("desk")).new_page()
    code = await open_room(host, server, template="Rétrospective")
    phone = await join(open_context, server, code, "Paul Roussel")
    screen = await screen_of(open_context, server, code)
    await host.get_by_role("button", name="Régler l’étape « Météo »").click()
    await host.get_by_label("On y répond").select_option("De 1 à 5")
    await host.get_by_label("Ce que veut dire 1").fill("difficilement")
    await host.get_by_label("Ce que veut dire 1").blur()
    await host.get_by_label("Ce que veut dire 5").fill("avec bonheur")
    await host.get_by_label("Ce que veut dire 5").blur()
    await host.get_by_role("button", name="Commencer : Météo").click()
    # U4: it asks as one comes to it.
    await expect(
        phone.get_by_role("heading", name="Quel temps a-t-il fait pour vous ces dernières semaines ?").first
    ).to_be_visible()
    await expect(phone.get_by_text("difficilement")).to_be_visible()
    await expect(phone.get_by_text("avec bonheur")).to_be_visible()
    await expect(phone.get_by_text("tout à fait")).to_have_count(0)
    # One answers by hand.
    await expect(phone.get_by_text("à voix haute")).to_have_count(0)
    await picture(phone, "bouts-echelle-telephone")
    await phone.get_by_role("button", name="4", exact=True).click()
    participants = [await join(open_context, server, code, f"Personne {n}") for n in range(4)]
    for n, participant in enumerate(participants):
        await participant.get_by_role("button", name=f"{1 + n}", exact=True).click()
    await expect(screen.get_by_text("avec bonheur")).to_be_visible()
    await expect(phone.get_by_role("listitem").filter(has_text="avec bonheur")).to_be_visible()


NARROWER_THAN_THEIR_WORDS = """buttons => buttons.filter((button) => {
    const words = document.createRange()
    words.selectNodeContents(button)
    const [inner, outer] = [words.getBoundingClientRect(), button.getBoundingClientRect()]
    return inner.left < outer.left + 4 || inner.right > outer.right - 4
}).map((button) => button.textContent.trim())"""


async def test_U7_the_weather_is_answered_and_shown_in_pictures(
    open_context: OpenContext, server: ServerProcess
) -> None:
    host = await (await open_context("desk")).new_page()
    code = await open_room(host, server, template="Météo")
    phone = await join(open_context, server, code, "Paul Roussel")
    screen = await screen_of(open_context, server, code)
    await host.get_by_role("button", name="Commencer : Météo").click()
    await expect(screen.get_by_role("heading", name="Quel temps fait-il pour vous aujourd’hui ?")).to_be_visible()
    asked = phone.get_by_role("group", name="Quel temps fait-il pour vous aujourd’hui ?")
    await expect(asked.get_by_role("button")).to_have_text(["Grand soleil", "Éclaircies", "Nuages", "Pluie", "Orage"])
    await expect(asked.locator("svg")).to_have_count(5)
    await picture(phone, "meteo-telephone")
    # Seen: on a narrow phone the longest word passed its frame.
    for width in (390, 360):
        await phone.set_viewport_size({"width": width, "height": 780})
        assert await asked.get_by_role("button").evaluate_all(NARROWER_THAN_THEIR_WORDS) == []
    await phone.get_by_role("button", name="Éclaircies").click()
    await expect(phone.get_by_role("button", name="Éclaircies")).to_have_attribute("aria-pressed", "true")
    await expect(phone.get_by_text("Pas encore de résultat à montrer")).to_be_visible()
    others = [await join(open_context, server, code, f"Personne {n}") for n in range(4)]
    for other, weather in zip(others, ("Éclaircies", "Pluie", "Grand soleil", "Nuages"), strict=True):
        await other.get_by_role("button", name=weather).click()
    for page in (phone, host, screen):
        shown = page.get_by_role("listitem").filter(has=page.locator("svg"), has_text="Éclaircies").first
        await expect(shown).to_have_text(re.compile(r"2\s*Éclaircies"))
        await expect(page.get_by_text("Moyenne")).to_have_count(0)
    await phone.get_by_text("Éclaircies").last.scroll_into_view_if_needed()
    for page, name in ((phone, "telephone"), (host, "pupitre"), (screen, "ecran")):
        await picture(page, f"meteo-resultat-{name}")
    await open_menu(host, "Compte rendu")
    async with host.context.expect_page() as opened:
        await host.get_by_role("link", name="Ouvrir le compte rendu").click()
    minutes = await opened.value
    await expect(minutes.get_by_role("listitem").filter(has_text="Éclaircies")).to_contain_text("2")
    await picture(minutes, "meteo-compte-rendu")


async def test_U4_a_step_that_is_a_question_asks_it_with_one_press(
    open_context: OpenContext, server: ServerProcess
) -> None:
    host = await (await open_context("desk")).new_page()
    code = await open_room(host, server, template="Météo")
    phone = await join(open_context, server, code, "Paul Roussel")
    screen = await screen_of(open_context, server, code)
    await host.get_by_role("button", name="Régler l’étape « Météo »").click()
    await host.get_by_role("switch", name="Poser la question dès l’ouverture").click()
    await host.get_by_role("button", name=re.compile("^Commencer")).click()
    await host.get_by_role("button", name="Poser la question", exact=True).click()
    await expect(screen.get_by_role("heading", name="Quel temps fait-il pour vous aujourd’hui ?")).to_be_visible()
    await expect(phone.get_by_role("heading", name="Quel temps fait-il pour vous aujourd’hui ?").first).to_be_visible()
    await expect(phone.get_by_role("button", name="Grand soleil")).to_be_visible()
    await host.get_by_role("button", name="Clore la question").click()
    # Back and forth, it is not put twice by itself.
    await step(host, "En parler")
    await step(host, "Météo")
    await expect(host.get_by_role("button", name="Poser une question")).to_be_visible()
    await expect(host.get_by_role("button", name="Poser la question", exact=True)).to_have_count(0)
    # Where a question was all that was done, it is over for everyone once the host ends it.
    await step(host, "En parler")
    await host.get_by_role("button", name="Terminer").click()
    await expect(phone.get_by_role("heading", name=re.compile("^C’est terminé"))).to_be_visible(timeout=10_000)
    await expect(screen.get_by_role("heading", name="C’est terminé. Merci à vous.")).to_be_visible()
    await expect(host.get_by_role("button", name=re.compile("^Recommencer"))).to_be_visible()


async def test_V5_a_table_larger_than_the_room_takes_for_granted_is_confirmed_by_a_press(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 1) as people:
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat())
        await go_to(phone, "Moi")
        await phone.get_by_label("Combien êtes-vous derrière ce téléphone ?").fill("14")
        await phone.get_by_label("Combien êtes-vous derrière ce téléphone ?").blur()
        await expect(phone.get_by_text("d’ici là vous comptez pour 10 personnes")).to_be_visible()

        desk = await (await open_context("desk")).new_page()
        await desk.goto(people.desk())
        waiting = desk.get_by_role("region", name="Tables à confirmer")
        await expect(waiting).to_contain_text(f"{people.names[1]} dit répondre pour 14 personnes.")
        await picture(desk, "weights-waiting")
        await waiting.get_by_role("button", name=f"Confirmer 14 : {people.names[1]}").click()
        await expect(waiting).to_have_count(0)
        await expect(phone.get_by_text("d’ici là")).to_have_count(0)
        await expect(phone.get_by_label("Combien êtes-vous derrière ce téléphone ?")).to_have_value("14")

        # Where all tables are known by name, a host may ask to see each of them.
        await open_menu(desk, "Plus")
        await desk.get_by_label("Personnes derrière un téléphone, sans vous demander").fill("1")
        await desk.get_by_label("Personnes derrière un téléphone, sans vous demander").blur()
        await people.participants[0].do("member.weight", weight=15)
        await waiting.get_by_role("button", name="En rester à 14").click()
        await expect(waiting).to_have_count(0)
        await go_to(phone, "Moi")
        await expect(phone.get_by_label("Combien êtes-vous derrière ce téléphone ?")).to_have_value("14")


async def test_H8_nobody_is_told_that_the_minutes_hold_what_they_leave_out(
    open_context: OpenContext, server: ServerProcess
) -> None:
    async with crowd(server, 1) as people:
        blind = await people.step("ideate", "En silence", blind="nobody")
        await people.host.do("step.go", id=blind)
        await people.participants[0].do("idea.add", id=new_id("idea"), text="Écrite, jamais montrée")
        await people.host.do("step.go", id=await people.step("next", "La suite"))
        await people.participants[0].do("idea.add", id=(shown := new_id("idea")), text="Lue de tous")
        await people.host.until(lambda room: any(idea["id"] == shown for idea in room.all("idea")))
        phone = await (await open_context("phone")).new_page()
        await phone.goto(people.seat())
        fates = phone.get_by_role("listitem").filter(has_text="compte rendu")
        await expect(fates.filter(has_text="Écrite, jamais montrée")).to_contain_text("Pas au compte rendu")
        await expect(fates.filter(has_text="Lue de tous")).to_contain_text("Figure au compte rendu")
