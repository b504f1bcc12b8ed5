from __future__ import annotations

import pytest
import yaml
from small_document import SMALL, edited

from mock_server.contract.messages.request_head import RequestHead
from mock_server.engine.loading import load_contract

POST = "/paths/~1guests/post"
STEP = f"{POST}/x-behaviour/0"
ANSWER = f"{POST}/x-behaviour/1"
DELETE = "/paths/~1guests~1{id}/delete"
ITEM = "/paths/~1guests~1{id}"
GUEST = "/components/schemas/Guest"
RESOURCE = f"{GUEST}/x-resource"
KNOWN = "/x-assumptions/known-guest"

VERB = "find-or-create: Guest"
FROM = "          from: $request.body"
FOUND = "when-found: {assumption: known-guest}"
CHOICES = "choices: {keep: The guest stays., replace: The guest is replaced.}"
END = "          as: guest\n        - answer: $guest\n          status: 200"
REMOVE = "        - delete: Guest\n          where: {id: $request.path.id}"
GONE = "'204': {description: Gone.}"
DECLARED = "x-resource: {owner: organization, key: [email], created: since}"
PARAMETER = "{name: id, in: path, required: true, schema: {type: string}}"
NEW_REQUIRED = "    NewGuest:\n      type: object\n      required: [email]\n"
REQUIRED = "      required: [id, email, age, since]\n      properties:\n"
BODY = "            schema: {$ref: '#/components/schemas/NewGuest'}"

# name: (edit, pointer, piece of the message, piece of the hint)
STEPS = {
    "unknown verb": ((VERB, "find-or-make: Guest"), STEP, "'find-or-make' is not a verb", "did you mean 'find-or-create'?"),
    "no verb": ((REMOVE, "        - {}"), f"{DELETE}/x-behaviour/0", "'' is not a verb", "it may be one of: answer, create"),
    "two verbs": ((VERB, f"{VERB}\n          create: Guest"), STEP, "one verb, not 2: find-or-create, create", "a step of its own"),
    "a verb alone": ((REMOVE, "        - delete"), f"{DELETE}/x-behaviour/0", "a step is a mapping, not 'delete'", "as in find: RESOURCE"),
    "no steps": ((REMOVE, "        []"), f"{DELETE}/x-behaviour", "a behaviour is a list of steps", "begins with its verb: find"),
    "a mapping of steps": ((REMOVE, "        delete: Guest"), f"{DELETE}/x-behaviour", "a behaviour is a list of steps", "find"),
    "unknown key": ((FROM, "          frm: $request.body"), f"{STEP}/frm", "'frm' is not known here", "did you mean 'from'?"),
    "unknown resource": ((VERB, "find-or-create: Gest"), f"{STEP}/find-or-create", "'Gest' is not a resource", "did you mean 'Guest'?"),
    "a list of resources": ((VERB, "find-or-create: [Guest]"), f"{STEP}/find-or-create", 'has to be a text, not ["Guest"]', ""),
    "no token": (("security: [{token: []}]", "security: []"), f"{STEP}/find-or-create", "belongs to an organization", ""),
    "an optional token": (("[{token: []}]", "[{token: []}, {}]"), f"{STEP}/find-or-create", "no token to tell which", ""),
    "unknown field in where": ((REMOVE, REMOVE.replace("{id:", "{idd:")), f"{DELETE}/x-behaviour/0/where/idd", "no field 'idd'", "did you mean 'id'?"),
    "no where": ((REMOVE, "        - delete: Guest"), f"{DELETE}/x-behaviour/0/where", "'where' is missing", ""),
    "an empty where": ((REMOVE, "        - delete: Guest\n          where: {}"), f"{DELETE}/x-behaviour/0/where", "needs at least 1, not {}", ""),
    "a list as where": ((REMOVE, "        - delete: Guest\n          where: []"), f"{DELETE}/x-behaviour/0/where", "has to be a mapping, not []", ""),
    "a condition that never holds": ((REMOVE, REMOVE.replace("$request.path.id", "7")), f"{DELETE}/x-behaviour/0/where/id", "the field 'id' is never 7", ""),
    "a condition of another type": ((f"{REMOVE}", REMOVE.replace("{id:", "{age:")), f"{DELETE}/x-behaviour/0/where/age", "never has such a value", "share no type"),
    "no expression": ((FROM, "          from: $request.boddy"), f"{STEP}/from", "'$request.boddy' is not an expression", "$request.body#/POINTER"),
    "unknown path parameter": ((REMOVE, REMOVE.replace("path.id", "path.ID")), f"{DELETE}/x-behaviour/0/where/id", "no path parameter 'ID'", "it may be one of: id"),
    "unknown query parameter": ((REMOVE, REMOVE.replace("path.id", "query.id")), f"{DELETE}/x-behaviour/0/where/id", "no query parameter 'id'", ""),
    "unknown body property": ((FROM, "          from: $request.body#/mail"), f"{STEP}/from", "the schema of the body has no such part", "did you mean 'email'?"),
    "unknown body property set": ((FROM, "          set: {email: $request.body#/emial}"), f"{STEP}/set/email", "no such part", "did you mean 'email'?"),
    "no body": ((REMOVE, REMOVE.replace("$request.path.id", "$request.body#/id")), f"{DELETE}/x-behaviour/0/where/id", "the operation has no JSON body", ""),
    "from a parameter": ((REMOVE, REMOVE.replace("delete:", "update:") + "\n          from: $request.path.id"), f"{DELETE}/x-behaviour/0/from", "fields are taken from the body only", "$request.body"),
    "a body that shares nothing": (("        email: {type: string, minLength: 1}\n        age: {type: [integer, 'null']}\n", ""), f"{STEP}/from", "the body has no property that Guest has as a field", ""),
    "an update of nothing": ((REMOVE, REMOVE.replace("delete:", "update:")), f"{DELETE}/x-behaviour/0", "this update changes nothing", "from: $request.body"),
    "unknown field set": ((FROM, f"{FROM}\n          set: {{nte: x}}"), f"{STEP}/set/nte", "Guest has no field 'nte'", "did you mean 'note'?"),
    "server-made field set": ((FROM, f"{FROM}\n          set: {{since: now}}"), f"{STEP}/set/since", "'since' is made by the server", ""),
    "a list as set": ((FROM, f"{FROM}\n          set: [note]"), f"{STEP}/set", 'has to be a mapping, not ["note"]', ""),
    "a value that never fits": ((FROM, f"{FROM}\n          set: {{note: $request.body#/age}}"), f"{STEP}/set/note", "never accepts what is given here", "share no type"),
    "a literal that does not fit": ((FROM, f"{FROM}\n          set: {{note: too long}}"), f"{STEP}/set/note", "'too long' does not fit the field 'note'", ""),
    "a made text that does not fit": ((FROM, f"{FROM}\n          set: {{note: $generated}}"), f"{STEP}/set/note", "does not fit the field 'note'", ""),
    "missing key field": ((FROM, "          set: {age: 3}"), STEP, "nothing gives the key field 'email'", "take it `from` the body"),
    "a required field not always given": ((NEW_REQUIRED, "    NewGuest:\n      type: object\n"), STEP, "the required field 'email' of Guest is not always given", "let the request require it"),
    "an optional body": (("        required: true\n        content", "        content"), STEP, "'email' of Guest is not always given", ""),
    "missing required field": ((REQUIRED, REQUIRED.replace("since]", "since, city]") + "        city: {type: string}\n"), STEP, "nothing gives the required field 'city'", "give it under `set`"),
    "a resource without key": (("key: [email], ", ""), f"{STEP}/find-or-create", "Guest has no key to be found by", "declare `key`"),
    "unknown outcome": ((FOUND, "when-found: keeep"), f"{STEP}/when-found", "'keeep' is not an outcome here", "did you mean 'keep'?"),
    "no outcome": ((FOUND, "when-found: null"), f"{STEP}/when-found", "null is not an outcome here", "it may be one of: conflict, fill"),
    "a list of outcomes": ((FOUND, "when-found: [keep]"), f"{STEP}/when-found", '["keep"] is not an outcome here', ""),
    "unknown assumption": ((FOUND, "when-found: {assumption: known-gest}"), f"{STEP}/when-found/assumption", "there is no assumption 'known-gest'", "did you mean 'known-guest'?"),
    "no assumption": ((FOUND, "when-found: {assumption: }"), f"{STEP}/when-found/assumption", "there is no assumption null", "it may be one of: known-guest"),
    "a list of assumptions": ((FOUND, "when-found: {assumption: [known-guest]}"), f"{STEP}/when-found/assumption", "there is no assumption [", ""),
    "unknown case key": ((FOUND, "when-found: {assumption: known-guest, case: {}}"), f"{STEP}/when-found/case", "'case' is not known here", "did you mean 'cases'?"),
    "missing case": ((FOUND, "when-found: {assumption: known-guest, cases: {keep: keep}}"), f"{STEP}/when-found/cases", "the choice 'replace' of known-guest has no case", ""),
    "unknown case": ((FOUND, "when-found: {assumption: known-guest, cases: {keep: keep, replace: fill, kep: fill}}"), f"{STEP}/when-found/cases/kep", "'kep' is not a choice", "did you mean 'keep'?"),
    "wrong case": ((FOUND, "when-found: {assumption: known-guest, cases: {keep: keep, replace: repl}}"), f"{STEP}/when-found/cases/replace", "'repl' is not an outcome here", "replace"),
    "no cases": ((FOUND, "when-found: {assumption: known-guest, cases: 3}"), f"{STEP}/when-found/cases", "has no case", ""),
    "a choice that is no outcome": ((CHOICES, "choices: {keep: The guest stays., remove: It goes.}"), f"{STEP}/when-found/assumption", "'remove' is not an outcome here", "keep"),
    "unknown step name": ((END, END.replace("$guest", "$gest")), f"{ANSWER}/answer", "no earlier step is named 'gest'", "did you mean 'guest'?"),
    "unknown field of a result": ((END, END.replace("$guest", "$guest.emial")), f"{ANSWER}/answer", "Guest has no field 'emial'", "did you mean 'email'?"),
    "a step named request": ((END, END.replace("guest", "request")), f"{STEP}/as", "'request' cannot be the name of a result", "letters, digits"),
    "a step named with a space": ((END, END.replace("as: guest", "as: a guest")), f"{STEP}/as", "'a guest' cannot be the name", "letters, digits"),
    "a step name used twice": ((REMOVE, "        - find: Guest\n          where: {id: x}\n          as: a\n" + REMOVE + "\n          as: a"), f"{DELETE}/x-behaviour/1/as", "an earlier step is named 'a' too", "differently"),
    "answer not last": ((END, END + "\n        - find: Guest\n          where: {id: x}"), ANSWER, "the answer has to be the last step", ""),
    "undocumented status": ((END, END.replace("200", "201")), f"{ANSWER}/status", "the operation documents no answer 201", "did you mean '200'?"),
    "no status": ((END, END.replace("200", "fine")), f"{ANSWER}/status", "'fine' is not a status", "{made: 201, found: 200}"),
    "undocumented status by outcome": ((END, END.replace("200", "{made: 201, found: 200}")), f"{ANSWER}/status/made", "documents no answer 201", ""),
    "incomplete answer": ((END, END.replace("$guest", "{id: $guest.id}")), f"{ANSWER}/answer", "'age' is required", f"{POST}/responses/200"),
    "answer of a wrong part": ((END, END.replace("$guest", "{id: $guest.age, age: 1, email: x, since: x}")), f"{ANSWER}/answer", "'id': the keyword `type`", ""),
    "answer of a list": ((END, END.replace("$guest", "[$guest]")), f"{ANSWER}/answer", "it is not documented as an array", ""),
    "answer of no body": ((END, END.replace("$guest", "null")), f"{ANSWER}/answer", 'not of type "object"', ""),
    "a body without documentation": ((REMOVE, f"{REMOVE}\n        - answer: gone"), f"{DELETE}/x-behaviour/1/answer", "documented without a body", ""),
    "an occasion of nothing": ((FROM, f"{FROM}\n          if: {{}}"), f"{STEP}/if", "needs at least 1", ""),
    "an occasion that is made": ((FROM, f"{FROM}\n          if: {{$now: 3}}"), f"{STEP}/if/$now", "'$now' is not looked at by `if`", "$request"),
    "an occasion of an unknown property": ((FROM, f"{FROM}\n          if: {{$request.body#/agee: 3}}"), f"{STEP}/if/$request.body#~1agee", "no such part", "did you mean 'age'?"),
    "an occasion that never comes": ((FROM, f"{FROM}\n          if: {{$request.body#/age: [3, old]}}"), f"{STEP}/if/$request.body#~1age/1", "this is never so", "does not allow 'old'"),
    "an occasion of no value": ((FROM, f"{FROM}\n          if: {{$request.body#/age: {{more: 3}}}}"), f"{STEP}/if/$request.body#~1age", "no value to compare with", "{not: VALUE}"),
    "an occasion of an expression": ((FROM, f"{FROM}\n          if: {{$request.body#/age: $request.body#/nick}}"), f"{STEP}/if/$request.body#~1age", "no value to compare with", ""),
    "no success documented": ((GONE, "'404': {description: Missing.}"), f"{DELETE}/x-behaviour", "documents no answer of success", "200 to 299"),
    "success by range": ((GONE, "2XX: {description: Gone.}"), f"{DELETE}/x-behaviour", "documents no answer of success", "200 to 299"),
    "success by default": ((GONE, "default: {description: Gone.}"), f"{DELETE}/x-behaviour", "documents no answer of success", "200 to 299"),
}  # fmt: skip

DUPLICATES = "        - create: Guest\n          from: $request.body\n          when-duplicate: %s\n          as: guest\n"
RULES = {
    "no list": ("{}", "", "has to be a list, not {}", ""),
    "an empty rule": ("[{}]", "/0/same", "'same' is missing", ""),
    "unknown field": ("[{same: [emial], then: reuse}]", "/0/same/0", "Guest has no field 'emial'", "did you mean 'email'?"),
    "unknown outcome": ("[{same: [email], then: resue}]", "/0/then", "'resue' is not an outcome here", "did you mean 'reuse'?"),
    "unknown condition": (
        "[{same: [email], where: {ag: 1}, then: reuse}]",
        "/0/where/ag",
        "no field 'ag'",
        "did you mean 'age'?",
    ),
    "unknown key": ("[{same: [email], than: reuse}]", "/0/than", "'than' is not known here", "did you mean 'then'?"),
}

RESOURCES = {
    "no mapping": ((DECLARED, "x-resource: true"), RESOURCE, "has to be a mapping, not true", ""),
    "unknown key": ((DECLARED, "x-resource: {keys: [email]}"), f"{RESOURCE}/keys", "'keys' is not known here", "did you mean 'key'?"),
    "unknown owner": ((DECLARED, "x-resource: {owner: org}"), f"{RESOURCE}/owner", "'org' cannot own a resource", "the owner is 'organization'"),
    "a key that is no list": (("key: [email]", "key: email"), f"{RESOURCE}/key", "has to be a list, not 'email'", ""),
    "an empty key": (("key: [email]", "key: []"), f"{RESOURCE}/key", "needs at least 1, not []", ""),
    "unknown key field": (("key: [email]", "key: [emial]"), f"{RESOURCE}/key/0", "no field 'emial'", "did you mean 'email'?"),
    "unknown time": (("created: since", "created: sinc"), f"{RESOURCE}/created", "no field 'sinc'", "did you mean 'since'?"),
    "a time that is no text and no number": (("        since: {type: string, format: date-time}", "        since: {type: boolean}"), f"{RESOURCE}/created", "'since' cannot hold a time", "one of: number, string"),
    "no id": (("created: since", "created: since, id: nr"), GUEST, "has no field 'nr' for its id", "it may be one of: age, email"),
    "an id that is no text": (("        id: {type: string}", "        id: {type: boolean}"), f"{GUEST}/properties", "an id has to be a text or a whole number", ""),
    "a change time that is never null": (("created: since", "modified: since"), f"{RESOURCE}/modified", "'since' cannot be null on a new Guest", "modified-when-new: created"),
    "an unknown maker of ids": (("created: since", "ids: counted"), f"{RESOURCE}/ids", "'counted' is not an outcome here", "sequential"),
    "an unknown unique field": (("created: since", "unique: [[nick]]"), f"{RESOURCE}/unique/0/0", "no field 'nick'", ""),
    "what is unique anyway": (("created: since", "unique: [[email]]"), f"{RESOURCE}/unique/0", "'email' cannot be shared anyway", "it is the key"),
    "nothing that could be taken": (("created: since", "when-taken: invalid"), f"{RESOURCE}/when-taken", "nothing is unique here", "`unique`"),
    "an unknown slug": (("created: since", "slugs: {nick: email}"), f"{RESOURCE}/slugs/nick", "no field 'nick'", ""),
    "a slug of an unknown field": (("created: since", "slugs: {note: title}"), f"{RESOURCE}/slugs/note", "no field 'title'", ""),
    "a slug that is no text": (("created: since", "slugs: {age: email}"), f"{RESOURCE}/slugs/age", "'age' cannot hold a slug", "a text"),
    "a slug of itself": (("created: since", "slugs: {note: note}"), f"{RESOURCE}/slugs/note", "cannot be a slug of 'note'", "another field"),
    "times that are no numbers": (("created: since", "created: since, times: milliseconds"), f"{RESOURCE}/times", "no time of Guest is a number", "remove `times`"),
    "unknown outcome": (("created: since", "key-case: ignor"), f"{RESOURCE}/key-case", "'ignor' is not an outcome here", "did you mean 'ignore'?"),
    "unknown type name": (("created: since", "type-name: {kind: guest}"), f"{RESOURCE}/type-name/kind", "no field 'kind'", ""),
    "two type names": (("created: since", "type-name: {note: a, email: b}"), f"{RESOURCE}/type-name", "takes at most 1", ""),
    "unknown joined field": (("created: since", "derived: {note: {join: [nick]}}"), f"{RESOURCE}/derived/note", "no field 'nick'", ""),
    "unknown joining": (("created: since", "derived: {note: {jn: [email]}}"), f"{RESOURCE}/derived/note/jn", "'jn' is not known here", "did you mean 'join'?"),
    "choices in a resource": ((DECLARED, f"x-when: {{known-guest: {{keep: {{}}}}}}\n      {DECLARED}"), f"{GUEST}/x-when", "has one shape", "the schema of the request"),
    "choices in a property": (("        since: {type: string,", "        since: {x-when: {known-guest: {keep: {}}},"), f"{GUEST}/properties/since/x-when", "has one shape", "the schema of the request"),
    "choices in a resource that is never answered": (("    NewGuest:\n", "    Town: {properties: {id: {type: string}, name: {type: string, x-when: {known-guest: {keep: {}}}}}, x-resource: {}}\n    NewGuest:\n"), "/components/schemas/Town/properties/name/x-when", "has one shape", ""),
    "a resource inside itself": (("        note: {type: string, maxLength: 5}", "        host: {$ref: '#/components/schemas/Guest'}"), GUEST, "Guest refers back to itself", "the other one's id"),
    "no properties": (("    NewGuest:\n", "    Thing: {type: object, x-resource: {}}\n    NewGuest:\n"), "/components/schemas/Thing", "a resource needs `properties`", ""),
}  # fmt: skip

REST = {
    "assumptions in a list": (("x-assumptions:\n", "x-assumptions: []\nx-other:\n"), "/x-assumptions", "has to be a mapping", ""),
    "a default that is no choice": (("default: keep", "default: kep"), f"{KNOWN}/default", "'kep' is not one of the choices", "did you mean 'keep'?"),
    "a default that is no text": (("default: keep", "default: true"), f"{KNOWN}/default", "has to be a text, not true", ""),
    "no default": (("    default: keep\n", ""), f"{KNOWN}/default", "'default' is missing", ""),
    "choices in a list": ((CHOICES, "choices: [keep, replace]"), f"{KNOWN}/choices", 'has to be a mapping, not ["keep", "replace"]', ""),
    "one choice": ((CHOICES, "choices: {keep: Stays.}"), f"{KNOWN}/choices", "needs at least 2", ""),
    "a choice without meaning": ((CHOICES, "choices: {keep: Stays., replace: null}"), f"{KNOWN}/choices/replace", "has to be a text, not null", ""),
    "no reason": (("    why: What becomes of a known guest is not said.", "    why: ''"), f"{KNOWN}/why", "needs at least 1", ""),
    "an unused assumption": ((FOUND, "when-found: keep"), KNOWN, "nothing depends on the assumption 'known-guest'", "remove it"),
    "problems in a list": (("info:", "x-problems: []\ninfo:"), "/x-problems", "has to be a mapping", "conflict"),
    "unknown problem": (("info:", "x-problems: {conflct: {status: 409}}\ninfo:"), "/x-problems/conflct", "not a kind of problem", "did you mean 'conflict'?"),
    "a problem without status": (("info:", "x-problems: {conflict: {}}\ninfo:"), "/x-problems/conflict/status", "'status' is missing", ""),
    "a problem of success": (("info:", "x-problems: {conflict: {status: 200}}\ninfo:"), "/x-problems/conflict/status", "200 is not a status of a refusal", "400 to 499"),
    "a problem that is a number": (("info:", "x-problems: {conflict: 409}\ninfo:"), "/x-problems/conflict", "has to be a mapping, not 409", ""),
    "unknown security scheme": (("[{token: []}]", "[{tokn: []}]"), "/security/0/tokn", "no security scheme 'tokn'", "did you mean 'token'?"),
    "another security scheme": (("{type: http, scheme: bearer}", "{type: apiKey, in: header, name: a key}"), "/security/0/token", "'token' is not supported", "a name that can stand there"),
    "an open brace": (("  /guests/{id}:", "  /guests/{id:"), "/paths/~1guests~1{id", "'{id' is not a parameter", "written {NAME}"),
    "an empty parameter": (("  /guests/{id}:", "  /guests/{}:"), "/paths/~1guests~1{}", "'{}' is not a parameter", "written {NAME}"),
    "a parameter twice in the path": (("  /guests/{id}:", "  /guests/{id}/{id}:"), "/paths/~1guests~1{id}~1{id}", "'id' stands twice", "differently"),
    "a style of nowhere": ((PARAMETER, f"{PARAMETER}\n      - {{name: c, in: header, style: deepObject, schema: {{type: object}}}}"), f"{ITEM}/parameters/1/style", "'c' cannot be written in the style 'deepObject'", "written as simple"),
    "a style of elsewhere": ((PARAMETER, PARAMETER.replace("schema:", "style: form, schema:")), f"{ITEM}/parameters/0/style", '"form" is not one of', "one of: label, matrix, simple"),
    "a parameter without a schema": ((PARAMETER, PARAMETER.replace(", schema: {type: string}", "")), f"{ITEM}/parameters/0", "has no schema: any text is taken", "add `schema`"),
    "a path parameter that is not required": ((PARAMETER, PARAMETER.replace("required: true", "required: false")), f"{ITEM}/parameters/0/required", "true was expected", ""),
    "a default that does not fit": ((PARAMETER, f"{PARAMETER}\n      - {{name: q, in: query, schema: {{type: integer, default: all}}}}"), f"{ITEM}/parameters/1/schema", "the default 'all' does not fit", "nothing stands"),
    "a list of objects in a query": ((PARAMETER, f"{PARAMETER}\n      - {{name: q, in: query, schema: {{type: array, items: {{type: object}}}}}}"), f"{ITEM}/parameters/1/schema", "they are read as JSON", ""),
    "an operation that no request reaches": (("components:\n", "  /guests/{nr}:\n    get: {responses: {'200': {description: x}}}\ncomponents:\n"), "/paths/~1guests~1{nr}/get", "it is the same as GET /guests/{id}", "the first one answers"),
    "the same path twice": (("components:\n", "  /guests/{nr}: {}\ncomponents:\n"), "/paths/~1guests~1{nr}", "the path is the same as /guests/{id}", "one path"),
    "a parameter twice": ((PARAMETER, f"{PARAMETER}\n      - {PARAMETER}"), f"{ITEM}/parameters/1", "stands here a second time", ""),
    "a parameter that is not in the path": ((PARAMETER, PARAMETER.replace("name: id", "name: ID")), f"{ITEM}/parameters/0/name", "has no {ID}", "it may be one of: id"),
    "an undeclared parameter": (("  /guests/{id}:", "  /guests/{id}/{nr}:"), f"{ITEM}~1{{nr}}/get", "'nr' is not declared", "add it to `parameters`"),
    "a parameter that is optional": ((PARAMETER, PARAMETER.replace("required: true, ", "")), f"{ITEM}/parameters/0", "'required' is missing", ""),
    "a parameter's example": ((PARAMETER, PARAMETER.replace("schema:", "example: 7, schema:")), f"{ITEM}/parameters/0/example", "does not fit its schema", ""),
    "another media type": (("          application/json:\n            schema", "          text/csv:\n            schema"), f"{POST}/x-behaviour/0/from", "the operation has no JSON body or form", ""),
    "two schemas of a body": ((BODY, f"{BODY}\n          application/merge-patch+json: {{schema: {{type: object}}}}"), f"{POST}/x-behaviour/0", "the required field 'email' of Guest is not always given", "let the request require it"),
    "an example": ((BODY, f"{BODY}\n            example: {{email: ''}}"), f"{POST}/requestBody/content/application~1json/example", "does not fit its schema (/email)", ""),
    "a source": ((GONE, "'204': {description: Gone., x-source: guessed}"), f"{DELETE}/responses/204/x-source", "'guessed' is not a source", "assumed, documented"),
}  # fmt: skip


def assert_told(flaws, pointer, message, hint):
    told = [(flaw.line, flaw.pointer, flaw.message, flaw.hint) for flaw in flaws]
    found = [flaw for flaw in flaws if flaw.pointer == pointer and message in flaw.message and hint in flaw.hint]

    assert found, told
    assert found[0].line > 0


@pytest.mark.parametrize(("edit", "pointer", "message", "hint"), STEPS.values(), ids=STEPS)
def test_a_step_that_cannot_be_performed_is_refused(flaws_of, edit, pointer, message, hint):
    assert_told(flaws_of(edited(SMALL, edit)), pointer, message, hint)


@pytest.mark.parametrize(("rules", "pointer", "message", "hint"), RULES.values(), ids=RULES)
def test_a_rule_for_duplicates_that_cannot_hold_is_refused(flaws_of, rules, pointer, message, hint):
    step = f"        - {VERB}\n{FROM}\n          {FOUND}\n          as: guest\n"

    flaws = flaws_of(edited(SMALL, (step, DUPLICATES % rules)))

    assert_told(flaws, f"{STEP}/when-duplicate{pointer}", message, hint)


@pytest.mark.parametrize(("edit", "pointer", "message", "hint"), RESOURCES.values(), ids=RESOURCES)
def test_a_resource_that_cannot_be_kept_is_refused(flaws_of, edit, pointer, message, hint):
    assert_told(flaws_of(edited(SMALL, edit)), pointer, message, hint)


@pytest.mark.parametrize(("edit", "pointer", "message", "hint"), REST.values(), ids=REST)
def test_another_part_of_a_document_that_is_wrong_is_refused(flaws_of, edit, pointer, message, hint):
    assert_told(flaws_of(edited(SMALL, edit)), pointer, message, hint)


def test_two_operations_of_one_id_are_refused(flaws_of):
    text = edited(
        SMALL, ("    get:\n", "    get:\n      operationId: a\n"), ("    post:\n", "    post:\n      operationId: a\n")
    )

    assert_told(flaws_of(text), "/paths/~1guests~1{id}/get/operationId", "the operationId 'a' stands twice", "")


@pytest.mark.parametrize(("paths", "pointer"), [("paths: {}\n", "/paths"), ("components: {}\n", "")])
def test_a_document_without_operations_is_refused(flaws_of, paths, pointer):
    text = "openapi: 3.1.0\ninfo: {title: Empty, version: '1'}\n" + paths

    assert_told(flaws_of(text), pointer, "the document has no operations", "")


def test_a_step_that_is_wrong_does_not_make_those_wrong_that_refer_to_it(flaws_of):
    (flaw,) = flaws_of(edited(SMALL, (VERB, "find-or-create: Gest")))

    assert flaw.message == "'Gest' is not a resource"


def test_a_resource_that_is_wrong_does_not_make_those_steps_wrong_that_name_it(flaws_of):
    (flaw,) = flaws_of(edited(SMALL, ("owner: organization, key:", "ownr: organization, key:")))

    assert flaw.pointer == f"{RESOURCE}/ownr"


LIST = "        - list: Guest\n          as: guests\n        - answer: %s"
LISTED = "{type: object, required: [guests], additionalProperties: false, properties: {guests: %s, note: {type: string}}}"
GUESTS = "{type: array, items: {$ref: '#/components/schemas/Guest'}}"


@pytest.mark.parametrize(
    ("answer", "schema", "message"),
    [
        ("{guests: $guests}", LISTED % GUESTS, None),
        ("$guests", GUESTS, None),
        ("{guests: $guests, note: 7}", LISTED % GUESTS, "'note': this value is not of type"),
        ("{guests: $guests, nte: x}", LISTED % GUESTS, "'nte' is not documented"),
        ("{note: x}", LISTED % GUESTS, "'guests' is required"),
        ("{guests: $guests}", LISTED % "{type: string}", "it is not documented as an array"),
        ("{guests: $guests}", "{type: array}", "it is not documented as an object"),
        ("$generated", "{type: object}", "the keyword `type`"),
        ("{guests: $guests}", "{type: object, additionalProperties: {type: string}}", "'guests' is not documented"),
        ("{guests: $guests}", "{oneOf: [{type: object}]}", None),
        ("$guests", "{oneOf: [{type: object}, {type: string}]}", "it is not documented as an array"),
    ],
)
def test_an_answer_of_a_list_has_to_fit_its_schema_whatever_is_listed(flaws_of, answer, schema, message):
    text = edited(
        SMALL,
        (REMOVE, LIST % answer),
        (GONE, f"'200': {{description: All., content: {{application/json: {{schema: {schema}}}}}}}"),
    )

    flaws = flaws_of(text)

    assert bool(flaws) == bool(message)
    assert all(message in flaw.message for flaw in flaws)


UNPROVEN = [
    # answer, schema, keyword in the way, the part of the answer that it asks something of
    ("{guests: $guests}", LISTED % "{type: array, minItems: 1}", "minItems", "/guests"),
    ("{guests: $guests}", LISTED % "{type: array, items: {type: string}}", "type", "/guests/*"),
    ("{guests: $guests}", LISTED % "{type: array, items: {required: [note]}}", "required", "/guests/*/note"),
    ("{guests: $guests}", "{type: object, minProperties: 2}", "minProperties", ""),
    ("{guests: $guests}", "{oneOf: [{type: object}, {required: [guests]}]}", "oneOf", ""),
    ("{guests: $guests, note: $generated}", LISTED % "{type: array}", None, ""),
    ("{guests: $guests, note: $generated}", "{properties: {note: {maxLength: 5}}}", "maxLength", "/note"),
]


@pytest.mark.parametrize(("answer", "schema", "keyword", "pointer"), UNPROVEN)
def test_an_answer_that_may_not_fit_its_schema_is_noted_with_what_stands_in_the_way(tmp_path, answer, schema, keyword, pointer):
    text = edited(
        SMALL,
        (REMOVE, LIST % answer),
        (GONE, f"'200': {{description: All., content: {{application/json: {{schema: {schema}}}}}}}"),
    )

    obstacles = unproven_in(tmp_path, text, "DELETE")

    assert obstacles == ([(200, keyword, pointer)] if keyword else [])


@pytest.mark.parametrize(
    ("answer", "keyword", "pointer"),
    [
        ("$request.body", "required", "/age"),
        ("{id: $guest.id, email: x, age: $request.body#/age, since: $guest.since}", "required", "/age"),
        ("$guest", None, ""),
    ],
)
def test_an_answer_from_the_request_may_lack_what_is_required(tmp_path, answer, keyword, pointer):
    obstacles = unproven_in(tmp_path, edited(SMALL, (END, END.replace("$guest", answer))), "POST")

    assert obstacles == ([(200, keyword, pointer)] if keyword else [])


def test_a_result_that_may_be_nothing_may_be_answered_as_null(tmp_path):
    find = "        - find: Guest\n          where: {id: $request.path.id}\n          otherwise: accept\n          as: guest\n"
    answer = "        - answer: {guest: $guest}"
    schema = "{type: object, properties: {guest: {$ref: '#/components/schemas/Guest'}}}"
    documented = f"'200': {{description: One., content: {{application/json: {{schema: {schema}}}}}}}"

    obstacles = unproven_in(tmp_path, edited(SMALL, (REMOVE, find + answer), (GONE, documented)), "DELETE")

    assert obstacles == [(200, "type", "/guest")]


def unproven_in(folder, text, method):
    path = folder / "openapi.yaml"
    path.write_text(text)
    (operation,) = [one for one in load_contract(path).operations if one.method == method and one.behaviour]
    return [(one.status, one.obstacle.keyword, one.obstacle.pointer) for one in operation.behaviour.answer.unproven]


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("{known-guest: keep}", None),
        ("keep", "has to be a mapping of one assumption"),
        ("{}", "has to be a mapping of one assumption"),
        ("{known-gest: keep}", "there is no assumption 'known-gest'"),
        ("{known-guest: kep}", "'kep' is not a choice of known-guest"),
        ("{known-guest: [keep]}", '["keep"] is not a choice of known-guest'),
    ],
)
def test_a_media_type_may_depend_on_one_choice(flaws_of, when, message):
    gone = f"'204': {{description: Gone.}}\n        '404': {{description: Missing., content: {{application/json: {{x-only-when: {when}}}}}}}"

    flaws = flaws_of(edited(SMALL, (GONE, gone)))

    assert [message in flaw.message for flaw in flaws] == [True] * bool(message)


@pytest.mark.parametrize("name", ["Authorization", "Accept", "Content-Type"])
def test_a_header_that_openapi_ignores_is_no_parameter(load, name):
    header = f"{PARAMETER}\n      - {{name: {name}, in: header, required: true, schema: {{type: string}}}}"

    contract = load(edited(SMALL, (PARAMETER, header)))

    assert [parameter.name for parameter in contract.operations[1].parameters] == ["id"]


@pytest.mark.parametrize(
    ("schema", "query", "value"),
    [
        ("{type: integer}", "q=5", 5),
        ("{type: integer}", "q=5.0", 5.0),
        ("{type: [number, 'null']}", "q=1.5e3", 1500.0),
        ("{type: number}", "q=9007199254740993", 9007199254740993),
        ("{type: boolean}", "q=true", True),
        ("{type: boolean}", "q=yes", "yes"),
        ("{type: [boolean, 'null']}", "q=null", None),
        ("{}", "q=5", "5"),
        ("{type: array, items: {type: integer}}", "q=5&q=6", [5, 6]),
        ("{type: array}", "q=5", ["5"]),
        ("{anyOf: [{type: integer}, {type: string}]}", "q=5", "5"),
        ("{anyOf: [{type: string}, {type: array, items: {type: string}}]}", "q=5", "5"),
        ("{anyOf: [{type: string}, {type: array, items: {type: string}}]}", "q=5&q=6", ["5", "6"]),
    ],
)
def test_a_parameter_is_read_as_the_type_that_its_schema_names(load, schema, query, value):
    parameters = f"{PARAMETER}\n      - {{name: q, in: query, schema: {schema}}}"

    without_behaviour = (
        ("x-behaviour:\n        - find: Guest", "x-other:\n        - find: Guest"),
        ("x-behaviour:\n        - delete", "x-other:\n        - delete"),
    )
    style = load(edited(SMALL, (PARAMETER, parameters), *without_behaviour)).operations[1].parameters[1].style
    read = style.read(style.find(RequestHead({}, query, {})))

    assert (read, type(read)) == (value, type(value))


def test_an_answer_is_compared_with_a_resource_of_another_file(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "a guest.yaml").write_text(
        "x-resource: {owner: organization, key: [email]}\n"
        "type: object\nrequired: [id, email]\n"
        "properties: {id: {type: string}, email: {type: string}, note: {type: [string, 'null']}}\n"
    )
    shown = "{type: object, required: [id], properties: {id: {type: string}, email: {type: string}, note: {anyOf: [{type: string}, {type: 'null'}]}}}"
    small = yaml.safe_load(SMALL)
    small["components"]["schemas"]["Guest"] = {"$ref": "kept/a%20guest.yaml"}
    response = small["paths"]["/guests"]["post"]["responses"]["200"]
    response["content"]["application/json"] = {"schema": yaml.safe_load(shown)}

    assert unproven_in(tmp_path, yaml.safe_dump(small), "POST") == []

    response["content"]["application/json"]["schema"]["properties"]["note"] = {"type": "string"}
    assert unproven_in(tmp_path, yaml.safe_dump(small), "POST") == [(200, "type", "/note")]
