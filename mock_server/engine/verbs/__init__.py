"""The verbs of behaviours: one module each, and the table of them. A new verb is a module and a word in the table."""

from __future__ import annotations

from collections.abc import Mapping

from mock_server.engine.verbs.create import Create
from mock_server.engine.verbs.delete import Delete
from mock_server.engine.verbs.find import Find
from mock_server.engine.verbs.find_or_create import FindOrCreate
from mock_server.engine.verbs.list import List
from mock_server.engine.verbs.replace import Replace
from mock_server.engine.verbs.send import Send
from mock_server.engine.verbs.update import Update
from mock_server.engine.verbs.verb import Verb

__all__ = ["VERBS", "Create", "Delete", "Find", "FindOrCreate", "List", "Replace", "Send", "Update", "Verb"]

VERBS: Mapping[str, type[Verb]] = {
    verb.kind.name: verb for verb in (Find, FindOrCreate, Create, Update, Replace, Delete, List, Send)
}
