"""Prints a room while it lives: `python -m client_demo.python.watch CODE`. All there is to following one."""

import argparse
import asyncio

from client_demo.python.sdk import Record, Refused, Unreachable, connect, enter_screen
from protocol.text import undirected

SHOWN = ("zone", "idea", "message")


async def watch(server: str, code: str) -> None:
    entry = await enter_screen(server, code)
    async with connect(server, entry.token, screen=True) as room:
        before: dict[str, Record] = {}
        async for _ in room:  # at once, and then whenever something has changed
            now = {record["id"]: record for kind in SHOWN for record in room.all(kind)}
            for id in before.keys() - now.keys():
                print("−", words(before[id]))
            for id, record in now.items():
                if record != before.get(id):
                    print("+" if id not in before else "~", words(record))
            before = now


def words(record: Record) -> str:
    counts = " ".join(f"{kind}×{count}" for kind, count in record.get("reactions", {}).items())
    return f"{record['id'].partition(':')[0]:8}{undirected(record.get('text') or record.get('title') or '')}  {counts}".rstrip()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("code", help="the room's six characters")
    parser.add_argument("--server", default="http://localhost:8000")
    try:
        asyncio.run(watch(**vars(parser.parse_args())))
    except (KeyboardInterrupt, Refused, Unreachable) as ended:
        raise SystemExit(str(ended)) from None
