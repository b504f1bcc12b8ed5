// The state as tables: every resource of the contract, for one organization or for all.

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { live } from "../vendor/lit-html/directives/live.js";
import { fieldsOf } from "./changes.js";
import { pick, save } from "./copying.js";
import { inLine, shownJson } from "./json.js";
import { counted } from "./wording.js";

const PAGE = 100;
const PATIENCE = 250; // a busy mock changes many times a second
const LONG_TEXT = 18;

export class State {
  name = "state";
  title = "State";
  badge = null;
  #room;
  #resources = {};
  #records = []; // {resource, organization, record}
  #resource = null;
  #organization = "";
  #text = "";
  #page = 0;
  #opened = null; // what a record is known by
  #changed = new Map(); // what records are known by, with the time of their last change
  #isStale = true;
  #timer = null;

  constructor(room) {
    this.#room = room;
  }

  async load() {
    this.#resources = (await this.#room.control.get("/resources")).resources;
    this.#resource = this.#resource in this.#resources ? this.#resource : (Object.keys(this.#resources)[0] ?? null);
    this.#isStale = true;
    this.refresh();
  }

  /** Ask for the state again, soon, where somebody looks at it. */
  refresh() {
    this.#isStale = true;
    if (this.#room.tab !== this || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#room.attempt(() => this.#fetch());
    }, this.#records.length ? PATIENCE : 0);
  }

  /** Note which records an exchange changed. */
  hear({ changes }) {
    if (!changes.length) return;
    for (const { resource, organization, id } of changes) this.#changed.set(keyOf(resource, organization, id), Date.now());
    this.refresh();
  }

  shown() {
    if (this.#isStale) this.refresh();
  }

  view() {
    const names = Object.keys(this.#resources);
    if (!names.length) return html`<div class="page"><div class="empty"><h2>The document declares no resources</h2>
      <p>Its operations answer from their examples and schemas; nothing is stored.</p></div></div>`;
    const { organizations } = this.#room;
    const found = this.#found();
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    const page = Math.min(this.#page, pages - 1);
    return html`<div class="page state">
      <div class="toolbar">
        <div class="segments" role="group" aria-label="Resource">${names.map((name) => html`
          <button aria-pressed=${name === this.#resource} @click=${() => this.#show({ resource: name })}>
            ${name} <span class="count">${this.#count(name)}</span></button>`)}</div>
        <select aria-label="Organization" class=${this.#organization ? "in-use" : ""} @change=${(e) => this.#show({ organization: e.target.value })}>
          ${["", ...organizations.names].map((name) => html`<option value=${name} .selected=${live(name === this.#organization)}>${name || "All organizations"}</option>`)}
        </select>
        <input id="state-filter" type="search" class="grow" placeholder="Search records" aria-label="Search records" aria-keyshortcuts="/"
          .value=${live(this.#text)} @input=${(e) => this.#show({ text: e.target.value })}>
        <span class="buttons">
          <button @click=${this.#reset} title="Return to the fixtures; journal, faults, assumptions and clock stay">Reset state</button>
          <button @click=${this.#snapshot}>Download snapshot</button>
          <button @click=${this.#restore}>Restore…</button>
        </span>
      </div>
      ${this.#table(found.slice(page * PAGE, (page + 1) * PAGE))}
      <div class="footing">
        <span>${found.length === this.#count(this.#resource) ? counted(found.length, "record") : `${found.length} of ${counted(this.#count(this.#resource), "record")}`}</span>
        ${pages > 1 ? html`<span class="buttons">
          <button ?disabled=${page === 0} @click=${() => this.#turn(page - 1)}>← Previous</button>
          <span>page ${page + 1} of ${pages}</span>
          <button ?disabled=${page === pages - 1} @click=${() => this.#turn(page + 1)}>Next →</button></span>` : nothing}
      </div>
    </div>`;
  }

  #table(records) {
    const { owned, fields, key } = this.#resources[this.#resource];
    if (!records.length) return html`<div class="empty grow"><h2>No ${this.#resource} ${this.#text || this.#organization ? "fits" : "is stored"}</h2></div>`;
    const names = sorted(fields, this.#resources[this.#resource]);
    return html`<div class="scrolling grow" tabindex="0" role="region" aria-label=${`Records of ${this.#resource}`}><table class="records">
      <thead><tr>${owned ? html`<th scope="col">organization</th>` : nothing}${names.map(({ name }) => html`
        <th scope="col" title=${key.includes(name) ? "part of the key" : ""}>${name}${key.includes(name) ? html` <span class="key">key</span>` : nothing}</th>`)}</tr></thead>
      <tbody>${records.map((entry) => this.#row(entry, owned, names))}</tbody>
    </table></div>`;
  }

  #row({ organization, record, known }, owned, fields) {
    const isOpened = this.#opened === known;
    const isNew = Date.now() - (this.#changed.get(known) ?? 0) < 4000;
    const toggle = () => this.#open(isOpened ? null : known);
    const { id } = this.#resources[this.#resource];
    return html`<tr class="${isOpened ? "opened" : ""} ${isNew ? "fresh" : ""}">
      ${owned ? html`<td class="dim">${organization}</td>` : nothing}
      ${fields.map(({ name, refers_to }) => html`<td>${name === id
        ? html`<button class="link" aria-expanded=${isOpened} title="Show the record as JSON" @click=${toggle}>${inLine(record[name])}</button>`
        : this.#cell(record[name], refers_to, organization)}</td>`)}
    </tr>
    ${isOpened ? html`<tr class="opened"><td colspan=${fields.length + (owned ? 1 : 0)}>${shownJson(record)}</td></tr>` : nothing}`;
  }

  #cell(value, refersTo, organization) {
    if (value === undefined || value === null) return html`<span class="absent">${value === null ? "null" : "—"}</span>`;
    const text = inLine(value);
    if (refersTo === null) return html`<span class="value" title=${text.length > LONG_TEXT ? text : nothing}>${text}</span>`;
    return html`<button class="link" title=${`Show this ${refersTo}`} @click=${() => this.#follow(refersTo, organization, value)}>${text}</button>`;
  }

  #follow(resource, organization, id) {
    const owner = this.#resources[resource].owned ? organization : null;
    this.#opened = keyOf(resource, owner, id);
    this.#show({ resource, text: inLine(id) });
  }

  async #fetch() {
    const { organizations, shared } = await this.#room.control.get("/state");
    this.#isStale = false;
    const owned = Object.entries(organizations).flatMap(([organization, all]) => this.#entries(organization, all));
    this.#records = [...owned, ...this.#entries(null, shared ?? {})];
    this.#room.redraw();
  }

  #entries(organization, all) {
    return Object.entries(all).flatMap(([resource, records]) => records.map((record) => {
      const id = record[this.#resources[resource]?.id];
      return { resource, organization, record, known: keyOf(resource, organization, id) };
    }));
  }

  #count(resource) {
    return this.#records.filter((entry) => entry.resource === resource && this.#isOf(entry)).length;
  }

  #isOf(entry) {
    return !this.#organization || entry.organization === this.#organization || entry.organization === null;
  }

  #found() {
    const words = this.#text.toLowerCase().split(/\s+/).filter(Boolean);
    return this.#records.filter((entry) => {
      if (entry.resource !== this.#resource || !this.#isOf(entry)) return false;
      if (!words.length) return true;
      const text = fieldsOf(entry.record).map(([, value]) => inLine(value)).join("\n").toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }

  #show({ resource = this.#resource, organization = this.#organization, text = this.#text }) {
    this.#resource = resource;
    this.#organization = organization;
    this.#text = text;
    this.#page = 0;
    this.#room.redraw();
  }

  #open(known) {
    this.#opened = known;
    this.#room.redraw();
  }

  #turn(page) {
    this.#page = page;
    this.#room.redraw();
  }

  #reset = () => this.#room.attempt(async () => {
    await this.#room.control.send("POST", "/reset", { parts: ["state"] });
    this.#room.notices.say("The state is that of the fixtures again.");
  });

  #snapshot = () => this.#room.attempt(async () => {
    save("state.json", await this.#room.control.text("/state"));
  });

  #restore = () => this.#room.attempt(async () => {
    const text = await pick(".json,application/json");
    if (text === null) return;
    await this.#room.control.send("PUT", "/state", text);
    this.#room.notices.say("The state is restored.");
  });
}

function keyOf(resource, organization, id) {
  return JSON.stringify([resource, organization, id]);
}

/** The id and the key come first, what the server makes comes last. */
function sorted(fields, { id, key }) {
  const rank = ({ name, server_made }) => (name === id ? 0 : key.includes(name) ? 1 : server_made ? 3 : 2);
  return [...fields].sort((one, other) => rank(one) - rank(other));
}
