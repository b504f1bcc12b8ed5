// A long list of which only the rows in view are in the page.

import { html } from "../vendor/lit-html/lit-html.js";

const BEYOND = 8; // rows above and below those in view, for smooth scrolling

/** Lays out rows of one height in a scrolling box. */
export class Rows {
  #redraw;
  #heightAt;
  #box = null;
  #resized = new ResizeObserver(() => this.#redraw());
  #shift = 0;
  #revealed = null;

  /** `height` tells the height of a row, in pixels, by the width of the box. */
  constructor(redraw, height) {
    this.#redraw = redraw;
    this.#heightAt = height;
  }

  get height() {
    return this.#heightAt(this.#box?.offsetWidth || innerWidth);
  }

  /** Whether the first row is in view. */
  get isAtTop() {
    return (this.#box?.scrollTop || 0) < this.height / 2;
  }

  /** How many rows are in view. */
  get inView() {
    return Math.max(1, Math.floor((this.#box?.clientHeight || 0) / this.height));
  }

  /** Return to which of `count` rows a key leads from the row `at` (-1: from none); null where it leads to none. */
  walked(key, at, count) {
    const moves = {
      ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + this.inView, PageUp: at - this.inView, Home: 0, End: count - 1,
    };
    return key in moves && count ? Math.min(Math.max(moves[key], 0), count - 1) : null;
  }

  toTop() {
    if (this.#box) this.#box.scrollTop = 0;
    this.#redraw();
  }

  /** Scroll just as far as it takes to see a row, once it is drawn. */
  reveal(index) {
    this.#revealed = index;
    this.#redraw();
  }

  /** Keep what is in view where it is while `added` rows come in above it. */
  hold(added) {
    this.#shift = this.isAtTop ? 0 : added * this.height;
  }

  /** Scroll to where the rows that were just drawn are to be seen. */
  settle(box) {
    this.#attach(box);
    if (this.#shift) box.scrollTop += this.#shift;
    this.#shift = 0;
    if (this.#revealed === null) return;
    const top = this.#revealed * this.height;
    this.#revealed = null;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + this.height > box.scrollTop + box.clientHeight) box.scrollTop = top + this.height - box.clientHeight;
  }

  /** Return the rows in view, each made by `row(index)`. */
  view(count, row) {
    const top = (this.#box?.scrollTop || 0) + this.#shift;
    const first = Math.max(0, Math.floor(top / this.height) - BEYOND);
    const last = Math.min(count, Math.ceil((top + (this.#box?.clientHeight || innerHeight)) / this.height) + BEYOND);
    const shown = Array.from({ length: Math.max(0, last - first) }, (_, place) => row(first + place));
    return html`<div class="rows" .style=${`height:${count * this.height}px`}>
      <div .style=${`transform:translateY(${first * this.height}px)`}>${shown}</div>
    </div>`;
  }

  #attach(box) {
    if (box === this.#box) return;
    this.#resized.disconnect();
    this.#resized.observe(box);
    this.#box = box;
  }
}
