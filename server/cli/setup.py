"""The link by which whoever runs a server makes a community where not everybody may (COMMUNITIES AC7)."""

from server.accounts.tokens import Tokens
from server.config import Settings
from server.journal.connect import connect
from server.web.invitations import SETUPS, setup_community, setup_secret


async def setup_link(settings: Settings, address: str) -> str:
    """The first that no community was made by yet.

    Args:
        address: of the server.

    Raises:
        JournalError: the database cannot be used.
    """
    tokens = Tokens(settings.secret, kept=settings.kept_secret)
    journal = connect(settings.database_url, alone=False)
    await journal.open()
    try:
        made = await journal.heads([setup_community(tokens, number) for number in range(SETUPS)])
    finally:
        await journal.close()
    free = (number for number in range(SETUPS) if setup_community(tokens, number) not in made)
    return f"{address}/c#setup={setup_secret(tokens, next(free, SETUPS - 1))}"
