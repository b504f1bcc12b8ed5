"""Reading `x-behaviour`: linking the steps of an operation to resources, fields, assumptions and earlier steps."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.contract.behaviours.answer_shapes import AnswerReader
from mock_server.contract.behaviours.declarations import Declaration, declared
from mock_server.contract.behaviours.steps import StepReader, VerbReader
from mock_server.contract.behaviours.surroundings import Surroundings
from mock_server.contract.documents.document import Node
from mock_server.contract.files.flaws import did_you_mean, piece
from mock_server.contract.model import AnswerShape, Behaviour, Step

ANSWER = "answer"
"""The last step of a behaviour, which has no verb that does anything."""


def read_behaviour(node: Node, surroundings: Surroundings, verbs: Mapping[str, VerbReader]) -> Behaviour | None:
    """Return what `x-behaviour` at `node` says; None, with flaws noted, when it is wrong."""
    known = (*verbs, ANSWER)
    if not isinstance(node.value, list) or not node.value:
        node.flaw("a behaviour is a list of steps", "each step is a mapping that begins with its verb: " + ", ".join(known))
        return None
    steps: list[Step | None] = []
    answer: AnswerShape | None = None
    has_answer = False
    for index, entry in enumerate(node.elements()):
        verb, declaration = _declared_step(entry, verbs)
        if declaration is not None and verb is None:
            if index < len(node.value) - 1:
                entry.flaw("the answer has to be the last step")
            answer, has_answer = AnswerReader(entry, surroundings).read(), True
            continue
        step = StepReader(entry, surroundings, verb, declaration, f"step-{index}").read() if verb and declaration else None
        if step is None:
            surroundings.note_unread(entry, declaration)
        elif step.comes_to_something:
            surroundings.results[step.name] = step
        steps.append(step)
    if not has_answer and steps and steps[-1] is not None:
        answer = AnswerReader(node, surroundings).default(next(reversed(surroundings.results.values()), None))
    read = tuple(step for step in steps if step is not None)
    return Behaviour(read, answer, surroundings.uses_caller) if answer and len(read) == len(steps) else None


def _declared_step(entry: Node, verbs: Mapping[str, VerbReader]) -> tuple[VerbReader | None, Declaration | None]:
    """Return the verb of a step, None for an answer, and what the step declares, None with flaws noted."""
    known = (*verbs, ANSWER)
    named = [verb for verb in known if isinstance(entry.value, dict) and verb in entry.value]
    if len(named) == 1:
        verb = verbs.get(named[0])
        return verb, declared(verb.kind if verb else ANSWER, entry)
    if not isinstance(entry.value, dict):
        entry.flaw(f"a step is a mapping, not {piece(entry.value)}", "as in find: RESOURCE; verbs are: " + ", ".join(known))
    elif len(named) > 1:
        entry.flaw(f"a step has one verb, not {len(named)}: {', '.join(named)}", "make each a step of its own")
    else:
        first = next(iter(entry.value), "")
        entry.flaw(f"{piece(first)} is not a verb", did_you_mean(str(first), known))
    return None, None
