"""Write the types of the TypeScript SDK from those of the protocol: `python -m tests.typescript`.

Each struct is asked for its JSON Schema (msgspec), and each schema is written as TypeScript. The names are those of the structs, but for
a few that mean something else in TypeScript (`NAMES`). What stands under a field in Python stands above it there.
"""

import ast
import inspect
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal, get_args, get_origin

import msgspec
from msgspec import Struct

from protocol import choices, circles, commands, communities, messages, records
from server.workshop import signals

SDK: Final = Path(__file__).parents[1] / "client_demo/web/src/sdk"

NAMES: Final = {
    "Role": "MemberRole",
    "Form": "PulseForm",
    "View": "StageView",
    "Record": "Rec",
    "TotalRecord": "Total",
    "Refused": "RefusedMessage",
    "Signals": "SignalsMessage",
}
"""What is called otherwise there: a `Role` may be a screen's too, an error is `Refused`, and `Signals` are what is given, not the message."""

WIDE: Final = 140
"""Characters of a line, at most, that holds a whole command."""

MADE: Final = "Made by `python -m tests.typescript` from the types of protocol/, which are to be changed instead."

Schema = Mapping[str, Any]

SHOWN: Final = {**records.RECORDS, **communities.COMMUNITY_RECORDS, **circles.CIRCLE_RECORDS}
"""All that is shown, of streams of whatever kind."""

CHOICES: Final = {
    get_args(choice): NAMES.get(name, name) for name, choice in vars(choices).items() if get_origin(choice) is Literal
}
"""Values → the name of one of them."""

MODULES: Final = (records, communities, circles, messages)
"""Where what is shown, and what travels, is written down."""

_BY_VALUES: Final = {frozenset(values): name for values, name in CHOICES.items()}
"""A schema has them in another order."""


def protocol_types() -> str:
    """`protocol.ts`: what is shown, and what may be asked for."""
    schemas = _schemas([*SHOWN.values()])
    head = (
        f"/**\n * What is shown of a stream, and what may be asked of it (SPEC.md, R, C, Q and P). {MADE}\n *\n"
        " * Fields at their default are absent (R1): absent is false, null, 0, '' or empty, but where the protocol says otherwise.\n */\n"
    )
    open_record = "/** Any record. `v` is the seq at which it last changed for this client's audience. */"
    parts = [
        head,
        *(f"export type {name} = {' | '.join(map(_text, values))}" for values, name in CHOICES.items()),
        f"\n{open_record}\nexport type Rec = {{ id: string; v: number; [field: string]: unknown }}",
        *(_record(name, schema) for name, schema in schemas.items()),
        _kinds("Kinds", records.RECORDS),
        _kinds("CommunityKinds", communities.COMMUNITY_RECORDS),
        _kinds("CircleKinds", circles.CIRCLE_RECORDS),
        _table("Commands", commands.COMMANDS),
        _table("CommunityCommands", communities.COMMUNITY_COMMANDS),
        _table("CircleCommands", circles.CIRCLE_COMMANDS),
        _table("Queries", commands.QUERIES),
        _table("CommunityQueries", communities.COMMUNITY_QUERIES),
        _table("CircleQueries", circles.CIRCLE_QUERIES),
        _table("Signals", signals.KINDS),
    ]
    return "\n".join(parts) + "\n"


def wire_messages() -> str:
    """`messages.ts`: what travels on the wire."""
    named = {each: get_args(getattr(messages, each)) for each in ("ClientMessage", "ServerMessage")}
    schemas = _schemas([message for each in named.values() for message in each])
    unions = [
        "\n".join([f"\nexport type {name} =", *(f"  | {_name(each.__name__)}" for each in each_of)])
        for name, each_of in named.items()
    ]
    shown = (_interface(name, schema) for name, schema in schemas.items() if name != "Record")
    head = f"/** The messages of the wire (SPEC.md, W). {MADE} */\n\nimport type {{ Rec }} from './protocol'"
    return "\n".join([head, *shown, *unions]) + "\n"


FILES: Final = {SDK / "protocol.ts": protocol_types, SDK / "messages.ts": wire_messages}


def _kinds(name: str, shown: Mapping[str, type[Struct]]) -> str:
    """What is shown of one kind of stream, by what ids begin with."""
    kinds = [f"  {kind}: {_name(struct.__name__)}" for kind, struct in shown.items()]
    return "\n".join([f"\nexport interface {name} {{", *kinds, "}"])


def _schemas(structs: Iterable[type[Struct]]) -> dict[str, Schema]:
    structs = list(structs)
    _, schemas = msgspec.json.schema_components(structs, ref_template="{name}")
    # In the order in which the protocol names them, with what they are made of behind.
    first = [struct.__name__ for struct in structs]
    return {name: schemas[name] for name in dict.fromkeys([*first, *schemas])}


def _record(name: str, schema: Schema) -> str:
    is_record = "v" in schema["properties"]
    fields = {field: each for field, each in schema["properties"].items() if not (is_record and field in ("id", "v"))}
    begin = "Rec & {" if is_record else "{"
    return "\n".join([f"\n{_comment(schema)}export type {_name(name)} = {begin}", *_fields(name, schema, fields), "}"])


def _interface(name: str, schema: Schema) -> str:
    fields = _fields(name, schema, schema["properties"])
    return "\n".join([f"\n{_comment(schema)}export interface {_name(name)} {{", *fields, "}"])


def _fields(name: str, schema: Schema, fields: Mapping[str, Schema]) -> Iterator[str]:
    for field, each in fields.items():
        if told := _told(name).get(field):
            yield f"  /** {_plain(told)} */"
        yield f"  {_field(field, each, schema)}"


def _field(field: str, each: Schema, schema: Schema) -> str:
    # What has a default may be left out, in both directions.
    return f"{field}{'' if field in schema.get('required', ()) else '?'}: {_type(each)}"


def _table(name: str, structs: Mapping[str, type[Struct]]) -> str:
    """What may be given under which name."""
    schemas = _schemas(structs.values())
    lines = [f"\nexport interface {name} {{"]
    for key, struct in structs.items():
        schema = schemas[struct.__name__]
        if comment := _comment(schema).rstrip():
            lines.append(f"  {comment}")
        fields = [_field(field, each, schema) for field, each in schema["properties"].items()]
        line = f"  {key if key.isidentifier() else _text(key)}: "
        whole = f"{line}{{ {'; '.join(fields)} }}" if fields else f"{line}Record<string, never>"
        lines += [whole] if len(whole) <= WIDE else [f"{line}{{", *(f"    {field}" for field in fields), "  }"]
    return "\n".join([*lines, "}"])


def _type(schema: Schema) -> str:
    if "title" in schema and "properties" not in schema:
        return _name(schema["title"])
    if "$ref" in schema:
        return _name(schema["$ref"])
    if "enum" in schema:
        return _choice(schema["enum"])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(each) for each in schema["anyOf"]))
    match schema.get("type"):
        case "string" | "boolean" | "null" as same:
            return str(same)
        case "integer" | "number":
            return "number"
        case "array":
            of = _type(schema["items"])
            return f"readonly ({of})[]" if " " in of else f"readonly {of}[]"
        case "object":
            return _map(schema)
    raise TypeError(f"expected a schema that TypeScript has a type for; got {schema}")


def _map(schema: Schema) -> str:
    values = schema.get("additionalProperties")
    of = _type(values) if values else "unknown"
    if "enum" in schema.get("propertyNames", {}):
        return f"Readonly<Partial<Record<{_type(schema['propertyNames'])}, {of}>>>"
    return f"Readonly<Record<string, {of}>>"


def _choice(values: Sequence[str | None]) -> str:
    texts = [each for each in values if each is not None]
    named = _BY_VALUES.get(frozenset(texts)) or " | ".join(map(_text, texts))
    return f"{named} | null" if None in values else named


def _text(text: str) -> str:
    return "'" + json.dumps(text, ensure_ascii=False)[1:-1].replace("'", "\\'") + "'"


def _name(name: str) -> str:
    renamed = NAMES.get(name)
    if renamed is not None:
        return renamed
    return f"{name.removesuffix('Record')}Rec" if name.endswith("Record") else name


def _comment(schema: Schema) -> str:
    return f"/** {_plain(schema['description'])} */\n" if "description" in schema else ""


def _plain(text: str) -> str:
    return " ".join(text.split())


@cache
def _told(struct: str) -> Mapping[str, str]:
    """Field → what stands under it in the protocol."""
    return next((told for module in MODULES if (told := _told_in(module).get(struct))), {})


@cache
def _told_in(module: ModuleType) -> Mapping[str, Mapping[str, str]]:
    return {
        node.name: dict(_told_of(node))
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.ClassDef)
    }


def _told_of(struct: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, under in zip(struct.body, struct.body[1:], strict=False):
        match field, under:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(told))):
                yield name, told
            case _:
                pass


if __name__ == "__main__":
    for file, written in FILES.items():
        file.write_text(written(), encoding="utf-8")
