// The journal: every exchange as it happens, newest first; one that is selected shows all that is known of it.

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { live } from "../vendor/lit-html/directives/live.js";
import { Detail } from "./exchange.js";
import { inLine } from "./json.js";
import { Rows } from "./rows.js";
import { apart, counted, kindOf, sized, timeOfDay } from "./wording.js";

const MOST = 10_000;
const FIRST_PAGE = 200; // what is in view comes first, the rest behind it
const PAGE = 1000;
const NARROW = 560;

const STATUSES = { "": "Any status", ok: "2XX", moved: "3XX", refused: "4XX", failed: "5XX", none: "No answer" };
const MARKS = { "": "Everything", changes: "Changed state", violations: "Broke the contract", fault: "Met a fault" };

export class Journal {
  name = "journal";
  title = "Journal";
  #room;
  #all = []; // oldest first
  #shown = []; // those that the filter takes
  #waiting = []; // what came while the list was paused, or is being loaded
  #filter = { text: "", operation: "", organization: "", status: "", mark: "" };
  #texts = new WeakMap();
  #isPaused = false;
  #isLoading = true;
  #keeps = false;
  #selected = null;
  #loads = 0;
  #added = 0;
  #unseen = 0;

  constructor(room) {
    this.#room = room;
    this.rows = new Rows(room.redraw, (width) => (width < NARROW ? 50 : 32));
    this.detail = new Detail(room, () => this.#close());
  }

  get badge() {
    return this.#all.length || null;
  }

  /** Ask for the exchanges that the mock remembers: the latest first, then page by page what was before. */
  async load() {
    const load = ++this.#loads;
    this.#isLoading = true;
    const latest = await this.#room.control.get(`/requests?limit=${FIRST_PAGE}`);
    if (load !== this.#loads) return;
    this.#isLoading = false;
    if (!this.#keeps) this.#all = [];
    this.#merge([...latest.requests, ...this.#waiting.splice(0)]);
    let oldest = latest.requests[0]?.number;
    while (oldest > 1 && this.#all.length < MOST) {
      const page = await this.#room.control.get(`/requests?limit=${Math.min(PAGE, MOST - this.#all.length)}&before=${oldest}`);
      if (load !== this.#loads || !page.requests.length) return;
      this.#merge(page.requests);
      oldest = page.requests[0].number;
    }
  }

  /** Take an exchange that just happened. */
  hear(exchange) {
    if (this.#isLoading || this.#isPaused) {
      this.#waiting.push(exchange);
      if (this.#waiting.length > MOST) this.#waiting.shift();
      return;
    }
    this.#append(exchange);
  }

  /** Forget all exchanges, since the mock did, unless the log is to be kept. */
  cleared() {
    this.#loads += 1;
    this.#isLoading = false;
    if (this.#keeps) return;
    this.#waiting = [];
    this.#all = [];
    this.#refilter();
    this.#close();
  }

  /** Return the latest exchange of a method and path that came after `time`; undefined where there is none. */
  latest(method, path, time) {
    return [...this.#all, ...this.#waiting].findLast((exchange) => exchange.time > time && exchange.method === method && exchange.path === path);
  }

  /** The time of the latest exchange. */
  get lastTime() {
    return (this.#waiting.at(-1) ?? this.#all.at(-1))?.time ?? "";
  }

  /** Show an exchange. */
  select(exchange) {
    if (!this.#shown.includes(exchange)) this.#setFilter({ text: "", operation: "", organization: "", status: "", mark: "" });
    this.#selected = exchange;
    this.rows.reveal(this.#indexOf(exchange));
    this.#room.redraw();
  }

  view() {
    const { operations, organizations } = this.#room;
    this.rows.hold(this.#added);
    return html`<div class="journal ${this.#selected ? "has-detail" : ""}">
      <div class="toolbar" role="search" aria-label="Filter the journal">
        <input id="journal-filter" type="search" class="grow" placeholder="Filter by path, body, status, …" aria-label="Filter by text"
          aria-keyshortcuts="/" .value=${live(this.#filter.text)} @input=${(e) => this.#setFilter({ text: e.target.value })}>
        ${this.#choice("operation", "Operation", { "": "Any operation", ...same(operations.map(({ id }) => id)) })}
        ${this.#choice("organization", "Organization", { "": "Any organization", ...same(organizations.names) })}
        ${this.#choice("status", "Status", STATUSES)}
        ${this.#choice("mark", "Only those that", MARKS)}
        <span class="buttons">
          <button aria-pressed=${this.#isPaused} title="Hold the list still (P)" @click=${this.togglePause}>
            ${this.#isPaused ? html`▶ Resume${this.#waiting.length ? ` (${this.#waiting.length})` : ""}` : "❚❚ Pause"}</button>
          <button title="Let the mock forget all exchanges" @click=${this.#clear}>Clear</button>
          <label class="check" title="Keep the rows here when the journal is emptied, for example by a reset between two tests">
            <input type="checkbox" .checked=${live(this.#keeps)} @change=${(e) => this.#keep(e.target.checked)}> Preserve log</label>
        </span>
      </div>
      <div class="split">
        <div class="list">
          ${this.#heading()}
          <div class="grid" id="journal-rows" role="grid" tabindex="0" aria-label="Exchanges, newest first" aria-rowcount=${this.#shown.length}
            aria-activedescendant=${this.#selected ? "selected-exchange" : nothing}
            @scroll=${this.#scrolled} @keydown=${this.#pressed}>
            ${this.#shown.length ? this.rows.view(this.#shown.length, (index) => this.#row(index)) : this.#nothingThere()}
          </div>
          ${this.#unseen ? html`<button class="unseen" @click=${() => this.rows.toTop()}>↑ ${this.#unseen.toLocaleString("en")} new</button>` : nothing}
          <div class="footing">${this.#footing()}</div>
        </div>
        ${this.#selected ? this.detail.view(this.#selected) : nothing}
      </div>
    </div>`;
  }

  drawn() {
    this.rows.settle(document.getElementById("journal-rows"));
    const unseen = this.rows.isAtTop ? 0 : this.#unseen + this.#added;
    this.#added = 0;
    if (unseen !== this.#unseen) {
      this.#unseen = unseen;
      this.#room.redraw();
    }
  }

  /** Take a key that was pressed anywhere on the page. */
  pressed(event) {
    if (event.key === "p") this.togglePause();
    else if (event.key === "Escape" && this.#selected) this.#close();
    else return false;
    return true;
  }

  togglePause = () => {
    this.#isPaused = !this.#isPaused;
    if (!this.#isPaused) this.#waiting.splice(0).forEach((exchange) => this.#append(exchange));
    this.#room.redraw();
  };

  #clear = () => this.#room.attempt(async () => {
    await this.#room.control.send("DELETE", "/requests");
    this.#all = [];
    this.#waiting = [];
    this.#refilter();
    this.#close();
  });

  #keep(keeps) {
    this.#keeps = keeps;
    this.#room.redraw();
  }

  #append(exchange) {
    this.#all.push(exchange);
    if (this.#all.length > MOST) {
      this.#all.splice(0, PAGE);
      this.#refilter();
    } else if (this.#takes(exchange)) {
      this.#shown.push(exchange);
      this.#added += 1;
    }
    this.#room.redraw();
  }

  #merge(exchanges) {
    const known = new Set(this.#all.map(keyOf));
    const before = this.#shown.length;
    this.#all = [...this.#all, ...exchanges.filter((exchange) => !known.has(keyOf(exchange)))];
    this.#all.sort((one, other) => (one.time < other.time ? -1 : one.time > other.time ? 1 : one.number - other.number));
    this.#all = this.#all.slice(-MOST);
    this.#selected = this.#selected && (this.#all.find((exchange) => keyOf(exchange) === keyOf(this.#selected)) || null);
    this.#refilter();
    this.#added = before ? 0 : this.#added;
  }

  #setFilter(part) {
    this.#filter = { ...this.#filter, ...part };
    this.#refilter();
    this.rows.toTop();
  }

  #refilter() {
    this.#shown = this.#all.filter((exchange) => this.#takes(exchange));
    this.#unseen = 0;
    this.#room.redraw();
  }

  #takes(exchange) {
    const { text, operation, organization, status, mark } = this.#filter;
    return (
      (!operation || exchange.operation === operation) &&
      (!organization || exchange.organization === organization) &&
      (!status || kindOf(exchange.status) === status) &&
      (!mark || (mark === "fault" ? exchange.fault !== null : exchange[mark].length > 0)) &&
      (!text || text.toLowerCase().split(/\s+/).every((word) => this.#textOf(exchange).includes(word)))
    );
  }

  #textOf(exchange) {
    if (!this.#texts.has(exchange)) {
      const { number, method, path, query, operation, organization, status, body, answer, fault, stub, detail } = exchange;
      const parts = [`#${number}`, method, `${path}?${query}`, operation, organization, status, fault, stub, detail, body.text];
      const bodies = [body.json, answer.body.json].map((value) => JSON.stringify(value));
      this.#texts.set(exchange, [...parts, ...bodies].join("\n").toLowerCase());
    }
    return this.#texts.get(exchange);
  }

  #indexOf(exchange) {
    return this.#shown.length - 1 - this.#shown.lastIndexOf(exchange);
  }

  #close() {
    if (!this.#selected) return;
    this.#selected = null;
    if (document.activeElement.closest("#exchange")) document.getElementById("journal-rows").focus({ preventScroll: true });
    this.#room.redraw();
  }

  #choice(part, label, choices) {
    const chosen = this.#filter[part];
    return html`<select aria-label=${label} class=${chosen ? "in-use" : ""} @change=${(e) => this.#setFilter({ [part]: e.target.value })}>
      ${Object.entries(choices).map(([value, text]) => html`<option value=${value} .selected=${live(value === chosen)}>${text}</option>`)}
    </select>`;
  }

  #heading() {
    return html`<div class="row heading" aria-hidden="true">
      <span class="c-status">Status</span><span class="c-method">Method</span><span class="c-path">Path</span>
      <span class="c-operation">Operation</span><span class="c-organization">Organization</span>
      <span class="c-marks"></span><span class="c-size">Size</span><span class="c-time">Time</span>
    </div>`;
  }

  #row(index) {
    const exchange = this.#shown[this.#shown.length - 1 - index];
    const isSelected = exchange === this.#selected;
    const { method, path, query, operation, organization, status, answer, time } = exchange;
    return html`<div class="row ${isSelected ? "selected" : ""} status-${kindOf(status)}" role="row" aria-rowindex=${index + 1}
      aria-selected=${isSelected} id=${isSelected ? "selected-exchange" : nothing} @click=${() => this.#click(exchange)}>
      <span role="gridcell" class="c-status"><b>${status ?? "—"}</b></span>
      <span role="gridcell" class="c-method method-${method.toLowerCase()}">${method}</span>
      <span role="gridcell" class="c-path" title=${`${path}${query ? `?${query}` : ""}`}>${path}${query ? html`<i>?${query}</i>` : nothing}</span>
      <span role="gridcell" class="c-operation">${operation ?? "—"}</span>
      <span role="gridcell" class="c-organization">${organization ?? "—"}</span>
      <span role="gridcell" class="c-marks">${marks(exchange)}</span>
      <span role="gridcell" class="c-size">${sized(answer.body.size)}</span>
      <span role="gridcell" class="c-time" title=${time}>${timeOfDay(time)}</span>
    </div>`;
  }

  #footing() {
    const all = this.#all.length;
    const told = this.#shown.length === all ? counted(all, "exchange") : `${this.#shown.length.toLocaleString("en")} of ${counted(all, "exchange")}`;
    const between = all > 1 ? (Date.parse(this.#all.at(-1).time) - Date.parse(this.#all[0].time)) / 1000 : 0;
    return html`<span>${told}</span>${between >= 1 ? html`<span class="dim">over ${apart(between)}</span>` : nothing}
      ${this.#isPaused ? html`<span class="paused">paused, ${this.#waiting.length.toLocaleString("en")} waiting</span>` : nothing}`;
  }

  #nothingThere() {
    if (this.#isLoading) return html`<div class="empty"><p>Loading…</p></div>`;
    if (this.#all.length) {
      return html`<div class="empty"><h2>No exchange fits the filter</h2>
        <button @click=${() => this.#setFilter({ text: "", operation: "", organization: "", status: "", mark: "" })}>Clear the filter</button></div>`;
    }
    return html`<div class="empty"><h2>Nothing was asked yet</h2>
      <p>Point your app at <code>${this.#room.url}</code>. Every request shows up here as it happens.</p>
      <button class="primary" @click=${() => this.#room.go("try")}>Try an operation</button></div>`;
  }

  #scrolled = () => this.#room.redraw();

  #click(exchange) {
    this.#selected = exchange === this.#selected ? null : exchange;
    this.#room.redraw();
  }

  #pressed = (event) => {
    const count = this.#shown.length;
    const to = this.rows.walked(event.key, this.#selected ? this.#indexOf(this.#selected) : -1, count);
    if (event.key === "Enter" && this.#selected) document.getElementById("exchange")?.focus();
    else if (to !== null) {
      this.#selected = this.#shown[count - 1 - to];
      this.rows.reveal(to);
    } else return;
    event.preventDefault();
    this.#room.redraw();
  };
}

function keyOf(exchange) {
  return `${exchange.time} ${exchange.number}`;
}

function same(names) {
  return Object.fromEntries(names.map((name) => [name, name]));
}

function marks({ changes, violations, fault, stub }) {
  return html`
    ${stub === null ? nothing : html`<span class="mark mark-stub" title=${`The stub ${stub} answered it`}>${stub}</span>`}
    ${fault === null ? nothing : html`<span class="mark mark-fault" title=${`Met the fault ${inLine(fault)}`}>⚡ ${fault}</span>`}
    ${violations.length ? html`<span class="mark mark-violations" title=${violations.map((v) => `${v.location} ${v.pointer}: ${v.message}`).join("\n")}>${counted(violations.length, "violation")}</span>` : nothing}
    ${changes.length ? html`<span class="mark mark-changes" title=${counted(changes.length, "changed record")}>±${changes.length}</span>` : nothing}`;
}
