// One message in full: what became of it, attempt by attempt, and what was sent.

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { guard } from "../vendor/lit-html/directives/guard.js";
import { body, part } from "./exchange.js";
import { counted, kindOf, sized, timeOfDay } from "./wording.js";

/** What a message can have come to, in the words of the control API. */
export const STATES = {
  pending: "On its way: an attempt is being made, or the next one waits.",
  delivered: "The receiver answered with 2xx.",
  failed: "No attempt was answered with 2xx.",
  refused: "Not sent, or not any further: it may not go there, or does not fit its schema.",
};

/** Say in a few words what the last attempt came to, or why there was none. */
export function became({ attempts, problem, state }) {
  const last = attempts.at(-1);
  if (!last) return problem || (state === "pending" ? "waiting" : "");
  return `${last.status ?? last.problem}${attempts.length > 1 ? `, attempt ${attempts.length}` : ""}`;
}

export class Delivery {
  #close;
  #redeliver;

  constructor({ close, redeliver }) {
    this.#close = close;
    this.#redeliver = redeliver;
  }

  view(sent) {
    return guard([sent], () => this.#shown(sent));
  }

  #shown(sent) {
    const { number, id, time, event, method, url, organization, signed, state, problem, attempts } = sent;
    return html`<section class="detail" id="webhook" tabindex="-1" aria-label=${`Webhook ${number}`} @keydown=${this.#pressed}>
      <header>
        <div class="headline">
          <span class="mark mark-${state}" title=${STATES[state]}>${state}</span>
          <span class="method-${method.toLowerCase()}">${method}</span>
          <code class="url">${url}</code>
          <button class="plain close" aria-label="Close (Escape)" title="Close (Escape)" @click=${this.#close}>✕</button>
        </div>
        <p class="dim facts"><span>#${number}</span><span title=${`${time}, by the mock's clock`}>${timeOfDay(time)}</span><span>${event}</span>
          <span>${organization ?? "no organization"}</span><span>${signed ? "signed" : "not signed"}</span><span>${id}</span></p>
        <div class="actions"><button ?disabled=${!isRepeatable(sent)} title=${whyNot(sent)} @click=${() => this.#redeliver(id)}>Redeliver</button></div>
      </header>
      ${state === "refused" ? html`<p class="banner banner-refused">${problem}</p>` : nothing}
      ${part("Attempts", attempts.length, attempts.length ? attempted(attempts) : html`<p class="dim">${state === "pending" ? "None has ended yet." : "None was made."}</p>`)}
      ${part("Headers", Object.keys(sent.headers).length, headers(sent.headers))}
      ${part("Body", null, body(sent.body), sized(sent.body.size))}
    </section>`;
  }

  #pressed = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.#close();
  };
}

function isRepeatable({ state, body }) {
  return state !== "pending" && isKept(body);
}

function isKept({ size, json }) {
  return json !== undefined || size === 0;
}

function whyNot({ state, body }) {
  if (state === "pending") return "It is on its way";
  return isKept(body) ? "Send it once more, under its id" : "Its body was more than the journal keeps";
}

function attempted(attempts) {
  return html`<div class="scrolling"><table class="attempts">
    <thead><tr><th>#</th><th>Answer</th><th>Time</th><th>Took</th></tr></thead>
    <tbody>${attempts.map(({ time, status, problem, milliseconds }, index) => html`<tr>
      <th scope="row">${index + 1}</th>
      <td>${status === null ? html`<span class="warning">${problem}</span>` : html`<span class="status status-${kindOf(status)}">${status}</span>`}</td>
      <td title=${`${time}, by the mock's clock`}>${timeOfDay(time)}</td><td>${milliseconds.toLocaleString("en")} ms</td></tr>`)}
    </tbody></table></div>`;
}

function headers(all) {
  const pairs = Object.entries(all);
  if (!pairs.length) return html`<p class="dim">None: nothing was sent.</p>`;
  return html`<dl class="sent-headers" aria-label=${counted(pairs.length, "header")}>${pairs.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
