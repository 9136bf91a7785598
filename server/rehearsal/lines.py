"""What people say who only seem to be there. Ideas come with the group that people would put them in; some say nearly the same."""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from protocol.choices import Lang


class Lines(NamedTuple):
    """Of one person.

    Attributes:
        skill: what he could help with.
        ideas: two.
        doubt: what he says when ideas are put to the test.
        commitment: what he commits to.
    """

    name: str
    skill: str
    ideas: tuple[str, str]
    doubt: str
    commitment: str


class Book(NamedTuple):
    """Of one language; a dozen people, and for each of them a skill, two ideas, a doubt and a commitment."""

    people: Sequence[str]
    skills: Sequence[str]
    groups: Mapping[str, Sequence[str]]
    """The title of a group → the ideas in it."""
    doubts: Sequence[str]
    commitments: Sequence[str]
    words: Sequence[str]
    """How people are, in a word."""

    def group_of(self, idea: str) -> str | None:
        """The title of the group that it belongs in; None for what others wrote."""
        return next((title for title, ideas in self.groups.items() if idea in ideas), None)

    def deal(self, chance: random.Random) -> Iterator[Lines]:
        """Everyone's, each line once."""
        ideas = [idea for group in self.groups.values() for idea in group]
        skills, doubts, commitments = list(self.skills), list(self.doubts), list(self.commitments)
        for lines in (ideas, skills, doubts, commitments):
            chance.shuffle(lines)
        pairs = zip(ideas[::2], ideas[1::2], strict=True)
        for name, skill, pair, doubt, commitment in zip(self.people, skills, pairs, doubts, commitments, strict=True):
            yield Lines(name, skill, pair, doubt, commitment)


BOOKS: Final[Mapping[Lang, Book]] = {
    "fr": Book(
        people=(
            "Ambre",
            "Bastien",
            "Capucine",
            "Damien",
            "Elsa",
            "Fabrice",
            "Gaëlle",
            "Hugo",
            "Inès",
            "Joël",
            "Karine",
            "Loïc",
        ),
        skills=(
            "Préparer un budget",
            "Parler en public sans notes",
            "Lire un contrat fournisseur",
            "Faire un tableau croisé",
            "Accueillir un apprenti",
            "Mener un entretien difficile",
            "Organiser une astreinte",
            "Expliquer un plan de charge",
            "Négocier un délai avec un client",
            "Animer un retour d’expérience",
            "Traduire en espagnol",
            "Trouver la bonne personne au siège",
        ),
        groups={
            "Des réunions qui servent": (
                "Commencer chaque réunion par sa décision",
                "Refuser les réunions sans ordre du jour",
                "Refuser toute réunion sans ordre du jour",
                "Garder le vendredi après-midi sans réunion",
                "Limiter les points d’équipe à vingt minutes",
                "Envoyer les chiffres la veille, pas pendant",
            ),
            "Décider près du terrain": (
                "Signer les petites dépenses sur place",
                "Nommer celui qui décide avant d’ouvrir le débat",
                "Valider les congés en une seule fois",
                "Prévenir la veille quand un planning change",
                "Laisser chaque site choisir ses horaires d’été",
                "Répondre aux clients dans la journée",
            ),
            "Apprendre les uns des autres": (
                "Visiter un autre site une fois par trimestre",
                "Passer une journée sur un autre site chaque trimestre",
                "Raconter un échec utile chaque mois",
                "Nommer un parrain pour chaque arrivant",
                "Échanger deux chefs d’équipe pendant une semaine",
                "Filmer les bons gestes plutôt que les écrire",
            ),
            "Moins de papier": (
                "Fusionner les deux tableaux de suivi",
                "Arrêter un rapport par mois et voir qui le réclame",
                "Saisir une information une fois, à un endroit",
                "Supprimer la double signature des bons",
                "Afficher les indicateurs là où l’on travaille",
                "Réduire le formulaire d’achat à une page",
            ),
        },
        doubts=(
            "Qui s’en occupe pendant les congés ?",
            "Il faudrait l’accord du siège avant l’été.",
            "Chez nous, les équipes de nuit n’y gagnent rien.",
            "Essayons sur un site avant d’en parler partout.",
            "Cela tient si la direction le fait aussi.",
            "Sans outil commun, on retombera dans les tableaux.",
            "Combien de temps cela nous prend-il aujourd’hui ?",
            "Les clients doivent être prévenus avant nous.",
            "On l’a tenté il y a deux ans : pourquoi cela s’est-il arrêté ?",
            "Il manque quelqu’un de l’informatique pour le dire.",
            "Un mois d’essai suffit pour savoir.",
            "Le plus dur sera de dire non.",
        ),
        commitments=(
            "En parler à mon équipe lundi matin",
            "Annuler ma réunion du jeudi pendant un mois",
            "Appeler le site voisin cette semaine",
            "Écrire la règle sur une page",
            "Trouver deux volontaires pour l’essai",
            "Compter le temps que nous y passons",
            "Inviter un collègue d’un autre métier à notre point",
            "Montrer les chiffres là où l’on travaille",
            "Demander à chacun ce qu’il arrêterait",
            "Suivre l’essai et le raconter dans un mois",
            "Prendre un arrivant avec moi une journée",
            "Dire non à une réunion sans ordre du jour",
        ),
        words=("confiant", "curieux", "fatigué", "pressé", "serein", "content", "prudent", "motivé"),
    ),
    "en": Book(
        people=("Amber", "Ben", "Chloe", "Dylan", "Ella", "Finn", "Grace", "Harry", "Isla", "Jack", "Kate", "Leo"),
        skills=(
            "Draw up a budget",
            "Speak in public without notes",
            "Read a supplier’s contract",
            "Build a pivot table",
            "Look after an apprentice",
            "Lead a difficult conversation",
            "Organise on-call weeks",
            "Explain a workload plan",
            "Win time from a customer",
            "Run a review of what went wrong",
            "Translate into Spanish",
            "Find the right person at head office",
        ),
        groups={
            "Meetings that help": (
                "Begin each meeting with its decision",
                "Refuse meetings without an agenda",
                "Refuse any meeting without an agenda",
                "Keep Friday afternoon free of meetings",
                "Keep team briefings to twenty minutes",
                "Send the figures the day before, not during",
            ),
            "Decide where the work is": (
                "Sign small expenses on the spot",
                "Say who decides before the debate begins",
                "Approve holidays once, not three times",
                "Say the day before when a plan changes",
                "Let each site choose its summer hours",
                "Answer customers within the day",
            ),
            "Learn from each other": (
                "Visit another site once a quarter",
                "Spend a day at another site each quarter",
                "Tell one useful failure a month",
                "Name a buddy for each newcomer",
                "Swap two team leaders for a week",
                "Film good practice instead of writing it down",
            ),
            "Less paper": (
                "Merge the two status boards",
                "Stop one report a month and see who asks for it",
                "Type a thing once, in one place",
                "Drop the second signature on orders",
                "Show the figures where the work is done",
                "Cut the purchase form to one page",
            ),
        },
        doubts=(
            "Who sees to it during the holidays?",
            "Head office would have to agree before summer.",
            "Night shifts gain nothing from it.",
            "Let us try it at one site first.",
            "It holds if the directors do it too.",
            "Without a common tool we fall back to spreadsheets.",
            "How long does it take us today?",
            "Customers must hear of it before we start.",
            "We tried two years ago: why did it stop?",
            "Someone from IT should tell us.",
            "A month is enough to know.",
            "The hardest part will be to say no.",
        ),
        commitments=(
            "Talk about it with my team on Monday",
            "Cancel my Thursday meeting for a month",
            "Call the next site this week",
            "Write the rule on one page",
            "Find two volunteers for the trial",
            "Count the time we spend on it",
            "Invite a colleague of another trade to our briefing",
            "Put our own figures on the wall",
            "Ask everyone what they would stop",
            "Follow the trial and tell of it in a month",
            "Take a newcomer along for a day",
            "Say no to a meeting without an agenda",
        ),
        words=("confident", "curious", "tired", "rushed", "calm", "glad", "careful", "keen"),
    ),
}
