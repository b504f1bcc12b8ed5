// The mock's clock: what time it is there; stop it, set it, be later.

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { live } from "../vendor/lit-html/directives/live.js";
import { apart, inUtc } from "./wording.js";

const STEPS = [["1 minute", 60], ["1 hour", 3600], ["1 day", 86_400], ["30 days", 2_592_000]];
const A_MOMENT = 2;

export class Clock {
  name = "clock";
  title = "Clock";
  #room;
  #time = null;
  #runs = true;
  #toldAt = 0;
  #seconds = "3600";
  #wanted = "";

  constructor(room) {
    this.#room = room;
    setInterval(() => document.getElementById("clock-now") && this.#runs && room.redraw(), 1000);
  }

  get badge() {
    return this.#time === null || this.#runs ? null : "❚❚";
  }

  async load() {
    this.#take(await this.#room.control.get("/clock"));
  }

  view() {
    if (this.#time === null) return nothing;
    const now = this.#now();
    const apartBy = (now - Date.now()) / 1000;
    return html`<div class="page"><div class="narrow">
      <section class="card clock">
        <p class="dim">It is, for the mock,</p>
        <p class="now"><time id="clock-now" datetime=${new Date(now).toISOString()}>${inUtc(now)}</time></p>
        <p><span class="mark mark-${this.#runs ? "ok" : "differs"}">${this.#runs ? "running" : "frozen"}</span>
          <span class="dim">${Math.abs(apartBy) < A_MOMENT ? "the time of this machine" : `${apart(apartBy)} ${apartBy > 0 ? "ahead of" : "behind"} this machine`}</span></p>
        <div class="buttons">
          ${this.#runs
            ? html`<button class="primary" @click=${() => this.#put({ runs: false })}>Freeze</button>`
            : html`<button class="primary" @click=${() => this.#put({ runs: true })}>Let it run</button>`}
          <button @click=${() => this.#ask("DELETE", "/clock")}>As at the start</button>
        </div>
      </section>
      <section class="card">
        <h2>Advance</h2>
        <div class="buttons">${STEPS.map(([text, seconds]) => html`<button @click=${() => this.#advance(seconds)}>+ ${text}</button>`)}</div>
        <form class="line" @submit=${this.#advanceBy}>
          <label>Seconds <input type="number" step="any" required .value=${live(this.#seconds)} @input=${(e) => (this.#seconds = e.target.value)}></label>
          <button>Advance</button>
        </form>
      </section>
      <section class="card">
        <h2>Set</h2>
        <form class="line" @submit=${this.#set}>
          <label>Time, in UTC <input type="datetime-local" step="1" required .value=${live(this.#wanted || new Date(now).toISOString().slice(0, 19))}
            @input=${(e) => (this.#wanted = e.target.value)}></label>
          <button name="freeze">Set and freeze</button>
          <button name="run">Set and let it run</button>
        </form>
      </section>
      <p class="dim">The clock makes the times that records and answers tell. The journal tells the time of this machine.</p>
    </div></div>`;
  }

  #now() {
    return this.#time + (this.#runs ? Date.now() - this.#toldAt : 0);
  }

  #take({ time, runs }) {
    this.#time = Date.parse(time);
    this.#runs = runs;
    this.#toldAt = Date.now();
    this.#room.redraw();
  }

  #ask(method, path, body) {
    return this.#room.attempt(async () => this.#take(await this.#room.control.send(method, path, body)));
  }

  #put(wanted) {
    return this.#ask("PUT", "/clock", wanted);
  }

  #advance(seconds) {
    return this.#ask("POST", "/clock/advance", { seconds });
  }

  #advanceBy = (event) => {
    event.preventDefault();
    this.#advance(Number(this.#seconds));
  };

  #set = (event) => {
    event.preventDefault();
    const wanted = event.target.querySelector("input").value;
    const seconds = wanted.length === 16 ? `${wanted}:00` : wanted;
    this.#wanted = "";
    this.#put({ time: `${seconds}Z`, runs: event.submitter?.name === "run" });
  };
}
