"""A finding as a script for bash: pasted, it asks the same again, and a fresh server gets along with it.

What the script does about things that are not the same the second time:

- Tokens are variables that the reader sets, `TOKEN` and `OTHER_TOKEN`, wherever a masked text names them.
- The run's tag stands in every key value; the script puts a new one of the same length in its place. Only its first letter
  keeps its case, and the rest are digits, so a key that is the same but for case stays the same but for case.
- An id that the target made is taken from the earlier answer. `python3` reads it by its place in the JSON: whoever has this
  kit has Python, jq is often missing, and a pattern for sed would mix up the `id` of an object with that of one inside it.

What has to survive a terminal: every quoted text is on one line, holds no control character, no invisible one and no `!`
outside single quotes (bash replaces those from its history). A body that does not fit that goes through `printf`. All is in
a subshell, so that a missing token stops it, and nothing is left behind in the shell it was pasted into.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from contract_tests.reports.wording import address, answered, seen, together, visible
from contract_tests.runner.outcome import Finding, Outcome
from contract_tests.transport.wire import Interaction, WireRequest

TOKENS = {
    "TOKEN": "a token, as for --token",
    "OTHER_TOKEN": "a token of another organization",
    "EXPIRED_TOKEN": "a token that has expired",
}
"""The variables that masked texts name, and what the reader has to set them to."""
LONGEST_ARGUMENT = 100_000
"""Linux takes no argument of more than 128 KiB; what is longer goes through a pipe."""
EXPECTING = 1_000_000
"""From here on curl asks with `Expect: 100-continue` whether it may send, unless it is forbidden to."""
ENCODED_PAIR = re.compile(r"Basic base64\((.*(?::|\$(?:OTHER_|EXPIRED_)?TOKEN).*)\)")
"""A masked user name and password, which curl encodes itself. Without a colon it would ask for the password."""
MOST_DIGITS = 9
DERIVED: tuple[tuple[Callable[[str], str], str], ...] = (
    (str.upper, '$(printf %s "${name}" | tr a-z A-Z)'),
    (str.lower, '$(printf %s "${name}" | tr A-Z a-z)'),
    (str.swapcase, '$(printf %s "${name}" | tr A-Za-z a-zA-Z)'),
    (lambda value: value[:-1], "${{{name}%?}}"),
    (lambda value: value[1:], "${{{name}#?}}"),
    (lambda value: f"{value}0", "${{{name}}}0"),
)
"""Near misses of an id that take its place as a whole, and how bash makes them."""
PICK = (
    'pick() { python3 -c \'import functools, json, sys; text = open(sys.argv[1], encoding="utf-8").read().lstrip(); '
    "answer = json.JSONDecoder().raw_decode(text)[0]; "
    "print(functools.reduce(lambda value, key: value[int(key) if isinstance(value, list) else key], sys.argv[2:], answer), "
    'end="")\' "$@" 2>/dev/null || { echo "python3 finds no ${*:2} in the answer to step ${1##*/}" >&2; return 1; }; }'
)


@dataclass(frozen=True, slots=True)
class Variable:
    """A piece of text that bash fills in."""

    expression: str


Piece = bytes | Variable


def finding_script(finding: Finding, outcome: Outcome) -> str:
    """Return the script of a finding of an outcome; its first lines say what it shows."""
    about = [finding.title, f"{finding.clause} ({finding.source})"]
    about += [f"{it.place}: expected {it.expected}, received {it.received}" for it in finding.differences]
    if how_often := seen(finding):
        about.append(f"{how_often}: where it does not show, paste it again")
    return script(finding.steps, outcome.tag, url=outcome.target, about=about)


def script(steps: Sequence[Interaction], tag: str = "", *, url: str = "", about: Sequence[str] = ()) -> str:
    """Return a bash script that takes the steps again; those that overlapped in time are sent at the same time.

    `tag` is the text in key values that makes them the run's own. `url` is where the script sends unless `URL` is set.
    `about` are sentences for its head.
    """
    writer = _ScriptWriter(tag, _made(steps, tag))
    body: list[str] = []
    done = 0
    for group in together(steps):
        body += ["", *writer.group(list(enumerate(group, done + 1)))]
        done += len(group)
    return "\n".join([*_comment(*about), *writer.head(url), *body, ")", ""])


@dataclass(frozen=True, slots=True)
class _ServerValue:
    """A value that the target made: the number of the answer that has it first, and the keys that lead to it there."""

    name: str
    value: str
    step: int
    keys: tuple[str, ...]


@dataclass(slots=True)
class _ScriptWriter:
    """Writes steps, and notes what they need to be set before.

    `made` is what any call uses of the answers before; `known` is that part of it that is answered by now.
    """

    tag: str
    made: Sequence[_ServerValue]
    known: Sequence[_ServerValue] = ()
    used: set[str] = field(default_factory=set)
    picked: set[str] = field(default_factory=set)
    keeps_answers: bool = False

    def head(self, url: str) -> list[str]:
        tokens = [name for name in TOKENS if name in self.used]
        lines = ["# For bash" + ("." if not tokens else f"; set {' and '.join(tokens)} before.")]
        lines += ["("]
        lines.append(
            f"URL=${{URL:-{_argument([_encoded(url.rstrip('/'))])}}}"
            if re.match("https?://", url)
            else ': "${URL:?set it to where the target is, as in URL=http://127.0.0.1:4010}" || exit'
        )
        lines += [f': "${{{name}:?set it to {TOKENS[name]}}}" || exit' for name in tokens]
        if "TAG" in self.used:
            lines.append(f"TAG={self._new_tag()} # new each time, so that keys are fresh")
        if self.keeps_answers:
            lines += ["ANSWERS=$(mktemp -d) || exit", "trap 'rm -r \"$ANSWERS\"' EXIT"]
        if self.picked:
            lines.append(PICK)
        return lines

    def group(self, steps: Sequence[tuple[int, Interaction]]) -> list[str]:
        """Return the lines of steps that are sent at the same time; for one step, that is the step."""
        at_once = len(steps) > 1
        self.known = [made for made in self.made if made.step < steps[0][0]]
        lines = [f"# At the same time: {', '.join(str(number) for number, _ in steps)}"] if at_once else []
        commands: list[str] = []
        for number, step in steps:
            lines += _comment(f"{number}. {step.note or address(step.call)} (answered {answered(step.reply)})")
            before, command = self._command(step.call)
            lines += before
            if at_once:
                commands += [f'{command} >"$ANSWERS/{number}" &']
                self.keeps_answers = True
            elif any(made.step == number for made in self.made):
                commands += [f'{command} | tee "$ANSWERS/{number}"']
                self.keeps_answers = True
            else:
                commands += [command]
        lines += commands
        if at_once:
            lines += ["wait", "cat " + " ".join(f'"$ANSWERS/{number}"' for number, _ in steps)]
        return lines

    def _command(self, call: WireRequest) -> tuple[list[str], str]:
        """Return what has to be picked from answers before, and the command itself."""
        address = self._pieces(_encoded(_with_query(call)))
        headers = [self._header(name, value) for name, value in call.headers if name.lower() != "content-length"]
        body = self._pieces(call.body)
        options = ["-X " + _argument([_encoded(call.method)]), *headers]
        names = {name.lower() for name, _ in call.headers}
        fed = ""
        if call.method == "HEAD" and not call.body:
            options[0] = "--head"  # with -X HEAD, curl waits for a body that never comes
        elif call.body or call.method in ("POST", "PUT", "PATCH"):
            if "content-type" not in names:
                options.append("-H 'Content-Type:'")  # curl would say that it is a form
            if len(call.body) > EXPECTING and "expect" not in names:
                options.append("-H 'Expect:'")
            if _is_plain(body) and len(call.body) < LONGEST_ARGUMENT:
                options.append("--data-raw " + _argument(body))
            else:
                options.append("--data-binary @-")
                fed = _printed(body) + " |\n"
        request = " \\\n  ".join([f'{options[0]} "$URL"{_argument(address)}', *options[1:]])
        return self._picks((*address, *body)), f"{fed}curl -gsS --path-as-is -w '\\n=> %{{http_code}}\\n' {request}"

    def _header(self, name: str, value: str) -> str:
        pair = ENCODED_PAIR.fullmatch(value)
        if pair and name.lower() == "authorization":
            return "-u " + _argument(self._pieces(_encoded(pair[1])))
        if not value.strip():
            return "-H " + _argument([_encoded(f"{name};")])  # with a colon, curl would leave the header out
        raw = value.encode("latin-1") if _fits(value, "latin-1") else _encoded(value)
        return "-H " + _argument([_encoded(f"{name}: "), *self._pieces(raw)])

    def _picks(self, pieces: Sequence[Piece]) -> list[str]:
        expressions = " ".join(piece.expression for piece in pieces if isinstance(piece, Variable))
        lines = []
        for made in self.known:
            if made.name not in self.picked and re.search(rf"\b{made.name}\b", expressions):
                self.picked.add(made.name)
                keys = " ".join(_argument([_encoded(key)]) for key in made.keys)
                lines.append(f'{made.name}=$(pick "$ANSWERS/{made.step}" {keys}) || exit')
        return lines

    def _pieces(self, text: bytes) -> list[Piece]:
        """Return the text cut where bash has to fill something in."""
        wholes, anywhere = _replacements(self.known)
        patterns = [rb"(?P<token>\$(?:" + "|".join(sorted(TOKENS, key=len, reverse=True)).encode() + rb"))"]
        if wholes:
            longest_first = sorted(wholes, key=len, reverse=True)
            patterns.append(rb'(?P<whole>(?<![^/?&="])(?:' + b"|".join(map(re.escape, longest_first)) + rb')(?![^/?&="]))')
            patterns.append(rb'(?P<key>id"\s*:\s*)(?P<number>' + b"|".join(map(re.escape, longest_first)) + rb")(?=\s*[,}])")
        if anywhere:
            patterns.append(rb"(?P<inside>" + b"|".join(map(re.escape, sorted(anywhere, key=len, reverse=True))) + rb")")
        if len(self.tag) > 1:
            patterns.append(rb"(?P<tag>(?i:" + re.escape(_encoded(self.tag)) + rb"))")
        pieces: list[Piece] = []
        end = 0
        for match in re.finditer(b"|".join(patterns), text):
            pieces += [text[end : match.start(match.lastgroup or 0)], Variable(self._expression(match, wholes, anywhere))]
            end = match.end()
        return [piece for piece in (*pieces, text[end:]) if piece]

    def _expression(self, match: re.Match[bytes], wholes: Mapping[bytes, str], anywhere: Mapping[bytes, str]) -> str:
        found = match[match.lastgroup or 0]
        if match.lastgroup == "token":
            self.used.add(found[1:].decode())
            return found.decode()
        if match.lastgroup in ("whole", "number"):
            return wholes[found]
        if match.lastgroup == "inside":
            return anywhere[found]
        self.used.add("TAG")
        kept = len(self.tag) - self._digits()
        spelled = found[:kept].decode()
        return "$TAG" if spelled == self.tag[:kept] else f"{spelled}${{TAG:{kept}}}"

    def _digits(self) -> int:
        """Return how many characters at the end of the tag are replaced by digits: all but the first, if not too many."""
        return min(len(self.tag) - 1, MOST_DIGITS)

    def _new_tag(self) -> str:
        digits = self._digits()
        smallest = 10 ** (digits - 1)
        return f"{self.tag[:-digits]}$(({smallest} + (RANDOM * 32768 + RANDOM) % {9 * smallest}))"


def _with_query(call: WireRequest) -> str:
    return f"{call.path}?{call.query}" if call.query else call.path


def _replacements(made: Sequence[_ServerValue]) -> tuple[dict[bytes, str], dict[bytes, str]]:
    """Return what is replaced where it is a whole segment or text, and what is replaced anywhere, each with its expression."""
    wholes: dict[bytes, str] = {}
    for it in made:
        for derive, expression in DERIVED:
            if len(it.value) > 5:
                wholes[_encoded(derive(it.value))] = expression.format(name=it.name)
    own = {_encoded(it.value): f"${it.name}" for it in made}
    return {**wholes, **own}, {value: expression for value, expression in own.items() if len(value) >= 8}


def _made(steps: Sequence[Interaction], tag: str) -> list[_ServerValue]:
    """Return the values that answers made and that later calls use, in the order in which they were made."""
    sent: set[str] = set()
    made: dict[str, _ServerValue] = {}
    number = 0
    for group in together(steps):
        for step in group:
            sent |= set(_sent(step.call))
        for step in group:
            number += 1
            for keys, value in _leaves(_parsed(step.reply.body)):
                if value in sent or value in made or (tag and tag.lower() in value.lower()) or not _is_made(keys, value):
                    continue
                made[value] = _ServerValue("", value, number, keys)
    later = [_encoded(_with_query(step.call)) + b"\n" + step.call.body for step in steps]
    used = [it for it in made.values() if any(_occurs(it, text) for text in later[it.step :])]
    return [replace(it, name=f"ID{place}") for place, it in enumerate(used, 1)]


def _is_made(keys: tuple[str, ...], value: str) -> bool:
    """Whether a value of an answer may be an identifier: by its name, or long and with a digit in it."""
    named = next((key for key in reversed(keys) if not key.isdigit()), "").lower().endswith("id")
    return bool(value) and (named or (len(value) >= 8 and any(char.isdigit() for char in value)))


def _occurs(made: _ServerValue, text: bytes) -> bool:
    wholes, anywhere = _replacements([made])
    cut = re.split(rb'[/?&="\s:,}]', text)
    return any(whole in cut for whole in wholes) or any(value in text for value in anywhere)


def _sent(call: WireRequest) -> Iterator[str]:
    """Yield every text that a call says: segments of its path, values of its query, texts of its body."""
    yield from re.split("[/?&=]", _with_query(call))
    for keys, value in _leaves(_parsed(call.body)):
        if not value.isdigit() or _is_made(keys, value):
            yield value


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _leaves(value: Any, keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the texts and whole numbers of a JSON value, each with the keys that lead to it."""
    pending: list[tuple[tuple[str, ...], Any]] = [(keys, value)]
    while pending:
        keys, value = pending.pop()
        if isinstance(value, dict):
            pending += [((*keys, str(key)), item) for key, item in reversed(value.items())]
        elif isinstance(value, list):
            pending += [((*keys, str(index)), item) for index, item in reversed(list(enumerate(value)))]
        elif isinstance(value, str) and _fits(value, "utf-8"):
            yield keys, value
        elif isinstance(value, int) and not isinstance(value, bool):
            yield keys, str(value)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _comment(*lines: str) -> list[str]:
    """Return lines as comments, in which bash finds nothing to do, not even in its history."""
    return [f"# {visible(line)}".replace("!", r"\x21") for line in lines]


def _argument(pieces: Sequence[Piece]) -> str:
    """Return an argument quoted for bash. What no argument can hold, the character NUL, is left out."""
    pieces = _joined(pieces)
    if len(pieces) == 1 and isinstance(pieces[0], bytes) and re.fullmatch(rb"[\w./:@%+,-]+", pieces[0]):
        return pieces[0].decode()
    return "".join(_quoted(piece) if isinstance(piece, bytes) else f'"{piece.expression}"' for piece in pieces) or "''"


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, bytes) and joined and isinstance(joined[-1], bytes):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def _quoted(text: bytes) -> str:
    text = text.replace(b"\0", b"")
    if not text:
        return ""
    if _is_plain([text]) and not (b"'" in text and b"!" in text):
        return "'" + text.decode().replace("'", r"'\''") + "'"
    return f"$'{_escaped(text)}'"


def _printed(pieces: Sequence[Piece]) -> str:
    """Return a command that prints the pieces, whatever bytes they hold."""
    pattern = "".join(_escaped(piece).replace("%", "%%") if isinstance(piece, bytes) else "%s" for piece in pieces)
    values = [f' "{piece.expression}"' for piece in pieces if isinstance(piece, Variable)]
    return f"printf -- '{pattern}'{''.join(values)}"


def _escaped(text: bytes) -> str:
    r"""Return text as both printf and $'' read it: \xff for each byte that is not plain, or that quoting is about."""
    characters = text.decode("utf-8", "surrogateescape")
    return "".join(
        r"\\" if char == "\\" else char if _stands(char) and char not in "'!" else _bytes(char) for char in characters
    )


def _bytes(char: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogateescape"))


def _is_plain(pieces: Sequence[Piece]) -> bool:
    """Whether a terminal, a clipboard and bash hand the literal pieces on as they are."""
    try:
        return all(_stands(char) for piece in pieces if isinstance(piece, bytes) for char in piece.decode())
    except UnicodeDecodeError:
        return False


def _stands(char: str) -> bool:
    """Whether a character stands for itself: to be seen, in one way of writing, and in its place."""
    if char.isascii():
        return char.isprintable()
    return (
        char.isprintable()
        and not unicodedata.combining(char)
        and unicodedata.is_normalized("NFKC", char)
        and unicodedata.bidirectional(char) not in ("R", "AL", "AN")
    )
