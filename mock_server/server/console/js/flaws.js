// Why the mock refused what a form declares.

import { html, nothing } from "../vendor/lit-html/lit-html.js";

/** Show what is wrong, mistake by mistake where the mock tells them; nothing where there was no error. */
export function shownFlaws(error) {
  if (error === null) return nothing;
  const flaws = error.flaws ?? [];
  return html`<div class="banner banner-failed" role="alert">${flaws.length
    ? html`<ul>${flaws.map(({ pointer, message, hint }) => html`<li><code>${pointer || "/"}</code> ${message}${hint ? `; ${hint}` : ""}</li>`)}</ul>`
    : error.message}</div>`;
}
