"""What is not acknowledged yet is drawn by the table that every client draws by (SPEC D7). The web client runs the same vectors."""

from typing import Any

import pytest

from client_demo.python.sdk.outbox import Command
from client_demo.python.sdk.paint import TABLE, freed, paint, touches
from client_demo.python.sdk.replica import Record
from protocol.commands import COMMANDS
from tests.client.vectors import vectors

VECTORS = vectors("painting")
CASES: list[dict[str, Any]] = VECTORS["cases"]


class Scene:
    def __init__(self) -> None:
        self.room: str = VECTORS["room"]
        self.me: str | None = VECTORS["me"]
        self.records: dict[str, Record] = {record["id"]: record for record in VECTORS["records"]}

    def get(self, id: str) -> Record | None:
        return self.records.get(id)

    def zones(self) -> int:
        return sum(id.startswith("zone:") for id in self.records)

    def reactions_on(self, on: str) -> str:
        return f"reaction:{on.replace(':', '-')}"


@pytest.mark.parametrize("case", CASES, ids=[f"{case['cmd']} {case.get('about', '')}" for case in CASES])
def test_D7_a_command_is_drawn_as_the_table_says(case: dict[str, Any]) -> None:
    scene = Scene()
    command = Command("c", case["cmd"], case["args"], VECTORS["at"], VECTORS["order"], lambda _: None)
    drawn = {id: paint(command, id, scene.get(id), scene) for id in touches(command, scene)}
    gone = freed(command)
    if gone:
        drawn |= {
            id: {**record, gone[1]: None} for id, record in scene.records.items() if record.get(gone[1]) == gone[0]
        }
    assert drawn == case["drawn"]


def test_D7_every_command_stands_in_the_table_and_what_is_drawn_has_a_vector() -> None:
    assert TABLE.keys() == COMMANDS.keys()
    assert {name for name, row in TABLE.items() if row is not None} <= {case["cmd"] for case in CASES}


def test_D7_a_row_names_only_arguments_that_its_command_has() -> None:
    for name, row in TABLE.items():
        fields = set(COMMANDS[name].__struct_fields__)
        for cells in (row or {}).get("make"), (row or {}).get("put"), (row or {}).get("set"):
            for value in (cells or {}).values():
                for cell in value if isinstance(value, list) else [value]:
                    assert not (isinstance(cell, str) and cell.startswith("$")) or cell[1:] in fields, (name, cell)
