// Short messages in the corner of the page, which go by themselves.

import { html } from "../vendor/lit-html/lit-html.js";
import { repeat } from "../vendor/lit-html/directives/repeat.js";

const SHOWN_FOR = { done: 3500, failed: 9000 };

export class Notices {
  #redraw;
  #shown = [];

  constructor(redraw) {
    this.#redraw = redraw;
  }

  /** Say that something is done. */
  say(text) {
    this.#show({ kind: "done", text });
  }

  /** Say that something failed, and why. */
  complain(error) {
    this.#show({ kind: "failed", text: error.message });
  }

  view() {
    return html`<div class="notices" role="status" aria-live="polite">
      ${repeat(this.#shown, (notice) => notice, (notice) => html`
        <div class="notice notice-${notice.kind}">
          <span>${notice.text}</span>
          <button class="plain" aria-label="Dismiss" @click=${() => this.#hide(notice)}>✕</button>
        </div>`)}
    </div>`;
  }

  #show(notice) {
    this.#shown = [...this.#shown.slice(-3), notice];
    setTimeout(() => this.#hide(notice), SHOWN_FOR[notice.kind]);
    this.#redraw();
  }

  #hide(notice) {
    this.#shown = this.#shown.filter((shown) => shown !== notice);
    this.#redraw();
  }
}
