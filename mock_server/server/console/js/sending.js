// Which messages the document declares and which operations send them: what the page tells while none was sent.

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { parse } from "./json.js";

const DOCUMENT = "/openapi.json";
const METHODS = new Set(["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"]);

export class Sending {
  #room;
  #declared = null; // names; null where nobody asked yet
  #sends = []; // pairs of the id of an operation and the name of what it sends

  constructor(room) {
    this.#room = room;
  }

  /** Read the document, once. */
  async load() {
    if (this.#declared !== null) return;
    const document = parse(await (await fetch(DOCUMENT, { cache: "no-store" })).text());
    const operations = operationsIn(document);
    const names = [document.webhooks, document["x-webhooks"], ...operations.map(([, { callbacks }]) => callbacks)];
    this.#declared = [...new Set(names.flatMap((named) => Object.keys(named ?? {})))];
    this.#sends = operations.flatMap(([id, operation]) => sentBy(operation["x-behaviour"])
      .filter((name) => this.#declared.includes(name)).map((name) => [id, name]));
  }

  /** Read the document anew when it is asked for again. */
  forget() {
    this.#declared = null;
  }

  /** Whether the document is known to declare nothing that could be sent. */
  get isNone() {
    return this.#declared?.length === 0;
  }

  view() {
    if (this.#declared === null) return html`<div class="empty"><p>Loading…</p></div>`;
    if (!this.#declared.length) {
      return html`<div class="empty"><h2>The document declares no webhooks</h2>
        <p>It has neither <code>webhooks</code> nor <code>callbacks</code>. The section <b>Webhooks</b> of <code>docs/contract.md</code>
          says how a message is declared, sent and signed.</p></div>`;
    }
    if (!this.#sends.length) {
      return html`<div class="empty"><h2>No operation sends a webhook</h2>
        <p>The document declares ${listed(this.#declared)}. The verb <code>send</code> sends one: see the section <b>Webhooks</b> of
          <code>docs/contract.md</code>.</p></div>`;
    }
    return html`<div class="empty"><h2>Nothing was sent yet</h2>
      <p>Messages are sent once a request is answered, and show up here as they come further.</p>
      <ul class="sends">${this.#sends.map(([id, name]) => html`<li><code>${id}</code> sends <code>${name}</code></li>`)}</ul>
      <button class="primary" @click=${() => this.#room.go("try")}>Try an operation</button></div>`;
  }
}

function operationsIn({ paths = {} }) {
  return Object.entries(paths).flatMap(([path, item]) => Object.entries(item ?? {})
    .filter(([method]) => METHODS.has(method))
    .map(([method, operation]) => [operation.operationId ?? `${method.toUpperCase()} ${path}`, operation]));
}

/** Return the names of what is sent in a behaviour, whatever the step stands in. */
function sentBy(behaviour) {
  if (typeof behaviour !== "object" || behaviour === null) return [];
  if (Array.isArray(behaviour)) return behaviour.flatMap(sentBy);
  const sent = typeof behaviour.send === "string" ? [behaviour.send] : [];
  return [...new Set([...sent, ...Object.values(behaviour).flatMap(sentBy)])];
}

function listed(names) {
  return names.map((name, index) => html`${index ? ", " : nothing}<code>${name}</code>`);
}
