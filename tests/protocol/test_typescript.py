"""The types of the TypeScript SDK are those of the protocol, and can be no others (SPEC W, R, C, Q, P)."""

from pathlib import Path
from typing import Annotated, Any

import pytest
from msgspec import UNSET, Meta, Struct, UnsetType

from protocol.choices import View
from tests import typescript
from tests.typescript import FILES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_files_are_what_the_protocol_makes_of_them(file: Path) -> None:
    made = FILES[file]()
    assert file.read_text(encoding="utf-8") == made, "run `python -m tests.typescript`"


class Given(Struct):
    """What is
    given."""

    view: View
    name: str | UnsetType = UNSET
    on: str | None = None
    sizes: list[int | None] = []
    more: Annotated[dict[str, Any], Meta(extra_json_schema={"propertyNames": {"enum": ["it's"]}})] = {}


def test_what_may_be_left_out_may_be_absent() -> None:
    assert typescript._table("Commands", {"a.b": Given, "none": Nothing}) == (
        """
export interface Commands {
  /** What is given. */
  'a.b': {
    view: StageView
    name?: string
    on?: string | null
    sizes?: readonly (number | null)[]
    more?: Readonly<Partial<Record<'it\\'s', unknown>>>
  }
  none: Record<string, never>
}"""
    )


class Nothing(Struct):
    pass


def test_a_schema_without_a_type_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="expected a schema that TypeScript has a type for"):
        typescript._type({"type": "date"})
