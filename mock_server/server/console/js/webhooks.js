// Webhooks: the messages that the mock sent of itself, newest first, and what became of each.

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { live } from "../vendor/lit-html/directives/live.js";
import { Delivery, STATES, became } from "./delivery.js";
import { Rows } from "./rows.js";
import { Sending } from "./sending.js";
import { counted, timeOfDay } from "./wording.js";

const MOST = 1000;
const NARROW = 560;
const PATIENCE = 250; // a busy mock sends many at a time
const NO_FILTER = { text: "", event: "", state: "" };

export class Webhooks {
  name = "webhooks";
  title = "Webhooks";
  #room;
  #all = []; // newest first
  #shown = []; // those that the filter takes
  #count = 0; // how many the mock remembers
  #filter = { ...NO_FILTER };
  #selected = null; // the id of one
  #isStale = true; // whether there is more than what is in the list
  #hasNews = false; // whether there is more than what was asked for
  #underWay = 0;
  #timer = null;
  #asked = 0;
  #answered = 0;

  constructor(room) {
    this.#room = room;
    this.rows = new Rows(room.redraw, (width) => (width < NARROW ? 50 : 32));
    this.sending = new Sending(room);
    this.detail = new Delivery({ close: () => this.#select(null), redeliver: this.#redeliver });
  }

  get badge() {
    return this.#count || null;
  }

  /** Ask for the messages that the mock remembers; where nobody looks at them, only how many they are. */
  async load() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#hasNews = false;
    this.#underWay += 1;
    try {
      await this.#fetch();
    } finally {
      this.#underWay -= 1;
      this.#loadSoon();
    }
  }

  async #fetch() {
    const isSeen = this.#room.tab === this;
    const asked = ++this.#asked;
    const { count, webhooks } = await this.#room.control.get(`/webhooks?limit=${isSeen ? MOST : 1}`);
    if (asked < this.#answered) return; // what was asked for later is here already
    this.#answered = asked;
    this.#count = count;
    this.#isStale = !isSeen;
    if (isSeen) this.#take(webhooks.reverse());
    if (isSeen && !count) await this.sending.load();
    this.#room.redraw();
  }

  /** Take note that a message has come further. */
  hear() {
    this.#isStale = true;
    this.#hasNews = true;
    this.#loadSoon();
  }

  #loadSoon() {
    if (!this.#hasNews || this.#underWay) return;
    this.#timer ??= setTimeout(() => this.#room.attempt(() => this.load()), PATIENCE);
  }

  shown() {
    if (this.#isStale) this.#room.attempt(() => this.load());
  }

  view() {
    if (!this.#all.length && this.sending.isNone) return html`<div class="page">${this.sending.view()}</div>`;
    const selected = this.#all.find(({ id }) => id === this.#selected);
    const events = [...new Set(this.#all.map(({ event }) => event))].sort();
    return html`<div class="journal ${selected ? "has-detail" : ""}">
      <div class="toolbar" role="search" aria-label="Filter the webhooks">
        <input id="webhooks-filter" type="search" class="grow" placeholder="Filter by URL, body, problem, …" aria-label="Filter by text"
          aria-keyshortcuts="/" .value=${live(this.#filter.text)} @input=${(e) => this.#setFilter({ text: e.target.value })}>
        ${this.#choice("event", "Event", ["Any event", ...events])}
        ${this.#choice("state", "State", ["Any state", ...Object.keys(STATES)])}
        <span class="buttons"><button ?disabled=${!this.#all.length} title="Let the mock forget them, and send no more of what waits"
          @click=${this.#clear}>Forget all</button></span>
      </div>
      <div class="split">
        <div class="list webhooks">
          <div class="row heading" aria-hidden="true"><span class="c-state">State</span><span class="c-event">Event</span>
            <span class="c-path">URL</span><span class="c-organization">Organization</span><span class="c-became">Last attempt</span>
            <span class="c-time">Time</span></div>
          <div class="grid" id="webhook-rows" role="grid" tabindex="0" aria-label="Webhooks, newest first" aria-rowcount=${this.#shown.length}
            aria-activedescendant=${selected ? "selected-webhook" : nothing} @scroll=${this.#room.redraw} @keydown=${this.#walk}>
            ${this.#shown.length ? this.rows.view(this.#shown.length, (index) => this.#row(this.#shown[index], index)) : this.#nothingThere()}
          </div>
          <div class="footing">${this.#footing()}</div>
        </div>
        ${selected ? this.detail.view(selected) : nothing}
      </div>
    </div>`;
  }

  drawn() {
    const box = document.getElementById("webhook-rows");
    if (box) this.rows.settle(box);
  }

  /** Take a key that was pressed anywhere on the page. */
  pressed(event) {
    if (event.key !== "Escape" || this.#selected === null) return false;
    this.#select(null);
    return true;
  }

  #row(sent, index) {
    const { id, state, event, url, organization, time } = sent;
    const isSelected = id === this.#selected;
    return html`<div class="row ${isSelected ? "selected" : ""} sent-${state}" role="row" aria-rowindex=${index + 1} aria-selected=${isSelected}
      id=${isSelected ? "selected-webhook" : nothing} @click=${() => this.#select(isSelected ? null : id)}>
      <span role="gridcell" class="c-state"><span class="mark mark-${state}" title=${STATES[state]}>${state}</span></span>
      <span role="gridcell" class="c-event" title=${event}>${event}</span>
      <span role="gridcell" class="c-path" title=${url}>${url}</span>
      <span role="gridcell" class="c-organization">${organization ?? "—"}</span>
      <span role="gridcell" class="c-became" title=${became(sent)}>${became(sent)}</span>
      <span role="gridcell" class="c-time" title=${`${time}, by the mock's clock`}>${timeOfDay(time)}</span>
    </div>`;
  }

  #footing() {
    const [shown, loaded] = [this.#shown.length, this.#all.length];
    const told = shown === loaded ? counted(loaded, "message") : `${shown.toLocaleString("en")} of ${counted(loaded, "message")}`;
    return html`<span>${told}</span>${loaded < this.#count
      ? html`<span class="dim">the latest of ${this.#count.toLocaleString("en")}</span>` : nothing}`;
  }

  #nothingThere() {
    if (this.#all.length) {
      return html`<div class="empty"><h2>No message fits the filter</h2>
        <button @click=${() => this.#setFilter(NO_FILTER)}>Clear the filter</button></div>`;
    }
    return this.#answered ? this.sending.view() : html`<div class="empty"><p>Loading…</p></div>`;
  }

  #choice(part, label, [any, ...choices]) {
    const chosen = this.#filter[part];
    return html`<select aria-label=${label} class=${chosen ? "in-use" : ""} @change=${(e) => this.#setFilter({ [part]: e.target.value })}>
      ${["", ...choices].map((value) => html`<option value=${value} .selected=${live(value === chosen)}>${value || any}</option>`)}
    </select>`;
  }

  /** Take what the mock remembers; whoever reads further down goes on reading there. */
  #take(webhooks) {
    const before = this.#shown[0]?.number ?? 0;
    this.#all = webhooks;
    this.#refilter();
    if (before) this.rows.hold(this.#shown.filter(({ number }) => number > before).length);
  }

  #setFilter(part) {
    this.#filter = { ...this.#filter, ...part };
    this.#refilter();
    this.rows.toTop();
  }

  #refilter() {
    const { text, event, state } = this.#filter;
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    this.#shown = this.#all.filter((sent) => {
      if ((event && sent.event !== event) || (state && sent.state !== state)) return false;
      const all = words.length ? textOf(sent) : "";
      return words.every((word) => all.includes(word));
    });
  }

  #select(id) {
    const isInDetail = document.activeElement.closest("#webhook") !== null;
    this.#selected = id;
    if (id === null && isInDetail) document.getElementById("webhook-rows").focus({ preventScroll: true });
    this.#room.redraw();
  }

  #walk = (event) => {
    const to = this.rows.walked(event.key, this.#shown.findIndex(({ id }) => id === this.#selected), this.#shown.length);
    if (event.key === "Enter" && this.#selected) document.getElementById("webhook")?.focus();
    else if (to !== null) {
      this.#selected = this.#shown[to].id;
      this.rows.reveal(to);
    } else return;
    event.preventDefault();
    this.#room.redraw();
  };

  #redeliver = (id) => this.#room.attempt(async () => {
    await this.#room.control.send("POST", `/webhooks/${encodeURIComponent(id)}/redeliver`);
    this.#room.notices.say("It is sent once more, under its id.");
    await this.load();
  });

  #clear = () => this.#room.attempt(() => this.#room.control.send("DELETE", "/webhooks"));
}

function textOf({ number, id, event, url, organization, state, problem, body }) {
  return [`#${number}`, id, event, url, organization, state, problem, JSON.stringify(body.json)].join("\n").toLowerCase();
}
