// What the documents leave open, as switches.

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { live } from "../vendor/lit-html/directives/live.js";
import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { copy, save } from "./copying.js";
import { counted } from "./wording.js";

const SOURCES = {
  documented: "The documents say so.",
  assumed: "Nobody knows: the documents do not say, and no deployment was asked.",
  observed: "A deployment was seen to do so.",
};

export class Assumptions {
  name = "assumptions";
  title = "Assumptions";
  all = {};
  #room;
  #asked = {}; // by name: what was chosen here and the mock has not answered yet
  #text = "";
  #onlyDiffering = false;
  #lookedFor = null;

  constructor(room) {
    this.#room = room;
  }

  get badge() {
    return this.#differing().length || null;
  }

  async load() {
    this.all = (await this.#room.control.get("/assumptions")).assumptions;
    this.#room.redraw();
  }

  /** Open the page at one assumption. */
  show(name) {
    this.#text = "";
    this.#onlyDiffering = false;
    this.#lookedFor = name;
    this.#room.go("assumptions");
  }

  drawn() {
    if (this.#lookedFor === null) return;
    const found = document.getElementById(`assumption-${this.#lookedFor}`);
    this.#lookedFor = null;
    found?.scrollIntoView({ block: "center" });
    found?.querySelector("input:checked")?.focus({ preventScroll: true });
  }

  view() {
    const names = Object.keys(this.all).filter((name) => this.#takes(name));
    const differing = this.#differing();
    return html`<div class="page">
      <div class="toolbar">
        <input type="search" class="grow" placeholder="Search assumptions" aria-label="Search assumptions"
          .value=${live(this.#text)} @input=${(e) => this.#search(e.target.value)}>
        <label class="check"><input type="checkbox" .checked=${live(this.#onlyDiffering)} @change=${(e) => this.#only(e.target.checked)}>
          Only those that differ from the default (${differing.length})</label>
        <span class="buttons">
          <button ?disabled=${!differing.length} @click=${this.#copyOptions} title="As options of mock-server serve">Copy --assume options</button>
          <button ?disabled=${!differing.length} @click=${this.#save} title="A file for --profile">Download profile</button>
          <button ?disabled=${!differing.length} @click=${() => this.#choose(Object.fromEntries(differing.map((name) => [name, this.all[name].default])))}>
            All to default</button>
        </span>
      </div>
      <div class="cards">
        ${repeat(names, (name) => name, (name) => this.#card(name, this.all[name]))}
        ${names.length ? nothing : html`<div class="empty"><h2>${Object.keys(this.all).length ? "No assumption fits" : "The document leaves nothing open"}</h2></div>`}
      </div>
    </div>`;
  }

  #card(name, { choice, source, date, evidence, default: usual, choices, why }) {
    const differs = choice !== usual;
    const marked = this.#asked[name] ?? choice; // or a redraw before the answer would put the mark back
    return html`<fieldset class="card ${differs ? "differs" : ""}" id=${`assumption-${name}`}>
      <legend><code>${name}</code></legend>
      <p class="badges">
        <span class="mark mark-${source}" title=${SOURCES[source] ?? ""}>${source}${date ? ` ${date}` : ""}</span>
        ${differs ? html`<span class="mark mark-differs">differs from the default</span>
          <button class="link" @click=${() => this.#choose({ [name]: usual })}>Back to ${usual}</button>` : nothing}
      </p>
      <div class="choices" role="radiogroup" aria-label=${name}>
        ${Object.entries(choices).map(([value, meaning]) => html`<label class="choice ${value === marked ? "chosen" : ""}">
          <input type="radio" name=${`assumption-${name}`} value=${value} .checked=${live(value === marked)}
            @change=${() => this.#choose({ [name]: value })}>
          <span><b>${value}</b>${value === usual ? html` <span class="dim">default</span>` : nothing}<br><span class="dim">${meaning}</span></span>
        </label>`)}
      </div>
      <p class="why"><b>Why it is open.</b> ${why}</p>
      ${evidence ? html`<p class="why"><b>Evidence.</b> ${evidence}</p>` : nothing}
    </fieldset>`;
  }

  #differing() {
    return Object.keys(this.all).filter((name) => this.all[name].choice !== this.all[name].default);
  }

  #takes(name) {
    const { choice, default: usual, choices, why } = this.all[name];
    if (this.#onlyDiffering && choice === usual) return false;
    const text = [name, why, ...Object.keys(choices), ...Object.values(choices)].join("\n").toLowerCase();
    return text.includes(this.#text.toLowerCase());
  }

  #search(text) {
    this.#text = text;
    this.#room.redraw();
  }

  #only(isOn) {
    this.#onlyDiffering = isOn;
    this.#room.redraw();
  }

  #choose(choices) {
    Object.assign(this.#asked, choices);
    return this.#room.attempt(async () => {
      try {
        this.all = (await this.#room.control.send("PATCH", "/assumptions", { assumptions: choices })).assumptions;
      } finally {
        for (const [name, choice] of Object.entries(choices)) if (this.#asked[name] === choice) delete this.#asked[name];
      }
      const told = Object.entries(choices).map(([name, choice]) => `${name} = ${choice}`);
      this.#room.notices.say(told.length === 1 ? `${told[0]}, from the next request on.` : `${counted(told.length, "assumption")} switched.`);
    });
  }

  #copyOptions = () => this.#room.attempt(async () => {
    await copy(this.#differing().map((name) => `--assume ${name}=${this.all[name].choice}`).join(" "));
    this.#room.notices.say("The options are on the clipboard.");
  });

  #save = () => {
    const lines = this.#differing().map((name) => `  ${JSON.stringify(name)}: ${JSON.stringify(this.all[name].choice)}\n`);
    save("profile.yaml", `assumptions:\n${lines.join("")}`, "application/yaml");
  };
}
