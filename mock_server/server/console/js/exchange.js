// One exchange in full: request, answer, what the request broke, what the answer rested on, and what changed.

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { guard } from "../vendor/lit-html/directives/guard.js";
import { live } from "../vendor/lit-html/directives/live.js";
import { shownChanges } from "./changes.js";
import { copy } from "./copying.js";
import { credentialsOf, curlLine, isSecured } from "./curl.js";
import { shownJson } from "./json.js";
import { counted, kindOf, sized, timeOfDay } from "./wording.js";

const PLACEHOLDER = "$TOKEN";

export class Detail {
  #room;
  #close;
  #token = null; // null: that of the exchange's organization

  constructor(room, close) {
    this.#room = room;
    this.#close = close;
  }

  view(exchange) {
    const { assumptions, organizations } = this.#room;
    return guard([exchange, this.#token, assumptions.all, organizations.all], () => this.#shown(exchange));
  }

  #shown(exchange) {
    const { method, path, query, status, number, time, operation, organization } = exchange;
    return html`<section class="detail" id="exchange" tabindex="-1" aria-label=${`Exchange ${number}`} @keydown=${this.#pressed}>
      <header>
        <div class="headline">
          <span class="status status-${kindOf(status)}">${status ?? "no answer"}</span>
          <span class="method-${method.toLowerCase()}">${method}</span>
          <code class="url">${path}${query ? html`<i>?${query}</i>` : nothing}</code>
          <button class="plain close" aria-label="Close (Escape)" title="Close (Escape)" @click=${this.#close}>✕</button>
        </div>
        <p class="dim facts"><span>#${number}</span><span title=${time}>${timeOfDay(time)}</span>
          <span>${operation ?? "no operation"}</span><span>${organization ?? "no organization"}</span></p>
        <div class="actions">
          ${isSecured(exchange) ? this.#tokens(exchange) : nothing}
          <button @click=${() => this.#copyCurl(exchange)}>Copy as curl</button>
          <button @click=${() => this.#room.trying.edit(exchange)}>Edit and send again</button>
        </div>
      </header>
      ${exchange.fault === null ? nothing : html`<p class="banner banner-fault">⚡ It met the fault <b>${exchange.fault}</b>.</p>`}
      ${exchange.stub === null ? nothing : html`<p class="banner banner-stub">The stub <b>${exchange.stub}</b> answered it.</p>`}
      ${exchange.detail && exchange.stub === null && status >= 400 ? html`<p class="banner banner-${kindOf(status)}">${exchange.detail}</p>` : nothing}
      ${part("Violations", exchange.violations.length, exchange.violations.length ? violations(exchange.violations) : null)}
      ${part("State difference", exchange.changes.length,
        exchange.changes.length ? shownChanges(exchange.changes) : html`<p class="dim">It changed nothing.</p>`)}
      ${part("Answer", null, html`${headers(exchange.answer.headers)}${body(exchange.answer.body)}`, sized(exchange.answer.body.size))}
      ${part("Request", null, html`${headers(exchange.headers)}${body(exchange.body)}`, sized(exchange.body.size))}
      ${part("Assumptions consulted", Object.keys(exchange.rested_on).length, this.#consulted(exchange.rested_on))}
    </section>`;
  }

  #tokens(exchange) {
    const { organizations } = this.#room;
    const chosen = this.#tokenFor(exchange) ?? PLACEHOLDER;
    const tokens = organizations.tokens.map(([token, organization]) => [token, `${organization}: ${token}`]);
    return html`<select aria-label="Token in the curl line" title="The journal masks tokens; this one goes into the curl line"
      @change=${(e) => this.#chooseToken(e.target.value)}>
      ${[...tokens, [PLACEHOLDER, "a placeholder: $TOKEN"]].map(([token, text]) => html`<option value=${token} .selected=${live(token === chosen)}>${text}</option>`)}
    </select>`;
  }

  #chooseToken(token) {
    this.#token = token;
    this.#room.redraw();
  }

  /** Return the token that goes into the curl line; null for a placeholder. */
  #tokenFor(exchange) {
    if (this.#token === PLACEHOLDER) return null;
    const [{ kind }] = this.#credentialsOf(exchange);
    return this.#token ?? this.#room.organizations.tokenOf(exchange.organization, kind) ?? null;
  }

  #credentialsOf({ operation }) {
    return credentialsOf(this.#room.operations.find(({ id }) => id === operation));
  }

  #copyCurl = (exchange) => this.#room.attempt(async () => {
    const token = isSecured(exchange) ? this.#tokenFor(exchange) : "";
    await copy(curlLine(exchange, this.#room.url, token, this.#credentialsOf(exchange)));
    this.#room.notices.say("The curl line is on the clipboard.");
  });

  #consulted(restedOn) {
    const names = Object.entries(restedOn);
    if (!names.length) return html`<p class="dim">None: the documents say it all.</p>`;
    const { assumptions } = this.#room;
    return html`<ul class="consulted">${names.map(([name, choice]) => {
      const assumption = assumptions.all[name];
      return html`<li>
        <div><code>${name}</code> = <b>${choice}</b>
          ${assumption && assumption.choice !== choice ? html`<span class="mark mark-differs">now ${assumption.choice}</span>` : nothing}
          <button class="link" @click=${() => assumptions.show(name)}>Switch…</button></div>
        <p class="dim">${assumption?.choices[choice] ?? ""}</p>
      </li>`;
    })}</ul>`;
  }

  #pressed = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.#close();
  };
}

/** Show a part of what happened under a heading that folds it. */
export function part(title, count, content, aside = "") {
  if (content === null) return nothing;
  return html`<details class="part" open>
    <summary><h2>${title}</h2>${count ? html`<span class="count">${count}</span>` : nothing}<span class="dim aside">${aside}</span></summary>
    ${content}
  </details>`;
}

function violations(all) {
  return html`<div class="scrolling"><table class="violations">
    <thead><tr><th>Where</th><th>What</th><th>Rule</th></tr></thead>
    <tbody>${all.map(({ location, pointer, rule, message }) => html`<tr>
      <th scope="row">${location} <code>${pointer || "/"}</code></th><td>${message}</td><td class="dim">${rule}</td></tr>`)}
    </tbody></table></div>`;
}

/** Show headers as a list of names and values. */
export function headers(all) {
  const pairs = Object.entries(all);
  if (!pairs.length) return nothing;
  return html`<details class="headers"><summary>${counted(pairs.length, "header")}</summary>
    <dl>${pairs.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></details>`;
}

/** Show a body: JSON in colours, text as it is, and else its size. */
export function body({ size, json, text }) {
  if (json !== undefined) return shownJson(json);
  if (text !== undefined) return html`<pre class="json" tabindex="0"><code>${text}</code></pre>`;
  return html`<p class="dim">${size ? `${sized(size)}, more than the journal keeps of a body.` : "No body."}</p>`;
}
