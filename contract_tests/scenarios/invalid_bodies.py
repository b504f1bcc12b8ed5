"""Bodies that have to be refused: JSON that is spoilt, and values that some keyword of the schema forbids."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from contract_tests.scenarios.signatures import Signature, Slot
from contract_tests.scenarios.templates import FromResponse, Raw, Template
from mock_server.contract.files.source import Json


def _inner(valid: str) -> str:
    return valid[1:-1]


def _text_last(valid: str) -> str:
    """Return an object whose last member is a text, if it has one."""
    members = json.loads(valid)
    texts = [name for name, value in members.items() if isinstance(value, str)]
    last = {texts[-1]: members.pop(texts[-1])} if texts else {}
    return json.dumps({**members, **last}, ensure_ascii=False)


def _first_name(valid: str) -> str:
    name: str = next(iter(json.loads(valid)))
    return name


UNREADABLE: Mapping[str, Callable[[str], bytes]] = {
    "cut off": lambda valid: valid[:-1].encode(),
    "cut off at the end of a text": lambda valid: _text_last(valid)[:-2].encode(),
    "cut off within a text": lambda valid: _text_last(valid)[:-3].encode(),
    "a trailing comma": lambda valid: f"{{{_inner(valid)},}}".encode(),
    "single quotes": lambda valid: valid.replace('"', "'").encode(),
    "a comment": lambda valid: f"/* who */ {valid}".encode(),
    "a comment within": lambda valid: f"{{ // who\n{_inner(valid)}}}".encode(),
    "a comment at its end": lambda valid: f"{valid} // who".encode(),
    "names without quotes": lambda valid: valid.replace(f'"{_first_name(valid)}"', _first_name(valid), 1).encode(),
    "two values": lambda valid: (valid + valid).encode(),
    "something behind it": lambda valid: f"{valid} x".encode(),
    "no value at all": lambda valid: b" ",
    "plain text": lambda valid: b"hello",
    "a text that holds it": lambda valid: json.dumps(valid).encode(),
    "a form": lambda valid: "&".join(f"{name}={value}" for name, value in json.loads(valid).items()).encode(),
    "a number that is none": lambda valid: f'{{{_inner(valid)}, "x_more": 01}}'.encode(),
    "a text with a line break": lambda valid: f'{{{_inner(valid)}, "x_more": "a\nb"}}'.encode(),
    "bytes that are not UTF-8": lambda valid: f"{{{_inner(valid)}".encode() + b', "x_more": "\xff\xfe"}',
    "Latin-1": lambda valid: f"{{{_inner(valid)}".encode() + b', "x_more": "caf\xe9"}',
}
"""Ways of spoiling a JSON object."""

READ_EITHER_WAY: Mapping[str, Callable[[str], bytes]] = {
    "a name that stands twice": lambda valid: f"{{{_inner(valid)}, {_inner(valid)}}}".encode(),
    "half of a surrogate pair": lambda valid: f'{{{_inner(valid)}, "x_more": "\\ud800"}}'.encode(),
    "not a number": lambda valid: f'{{{_inner(valid)}, "x_more": NaN}}'.encode(),
    "UTF-16": lambda valid: valid.encode("utf-16"),
    "a byte order mark": lambda valid: b"\xef\xbb\xbf" + valid.encode(),
    "a number beyond all bounds": lambda valid: f'{{{_inner(valid)}, "x_more": 1e999}}'.encode(),
}
"""What some readers of JSON take and others do not."""


def invalid_bodies(signature: Signature, valid: Template) -> Iterator[tuple[str, Template]]:
    """Yield bodies that some keyword of the schema may refuse, around a valid one."""
    valid = valid if isinstance(valid, dict) else {}
    yield "null for a body", Raw(b"null")
    whole: list[tuple[str, Json]] = [("a list", []), ("a text", "text"), ("a number", 1), ("true", True)]
    yield from ((f"{note} for a body", value) for note, value in whole)
    yield "a list around the body", [valid]
    yield "an empty object", {}
    for wrapper in ("data", "body", "attributes"):
        yield f"the body within {wrapper}", {wrapper: valid}
    for slot in signature.of("body"):
        if slot.required:
            yield f"without {slot.name}", {name: value for name, value in valid.items() if name != slot.name}
            for other in other_names(slot.name):
                yield f"{slot.name} as {other}", {other if name == slot.name else name: v for name, v in valid.items()}
        for note, value in wrong_values(slot, valid.get(slot.name)):
            several = value if isinstance(value, list) else [value]
            is_somebodys = slot.role != "free" and any(isinstance(one, (int, float)) for one in several)
            if not is_somebodys or not slot.accepts(value):
                yield f"{note} for {slot.name}", {**valid, slot.name: value}


def other_names(name: str) -> list[str]:
    """Return ways of writing the name of a property that are not its name."""
    first, *more = name.split("_")
    names = [f"{name}x", name.upper(), name.capitalize(), f" {name}"]
    if more:
        capital = [word.capitalize() for word in more]
        names += ["".join([first, *capital]), "-".join([first, *more]), "".join([first.capitalize(), *capital]), more[-1]]
    return [other for other in dict.fromkeys(names) if other != name]


def wrong_values(slot: Slot, valid: Template) -> Iterator[tuple[str, Template]]:
    """Yield values that a property may not have, most of them; `valid` is one that it may have."""
    whole = valid if isinstance(valid, int) and not isinstance(valid, bool) else 1
    yield from (("a number", 7), ("a fraction", whole + 0.5), ("true", True), ("a list", ["x"]), ("an object", {"x": 1}))
    yield from (("zero", 0), ("false", False), ("an empty list", []), ("an empty object", {}))
    if "null" not in slot.types:
        yield "null", None
    if "string" not in slot.types:
        yield from (("a text", "text"), ("a number in a text", "7"))
        if isinstance(valid, int) and not isinstance(valid, bool):
            yield "its number in a text", str(valid)
        if isinstance(valid, FromResponse):
            yield "the right number in a text", FromResponse(valid.label, valid.pointer, "as text")
    for choice in slot.choices[:1]:
        if isinstance(choice, str):
            yield from (
                ("upper case", choice.upper()),
                ("a capital letter", choice.capitalize()),
                ("space around it", f" {choice} "),
                ("a part of it", choice[:-1]),
                ("something behind it", f"{choice}s"),
                ("an unknown one", "not_one_of_them"),
                ("an empty text", ""),
                ("spaces for underscores", choice.replace("_", " ") if "_" in choice else f"{choice} {choice}"),
                ("a list of it", [choice]),
            )
    if slot.is_text and slot.required and slot.role == "key":
        yield "an empty text", ""
    schema = slot.schema
    if schema.max_length is not None:
        yield "one character too many", "x" * (schema.max_length + 1)
    if schema.min_length > 0 and slot.role != "key":
        yield "one character too few", "x" * (schema.min_length - 1)
    if schema.minimum is not None:
        yield "a number too small", schema.minimum - 1
    if schema.maximum is not None:
        yield "a number too large", schema.maximum + 1
    if schema.items is not None:
        yield from (("a list of objects", [{}]), ("a list of numbers", [1]), ("a list with null", [None]))
    if schema.patterns or schema.formats:
        yield "a text of another form", "~ no ~"
