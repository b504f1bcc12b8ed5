// Stubs: canned answers, how often each was given, and a form to add more.

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { live } from "../vendor/lit-html/directives/live.js";
import { shownFlaws } from "./flaws.js";
import { inLine, parse } from "./json.js";
import { Plans } from "./plans.js";
import { counted, kindOf } from "./wording.js";

const EMPTY = { method: "", path: "", status: "", body: "", times: "1" };

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

const PRESETS = [
  ["404, once", { status: "404" }],
  ["503, three times", { status: "503", times: "3" }],
  ["An empty list", { method: "GET", body: "[]" }],
  ["No content", { status: "204" }],
];

export class Stubs extends Plans {
  name = "stubs";
  title = "Stubs";
  declare = declared;

  constructor(room) {
    const kept = ["method", "path"];
    super(room, { path: "stubs", key: "id", met: "hits", empty: EMPTY, kept, said: "It answers, from the next request on." });
  }

  /** Take note that a stub answered an exchange. */
  hear({ stub }) {
    this.count(stub);
  }

  view() {
    return html`<div class="page">
      <div class="toolbar"><span class="grow">${this.all.length ? counted(this.all.length, "stub") : "The mock answers everything itself."}
          <span class="dim">The first stub that is for a request answers it, whatever the document says; the answer says so in <code>X-Mock-Stub</code>.</span></span>
        <span class="buttons"><button ?disabled=${!this.all.length} @click=${this.clear}>Remove all</button></span></div>
      ${this.all.length ? this.#table() : nothing}
      ${this.#adding()}
    </div>`;
  }

  #table() {
    return html`<div class="scrolling"><table class="plans stubs">
      <thead><tr><th>Stub</th><th>For requests</th><th>Answer</th><th>How often</th><th>So far</th><th><span class="for-readers">Remove</span></th></tr></thead>
      <tbody>${this.all.map((stub) => html`<tr class=${stub.left === 0 ? "spent" : ""}>
        <th scope="row"><code>${stub.id}</code></th><td>${described(stub.request)}</td><td>${answered(stub.response)}</td>
        <td>${frequency(stub)}</td><td>${stub.hits ? counted(stub.hits, "time") : "never"}</td>
        <td><button aria-label=${`Remove ${stub.id}`} @click=${() => this.remove(stub.id)}>Remove</button></td>
      </tr>`)}</tbody></table></div>`;
  }

  #adding() {
    const paths = [...new Set(this.room.operations.map(({ path }) => path))];
    return html`<form class="card adding" @submit=${this.add}>
      <h2>Add a stub</h2>
      ${this.presets(PRESETS)}
      <div class="columns">
        <fieldset><legend>For which requests</legend>
          ${this.select("method", "Method", { "": "any", ...Object.fromEntries(METHODS.map((method) => [method, method])) })}
          <label>Path <input class="mono" list="stub-paths" placeholder="any, or /pages/{page}" spellcheck="false" autocomplete="off"
            .value=${live(this.form.path)} @input=${(e) => this.set("path", e.target.value)}></label>
          <datalist id="stub-paths">${paths.map((path) => html`<option value=${path}></option>`)}</datalist>
          ${this.number("times", "Times", "always", 1, undefined, 1)}
        </fieldset>
        <fieldset><legend>Answer</legend>
          ${this.number("status", "Status", "200", 200, 599, 1)}
          <label class="body">Body ${bodyNote(this.form.body)}<textarea class="mono" rows="6" placeholder="none" spellcheck="false"
            .value=${live(this.form.body)} @input=${(e) => this.set("body", e.target.value)}></textarea></label>
        </fieldset>
      </div>
      ${shownFlaws(this.error)}
      <div class="buttons"><button class="primary">Add it</button><button type="button" @click=${() => this.fill({})}>Empty the form</button></div>
    </form>`;
  }
}

/** Return the stub that a form describes, as the control API takes it. */
export function declared({ method, path, status, body, times }) {
  return {
    request: { method: method || undefined, path: path || undefined },
    response: { status: status === "" ? undefined : Number(status), ...bodyOf(body) },
    times: times === "" ? null : Number(times),
  };
}

function bodyOf(text) {
  if (!text.trim()) return {};
  try {
    return { body: parse(text) };
  } catch {
    return { text };
  }
}

function bodyNote(text) {
  return "text" in bodyOf(text) ? html`<span>(no JSON: sent as text)</span>` : nothing;
}

function described({ method, path, query = {}, headers = {}, ...more }) {
  const parts = [
    (method || path) && html`${method ? html`<span class="method-${method.toLowerCase()}">${method}</span> ` : nothing}${path ? html`<code>${path}</code>` : nothing}`,
    ...Object.entries(query).map(([name, value]) => html`<code>?${name}=${inLine(value)}</code>`),
    ...Object.entries(headers).map(([name, value]) => html`<code>${name}: ${inLine(value)}</code>`),
    ...Object.entries(more).map(([name, value]) => html`${name} <code>${inLine(value)}</code>`),
  ].filter(Boolean);
  return parts.length ? parts.map((part, index) => html`${index ? ", " : ""}${part}`) : html`<span class="dim">all</span>`;
}

function answered({ status = 200, headers = {}, body, text, delay }) {
  const content = text ?? (body === undefined ? "" : inLine(body));
  return html`<span class="status status-${kindOf(status)}">${status}</span>
    ${content ? html`<code class="canned" title=${content}>${content}</code>` : nothing}
    ${Object.entries(headers).map(([name, value]) => html`<code class="dim">${name}: ${value}</code> `)}
    ${delay ? html`<span class="dim">held back ${delay} ms</span>` : nothing}`;
}

function frequency({ times = 1, left }) {
  if (left === null) return "always";
  return left === 0 ? `${counted(times, "time")}, all done` : `${left} of ${counted(times, "time")} left`;
}
