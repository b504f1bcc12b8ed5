// The console: starts, draws the frame around the tabs, and hands on the keys.

import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { keysDialog, open, refusedPage, resetDialog } from "./dialogs.js";
import { Listening } from "./events.js";
import { Room } from "./room.js";
import { Theme } from "./theme.js";

const THEME_MARKS = { system: "◐", light: "☀", dark: "☾" };
const CONNECTIONS = { starting: "connecting…", open: "live", lost: "reconnecting…" };

class Page {
  #isDue = false;
  #revealed = null;
  #theme = new Theme();
  #room = new Room(() => this.redraw());
  #listening = new Listening(this.#room.control, this.#room.hear);

  start() {
    document.addEventListener("keydown", (event) => this.#pressed(event));
    addEventListener("online", () => this.#listening.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#listening.hurry());
    this.redraw();
    this.#listening.start();
  }

  /** Draw the page anew, once before the browser paints it next, however often this is called. */
  redraw() {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      render(this.#view(), document.body);
      this.#revealTab();
      if (this.#room.connection !== "refused") this.#room.tab.drawn?.();
    });
  }

  #view() {
    const room = this.#room;
    if (room.connection === "refused") return refusedPage(room.refusal, room.control.hasToken, (token) => this.#useToken(token));
    return html`
      ${this.#header(room)}
      ${room.connection === "lost" ? html`<div class="lost" role="alert"><b>The mock is not there.</b>
        Its server was stopped or restarts; the page connects again by itself.
        <button @click=${() => this.#listening.hurry()}>Now</button></div>` : nothing}
      <main><div id="panel" role="tabpanel" aria-labelledby=${`tab-${room.tab.name}`}>${room.tab.view()}</div></main>
      ${resetDialog(room)} ${keysDialog()} ${room.notices.view()}`;
  }

  #header(room) {
    return html`<header class="frame">
      <div class="brand">
        <img src="favicon.svg" alt="" width="22" height="22">
        <h1>Understudy</h1>
        ${room.api ? html`<span class="api" title=${`${room.api.title} ${room.api.version}`}>${room.api.title} <span class="dim">${room.api.version}</span></span>` : nothing}
      </div>
      <div role="tablist" aria-label="Console" @keydown=${(event) => this.#walk(event)}>
        ${room.tabs.map(({ name, title, badge }) => html`<button role="tab" id=${`tab-${name}`} aria-controls="panel"
          aria-selected=${name === room.tab.name} tabindex=${name === room.tab.name ? 0 : -1} @click=${() => room.go(name)}>
          ${title}${badge === null ? nothing : html`<span class="count">${typeof badge === "number" ? badge.toLocaleString("en") : badge}</span>`}</button>`)}
      </div>
      <div class="tools">
        <span class="connection connection-${room.connection}" title=${room.url}><i></i>${CONNECTIONS[room.connection]}</span>
        <button @click=${() => open("reset")} title="Reset the mock (R)">Reset…</button>
        <button class="plain" @click=${() => this.#nextTheme()} title=${`Theme: ${this.#theme.chosen}`} aria-label=${`Theme: ${this.#theme.chosen}`}>${THEME_MARKS[this.#theme.chosen]}</button>
        <button class="plain" @click=${() => open("keys")} title="Keys (?)" aria-label="Keys">?</button>
        ${room.control.hasToken ? html`<button class="plain" @click=${() => this.#forgetToken()} title="Forget the admin token" aria-label="Forget the admin token">⏏</button>` : nothing}
      </div>
    </header>`;
  }

  /** On a small screen, not all tabs are in view. */
  #revealTab() {
    const { tab } = this.#room;
    if (tab === this.#revealed) return;
    this.#revealed = tab;
    document.getElementById(`tab-${tab.name}`)?.scrollIntoView({ block: "nearest", inline: "center" });
  }

  #useToken(token) {
    this.#room.control.useToken(token);
    this.#room.connection = "starting";
    this.redraw();
    this.#listening.start();
  }

  #forgetToken() {
    this.#room.control.forgetToken();
    location.reload();
  }

  #nextTheme() {
    this.#theme.next();
    this.redraw();
  }

  #walk(event) {
    const { tabs, tab } = this.#room;
    const at = tabs.indexOf(tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + tabs.length, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#goTo(tabs[to % tabs.length]);
  }

  #goTo(tab) {
    this.#room.go(tab.name);
    document.getElementById(`tab-${tab.name}`).focus();
  }

  #pressed(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || this.#room.connection === "refused") return;
    if (document.querySelector("dialog[open]")) return;
    const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && !/^(checkbox|radio)$/.test(event.target.type);
    if (isTyping) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const { tabs, tab } = this.#room;
    if (/^[1-9]$/.test(event.key)) this.#goTo(tabs[event.key - 1]);
    else if (event.key === "?") open("keys");
    else if (event.key === "r") open("reset");
    else if (event.key === "/") document.querySelector("main input[type=search]")?.focus();
    else if (!tab.pressed?.(event)) return;
    event.preventDefault();
  }
}

new Page().start();
