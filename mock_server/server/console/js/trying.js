// Try it: a request to the mock, edited here and sent from here.

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { live } from "../vendor/lit-html/directives/live.js";
import { shownChanges } from "./changes.js";
import { copy } from "./copying.js";
import { bodyText, credentialsOf, curlLine, headersToSend, headerValue, isSecured, queryToSend } from "./curl.js";
import { body, headers } from "./exchange.js";
import { parse, written } from "./json.js";
import { counted, kindOf, sized } from "./wording.js";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const BODILESS = new Set(["GET", "HEAD"]);
const NOBODY = "";
const OTHER = " other"; // no name of an organization begins so
const FAULTS = ["status=503", "status=500", "retry-after=2", "delay=2000", "delay=100-1500", "break=close", "break=lose-answer", "break=truncate", "break=malformed", "drip=3000"];

export class Trying {
  name = "try";
  title = "Try it";
  badge = null;
  #room;
  #examples = new Map(); // by organization, by operation
  #drafts = new Map(); // by operation
  #draft = null;
  #answer = null;
  #isSending = false;
  #hasNews = false;

  constructor(room) {
    this.#room = room;
  }

  async load() {
    this.#examples.clear();
    if (this.#room.tab === this) await this.#begin();
  }

  shown() {
    if (!this.#draft) this.#room.attempt(() => this.#begin());
  }

  /** Open the page with the request of an exchange. */
  edit(exchange) {
    const text = bodyText(exchange.body);
    const operation = this.#room.operations.find(({ id }) => id === exchange.operation);
    this.#draft = {
      operation: exchange.operation,
      method: exchange.method,
      url: addressOf(exchange, operation),
      organization: isSecured(exchange) ? (exchange.organization ?? OTHER) : NOBODY,
      token: "",
      headers: headersToSend(exchange),
      body: text === null ? "" : pretty(text),
      fault: "",
      prefer: "",
      note: text === null ? "The body was more than the journal keeps." : "",
    };
    this.#answer = null;
    this.#room.go("try");
  }

  view() {
    const { operations } = this.#room;
    return html`<div class="try">
      <nav class="operations" aria-label="Operations">
        ${operations.map((operation) => html`<button class="operation" aria-pressed=${this.#draft?.operation === operation.id}
          @click=${() => this.#choose(operation)}>
          <span class="method-${operation.method.toLowerCase()}">${operation.method}</span>
          <span class="what"><b>${operation.summary || operation.id}</b><code>${operation.path}</code></span>
        </button>`)}
      </nav>
      <div class="page">${this.#draft ? html`${this.#form(this.#draft)}${this.#answered()}` : nothing}</div>
    </div>`;
  }

  drawn() {
    if (!this.#hasNews) return;
    this.#hasNews = false;
    document.getElementById("try-answer")?.scrollIntoView({ block: "nearest" });
  }

  #form(draft) {
    const { organizations } = this.#room;
    const operation = this.#operation();
    const actors = [...organizations.names.map((name) => [name, name]), [OTHER, "another token…"], [NOBODY, "nobody (no token)"]];
    return html`<form class="card request" @submit=${this.#send} @keydown=${this.#pressed}>
      <div class="address">
        <select aria-label="Method" .value=${live(draft.method)} @change=${(e) => this.#set({ method: e.target.value })}>
          ${[...new Set([...METHODS, draft.method])].map((method) => html`<option .selected=${live(method === draft.method)}>${method}</option>`)}
        </select>
        <input id="try-url" class="grow mono" aria-label="Path and query" spellcheck="false" autocomplete="off" .value=${live(draft.url)}
          @input=${(e) => this.#set({ url: e.target.value })}>
        <button class="primary" ?disabled=${this.#isSending} title="Send (Ctrl+Enter)">${this.#isSending ? "Sending…" : "Send"}</button>
      </div>
      ${draft.note ? html`<p class="banner banner-refused">${draft.note}</p>` : nothing}
      ${this.#parameters(operation)}
      <div class="fields">
        <label>Act for <select @change=${(e) => this.#act(e.target.value)}>
          ${actors.map(([value, text]) => html`<option value=${value} .selected=${live(value === draft.organization)}>${text}</option>`)}</select></label>
        ${draft.organization === OTHER ? html`<label>Token <input class="mono" spellcheck="false" autocomplete="off" .value=${live(draft.token)}
          @input=${(e) => this.#set({ token: e.target.value })}></label>` : nothing}
        <label title="Header Prefer: the answer that you want, as the document has it; nothing is stored">Answer
          <select @change=${(e) => this.#set({ prefer: e.target.value })}>
            ${wishes(operation).map(([value, text]) => html`<option value=${value} .selected=${live(value === draft.prefer)}>${text}</option>`)}</select></label>
        <label title="Header X-Mock-Fault: what is to go wrong with this one request">Fault
          <input list="try-faults" class="mono" placeholder="none" spellcheck="false" autocomplete="off" .value=${live(draft.fault)}
            @input=${(e) => this.#set({ fault: e.target.value })}></label>
        <datalist id="try-faults">${FAULTS.map((fault) => html`<option value=${fault}></option>`)}</datalist>
      </div>
      <details class="headers-edited" ?open=${draft.headers.length > 1}>
        <summary>${counted(draft.headers.length, "header")}</summary>
        ${draft.headers.map(([name, value], index) => html`<div class="pair">
          <input aria-label="Header name" class="mono" spellcheck="false" .value=${live(name)} @input=${(e) => this.#setHeader(index, [e.target.value, value])}>
          <input aria-label="Header value" class="mono grow" spellcheck="false" .value=${live(value)} @input=${(e) => this.#setHeader(index, [name, e.target.value])}>
          <button type="button" class="plain" aria-label="Remove header" @click=${() => this.#set({ headers: draft.headers.filter((_, i) => i !== index) })}>✕</button>
        </div>`)}
        <button type="button" class="link" @click=${() => this.#set({ headers: [...draft.headers, ["", ""]] })}>Add a header</button>
      </details>
      ${BODILESS.has(draft.method) ? nothing : html`<label class="body">Body ${this.#bodyNote(draft)}
        <textarea class="mono" spellcheck="false" rows=${Math.min(Math.max(draft.body.split("\n").length, 3), 18)} .value=${live(draft.body)}
          @input=${(e) => this.#set({ body: e.target.value })}></textarea></label>`}
      <div class="buttons">
        <button type="button" @click=${this.#copyCurl}>Copy as curl</button>
        ${operation ? html`<button type="button" @click=${() => this.#startOver(operation)}>Start over</button>` : nothing}
      </div>
    </form>`;
  }

  #parameters(operation) {
    const taken = new URLSearchParams(this.#draft.url.split("?")[1] ?? "");
    const open = (operation?.parameters ?? []).filter(({ name, in: place, sent }) =>
      place === "query" ? ![name, ...new URLSearchParams(sent).keys()].some((key) => taken.has(key)) : place === "header" && !this.#draft.headers.some(([header]) => header.toLowerCase() === name.toLowerCase()));
    if (!open.length) return nothing;
    return html`<p class="parameters dim">Add ${open.map(({ name, in: place, sent }) => html`
      <button type="button" class="chip" title=${`A ${place} parameter`} @click=${() => this.#addParameter(name, place, sent)}>${name}</button>`)}</p>`;
  }

  /** Add a parameter with an example of its value, `sent` as its style has it. */
  #addParameter(name, place, sent) {
    const { url, headers } = this.#draft;
    if (place === "header") this.#set({ headers: [...headers, [name, sent]] });
    else this.#set({ url: `${url}${url.includes("?") ? "&" : "?"}${sent || `${encodeURIComponent(name)}=`}` });
    if (place === "query") document.getElementById("try-url").focus();
  }

  #bodyNote({ body: text }) {
    if (!text.trim()) return nothing;
    try {
      JSON.parse(text);
      return nothing;
    } catch (error) {
      return html`<span class="warning">not JSON: ${error.message}</span>`;
    }
  }

  #answered() {
    const answer = this.#answer;
    if (!answer) return nothing;
    if (answer.error) return html`<section class="card answer" id="try-answer" aria-live="polite"><p class="banner banner-failed">${answer.error}</p></section>`;
    const exchange = this.#room.journal.latest(answer.method, answer.path, answer.after);
    return html`<section class="card answer" id="try-answer" aria-live="polite" aria-label="Answer">
      <div class="headline"><span class="status status-${kindOf(answer.status)}">${answer.status}</span>
        <span class="dim">${answer.milliseconds} ms</span><span class="dim">${sized(answer.body.size)}</span>
        ${exchange ? html`<button class="link" @click=${() => this.#toJournal(exchange)}>Show in the journal</button>` : nothing}</div>
      ${headers(answer.headers)}
      ${body(answer.body)}
      ${exchange?.changes.length ? html`<h2>State difference</h2>${shownChanges(exchange.changes)}` : nothing}
    </section>`;
  }

  #toJournal(exchange) {
    this.#room.go("journal");
    this.#room.journal.select(exchange);
  }

  async #begin() {
    const operation = this.#operation() ?? this.#room.operations[0];
    if (!this.#draft && operation) await this.#startOver(operation);
  }

  #operation() {
    return this.#room.operations.find(({ id }) => id === this.#draft?.operation);
  }

  #choose(operation) {
    if (this.#draft?.operation) this.#drafts.set(this.#draft.operation, [this.#draft, this.#answer]);
    const kept = this.#drafts.get(operation.id);
    [this.#draft, this.#answer] = kept ?? [null, null];
    this.#room.redraw();
    if (!kept) this.#room.attempt(() => this.#startOver(operation));
  }

  #startOver = async (operation, organization = this.#room.organizations.names[0]) => {
    const { example, refusal } = await this.#exampleOf(operation.id, organization);
    this.#answer = null;
    this.#draft = {
      operation: operation.id,
      method: operation.method,
      url: example ? addressOf(example, operation) : operation.path,
      organization: operation.secured ? (organization ?? OTHER) : NOBODY,
      token: "",
      headers: example ? Object.entries(example.headers).filter(([name]) => !isCredential(name, operation)) : [],
      body: example ? pretty(bodyText(example.body) ?? "") : "",
      fault: "",
      prefer: "",
      note: example ? "" : `No request was found that succeeds now. The first one was answered: ${refusal}`,
    };
    this.#room.redraw();
  };

  async #exampleOf(id, organization) {
    const query = organization === undefined ? "" : `?organization=${encodeURIComponent(organization)}`;
    if (!this.#examples.has(query)) this.#examples.set(query, (await this.#room.control.get(`/operations${query}`)).operations);
    return this.#examples.get(query).find((operation) => operation.id === id) ?? {};
  }

  /** Act for another organization: its ids differ, so an example that was not edited becomes its example. */
  #act = (organization) => this.#room.attempt(async () => {
    const operation = this.#operation();
    const before = this.#draft;
    this.#set({ organization });
    if (!operation || !(organization in this.#room.organizations.all) || !(before.organization in this.#room.organizations.all)) return;
    const { example: old } = await this.#exampleOf(operation.id, before.organization);
    const { example } = await this.#exampleOf(operation.id, organization);
    if (old && example && before.url === addressOf(old, operation)) {
      this.#set({ url: addressOf(example, operation), note: "" });
    }
  });

  #set(part) {
    this.#draft = { ...this.#draft, ...part };
    this.#room.redraw();
  }

  #setHeader(index, pair) {
    this.#set({ headers: this.#draft.headers.map((old, i) => (i === index ? pair : old)) });
  }

  #pressed = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#send(event);
  };

  #send = async (event) => {
    event.preventDefault();
    if (this.#isSending) return;
    this.#isSending = true;
    this.#room.redraw();
    this.#answer = await this.#sent(this.#draft);
    this.#isSending = false;
    this.#hasNews = true;
    this.#room.redraw();
  };

  async #sent(draft) {
    const after = this.#room.journal.lastTime;
    try {
      const address = new URL(location.origin + (draft.url.startsWith("/") ? "" : "/") + draft.url);
      const shown = this.#shownBy(draft);
      for (const [{ name }, token] of shown.filter(([one]) => one.in === "query")) address.searchParams.set(name, token);
      const cookies = shown.filter(([one]) => one.in === "cookie"); // which no page may put on a request by itself
      for (const [{ name }, token] of cookies) document.cookie = `${name}=${token}; path=/; samesite=strict`;
      const started = performance.now();
      const response = await fetch(address, {
        method: draft.method,
        headers: this.#headersOf(draft),
        body: BODILESS.has(draft.method) || draft.body === "" ? undefined : draft.body,
        credentials: cookies.length ? "same-origin" : "omit",
        cache: "no-store",
      });
      for (const [{ name }] of cookies) document.cookie = `${name}=; path=/; max-age=0`;
      const text = await response.text();
      const milliseconds = Math.round(performance.now() - started);
      return { status: response.status, headers: Object.fromEntries(response.headers), body: read(text), milliseconds, method: draft.method, path: address.pathname, after };
    } catch (error) {
      return { error: `No answer: ${error.message}. The connection may have been closed, as some faults do.` };
    }
  }

  #headersOf(draft) {
    const all = this.#plainHeadersOf(draft);
    for (const [one, token] of this.#shownBy(draft)) if (one.in === "header") all.push([one.name, headerValue(one, token)]);
    return all;
  }

  #plainHeadersOf(draft) {
    const all = draft.headers.filter(([name]) => name.trim());
    if (draft.prefer) all.push(["Prefer", draft.prefer]);
    if (draft.fault) all.push(["X-Mock-Fault", draft.fault]);
    return all;
  }

  /** Return the credentials of a draft: where each goes, and what it is. */
  #shownBy(draft) {
    return credentialsOf(this.#operation()).map((one) => [one, this.#tokenOf(draft, one.kind)]).filter(([, token]) => token);
  }

  #tokenOf({ organization, token }, kind) {
    return organization === OTHER ? token : this.#room.organizations.tokenOf(organization, kind);
  }

  #copyCurl = () => this.#room.attempt(async () => {
    const { method, url, body: text } = this.#draft;
    const all = Object.fromEntries(this.#plainHeadersOf(this.#draft).map(([name, value]) => [name.toLowerCase(), value]));
    const content = BODILESS.has(method) ? { size: 0 } : { size: text.length, text };
    const [path, query = ""] = url.split(/\?(.*)/s);
    const [[, token] = [null, ""]] = this.#shownBy(this.#draft);
    await copy(curlLine({ method, path, query, headers: all, body: content }, this.#room.url, token, credentialsOf(this.#operation())));
    this.#room.notices.say("The curl line is on the clipboard.");
  });
}

function addressOf({ path, query }, operation) {
  const kept = queryToSend(query, credentialsOf(operation));
  return path + (kept ? `?${kept}` : "");
}

function isCredential(header, operation) {
  return credentialsOf(operation).some(({ in: place, name }) => header === (place === "cookie" ? "cookie" : name.toLowerCase()));
}

function wishes(operation) {
  const statuses = (operation?.statuses ?? []).filter((status) => /^\d+$/.test(status)).map((status) => [`code=${status}`, status]);
  const examples = (operation?.examples ?? []).map((name) => [`example=${name}`, `example ${name}`]);
  return [["", "as the mock behaves"], ...statuses, ...examples, ["dynamic=true", "a sample of the schema"]];
}

function pretty(text) {
  try {
    return written(parse(text));
  } catch {
    return text;
  }
}

function read(text) {
  const size = new TextEncoder().encode(text).length;
  if (!text) return { size };
  try {
    return { size, json: parse(text) };
  } catch {
    return { size, text };
  }
}
