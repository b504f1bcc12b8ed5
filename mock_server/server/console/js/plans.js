// What faults and stubs have in common: what is planned at the mock, how often each was met, and a form to plan more.

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { live } from "../vendor/lit-html/directives/live.js";

export class Plans {
  all = [];
  error = null;
  #met = 0; // exchanges that met one of them, so far

  /**
   * `path` is where the control API has them, and under what name; `key` is the member that tells one from others, and `met` the
   * one that counts. `empty` is the form as it begins; presets leave its fields in `kept` alone. `said` is told of a new one.
   */
  constructor(room, { path, key, met, empty, kept, said }) {
    Object.assign(this, { room, path, key, met, empty, kept, said });
    this.form = { ...empty };
  }

  get badge() {
    return this.all.filter(({ left }) => left !== 0).length || null;
  }

  async load() {
    const met = this.#met;
    this.all = (await this.room.control.get(`/${this.path}`))[this.path];
    this.room.redraw();
    if (met !== this.#met) await this.load(); // what came may be older than an exchange that was counted meanwhile
  }

  /** Take note that an exchange met one of them. */
  count(name) {
    const one = this.all.find((plan) => plan[this.key] === name);
    if (name) this.#met += 1;
    if (!one) return;
    one[this.met] += 1;
    if (one.left !== null) one.left -= 1;
  }

  // The fields of the form.

  field(name, label, placeholder) {
    return html`<label>${label} <input placeholder=${placeholder} spellcheck="false" autocomplete="off" .value=${live(this.form[name])}
      @input=${(e) => this.set(name, e.target.value)}></label>`;
  }

  number(name, label, placeholder, least, most, step = "any") {
    return html`<label>${label} <input type="number" step=${step} min=${least} max=${most ?? nothing} placeholder=${placeholder}
      .value=${live(this.form[name])} @input=${(e) => this.set(name, e.target.value)}></label>`;
  }

  select(name, label, choices) {
    return html`<label>${label} <select @change=${(e) => this.set(name, e.target.value)}>
      ${Object.entries(choices).map(([value, text]) => html`<option value=${value} .selected=${live(value === this.form[name])}>${text}</option>`)}
    </select></label>`;
  }

  presets(all) {
    return html`<p class="buttons presets">${all.map(([text, values]) => html`<button type="button" class="chip" @click=${() => this.fill(values)}>${text}</button>`)}</p>`;
  }

  set(name, value) {
    this.form = { ...this.form, [name]: value };
    this.room.redraw();
  }

  fill(values) {
    const kept = Object.keys(values).length ? Object.fromEntries(this.kept.map((name) => [name, this.form[name]])) : {};
    this.form = { ...this.empty, ...kept, ...values };
    this.error = null;
    this.room.redraw();
  }

  // What is asked of the mock.

  add = async (event) => {
    event.preventDefault();
    try {
      await this.room.control.send("POST", `/${this.path}`, this.declare(this.form));
      this.form = { ...this.empty };
      this.error = null;
      await this.load();
      this.room.notices.say(this.said);
    } catch (error) {
      this.error = error;
      this.room.redraw();
    }
  };

  remove(name) {
    return this.room.attempt(() => this.room.control.send("DELETE", `/${this.path}/${encodeURIComponent(name)}`));
  }

  clear = () => this.room.attempt(() => this.room.control.send("DELETE", `/${this.path}`));
}
