"""Comparing the entity tag of a reply with what its record was tagged before."""

from __future__ import annotations

import re
from collections.abc import Mapping

from contract_tests.oracle.composed_texts import is_composed, told
from contract_tests.oracle.entity_tags import SeenTag, written
from contract_tests.oracle.matching import Comparison
from contract_tests.oracle.mismatch import Mismatch
from contract_tests.oracle.placeholders import Placeholders
from contract_tests.transport.wire import WireResponse
from mock_server.contract.behaviours.entity_tags import tagged_resource
from mock_server.contract.files.source import Json
from mock_server.engine.entity_tags import ETAG
from mock_server.exchange.messages import Answer

ENTITY_TAG = re.compile(r'(W/)?"([!\x23-\x7e\x80-\xff]*)"')
"""RFC 9110 section 8.8.3."""


def compare_tag(comparison: Comparison, answer: Answer, generator: Placeholders, reply: WireResponse) -> SeenTag | None:
    """Note what is wrong with the entity tag of a reply; return it where it is right."""
    resource = tagged_resource(answer.operation.behaviour) if answer.operation else None
    predicted = next((value for name, value in answer.headers if name == ETAG), "")
    if resource is None or not predicted or not generator.tagged:  # an answer that was kept has the tag of then
        return None
    found = reply.header(ETAG)
    parsed = ENTITY_TAG.fullmatch(found)
    if parsed is None or bool(parsed[1]) != (resource.etag == "weak"):
        what = "an entity tag" if not parsed else f"a {resource.etag} entity tag"
        comparison.differences.append(Mismatch(f"header {ETAG}", what, found or "none"))
        return None
    shown = _as_it_is_known(generator.tagged, comparison)
    id, known = shown[resource.id], comparison.memory.tags
    if resource.computed and id in comparison.memory.known.get(resource.name, ()):
        return None  # of what was there before, nobody knows what goes into it
    content, tag = written(shown), parsed[2]
    before = known.of(resource, shown)
    may_be_new = (resource.name, id) in known.changed or any(change.id == id for change in answer.changes)
    of_others = known.contents.get((resource.name, id, tag), set())
    if before and tag != before and not may_be_new:
        comparison.differences.append(Mismatch(f"header {ETAG}", f'"{before}", as before: nothing has changed', found))
    elif of_others and content not in of_others:
        comparison.differences.append(Mismatch(f"header {ETAG}", "another tag than before, since something has changed", found))
    else:
        return SeenTag(resource.name, id, content, tag)
    return None


def _as_it_is_known(shown: Mapping[str, Json], comparison: Comparison) -> Mapping[str, Json]:
    """Return what was shown with what the answer told in place of the stand-ins."""
    learned = [(one.id, comparison.bindings.get(id, id), name, value) for one, id, name, value in comparison.learned]

    def known(value: Json) -> Json:
        if isinstance(value, dict):
            record = {name: known(member) for name, member in value.items()}
            new = {name: value for key, id, name, value in learned if record.get(key) == id}
            return {name: new.get(name, member) for name, member in record.items()}
        if isinstance(value, list):
            return [known(element) for element in value]
        if isinstance(value, (str, int)) and value in comparison.bindings:
            return comparison.bindings[value]
        return told(value, comparison.bindings) if isinstance(value, str) and is_composed(value) else value

    whole: Mapping[str, Json] = known(dict(shown))
    return whole
