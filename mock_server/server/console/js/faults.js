// Faults: what is planned to go wrong, and a form to plan more.

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { shownFlaws } from "./flaws.js";
import { inLine, parse } from "./json.js";
import { Plans } from "./plans.js";
import { counted } from "./wording.js";

const EMPTY = {
  name: "", operation: "", organization: "", header: "", headerValue: "", pointer: "", pointerValue: "",
  status: "", retryAfter: "", delay: "", delayTo: "", break: "", drip: "", times: "", probability: "",
};

const PRESETS = [
  ["503, once", { status: "503", times: "1" }],
  ["Too many requests", { retryAfter: "2", times: "3" }],
  ["Slow, 1 to 3 s", { delay: "1000", delayTo: "3000" }],
  ["Flaky: one in five fails", { status: "500", probability: "0.2" }],
  ["Connection closed", { break: "close", times: "1" }],
  ["Answer lost", { break: "lose-answer", times: "1" }],
  ["Body is no JSON", { break: "malformed", times: "1" }],
];

const BREAKS = {
  "": "nothing is broken",
  close: "close: nothing is performed, the connection is closed",
  "lose-answer": "lose-answer: it is performed, then the connection is closed",
  truncate: "truncate: the connection is closed amid the body",
  malformed: "malformed: the body is not JSON",
};

export class Faults extends Plans {
  name = "faults";
  title = "Faults";
  declare = declared;

  constructor(room) {
    const kept = ["operation", "organization"];
    super(room, { path: "faults", key: "name", met: "injected", empty: EMPTY, kept, said: "It is planned, from the next request on." });
  }

  /** Take note that an exchange met a fault. */
  hear({ fault }) {
    this.count(fault);
  }

  view() {
    return html`<div class="page">
      <div class="toolbar"><span class="grow">${this.all.length ? counted(this.all.length, "fault") : "Nothing is planned to go wrong."}
          <span class="dim">A request meets the first fault that is for it; the answer says so in <code>X-Mock-Fault</code>.</span></span>
        <span class="buttons"><button ?disabled=${!this.all.length} @click=${this.clear}>Remove all</button></span></div>
      ${this.all.length ? this.#table() : nothing}
      ${this.#adding()}
    </div>`;
  }

  #table() {
    return html`<div class="scrolling"><table class="plans faults">
      <thead><tr><th>Name</th><th>For requests</th><th>What goes wrong</th><th>How often</th><th>So far</th><th><span class="for-readers">Remove</span></th></tr></thead>
      <tbody>${this.all.map((fault) => html`<tr class=${fault.left === 0 ? "spent" : ""}>
        <th scope="row"><code>${fault.name}</code></th><td>${matched(fault.match ?? {})}</td><td>${effects(fault)}</td>
        <td>${frequency(fault)}</td><td>${fault.injected ? counted(fault.injected, "time") : "never"}</td>
        <td><button aria-label=${`Remove ${fault.name}`} @click=${() => this.remove(fault.name)}>Remove</button></td>
      </tr>`)}</tbody></table></div>`;
  }

  #adding() {
    const { operations, organizations } = this.room;
    return html`<form class="card adding" @submit=${this.add}>
      <h2>Plan a fault</h2>
      ${this.presets(PRESETS)}
      <div class="columns">
        <fieldset><legend>What goes wrong</legend>
          ${this.number("status", "Answer with status", "503", 200, 599)}
          ${this.number("retryAfter", "Retry-After, in seconds", "", 0)}
          <div class="line">${this.number("delay", "Delay, in ms", "", 0)}${this.number("delayTo", "up to", "", 0)}</div>
          ${this.select("break", "Broken", BREAKS)}
          ${this.number("drip", "Body drips over, in ms", "", 0)}
        </fieldset>
        <fieldset><legend>For which requests</legend>
          ${this.select("operation", "Operation", { "": "any", ...Object.fromEntries(operations.map(({ id }) => [id, id])) })}
          ${this.select("organization", "Organization", { "": "any", ...Object.fromEntries(organizations.names.map((name) => [name, name])) })}
          <div class="line">${this.field("header", "Header", "X-Name")}${this.field("headerValue", "is", "")}</div>
          <div class="line">${this.field("pointer", "Body at", "/email")}${this.field("pointerValue", "is", "")}</div>
        </fieldset>
        <fieldset><legend>How often</legend>
          ${this.number("times", "Times", "always", 1)}
          ${this.number("probability", "Probability", "1", 0, 1)}
          ${this.field("name", "Name", "made up")}
        </fieldset>
      </div>
      ${shownFlaws(this.error)}
      <div class="buttons"><button class="primary">Plan it</button><button type="button" @click=${() => this.fill({})}>Empty the form</button></div>
    </form>`;
  }
}

/** Return the fault that a form describes, as the control API takes it. */
export function declared(form) {
  const number = (text) => (text === "" ? undefined : Number(text));
  const match = {
    operation: form.operation || undefined,
    organization: form.organization || undefined,
    header: form.header ? { [form.header]: form.headerValue } : undefined,
    body: form.pointer ? { [form.pointer]: valueOf(form.pointerValue) } : undefined,
  };
  return {
    name: form.name || undefined,
    match: Object.values(match).some((value) => value !== undefined) ? match : undefined,
    status: number(form.status),
    "retry-after": number(form.retryAfter),
    delay: form.delayTo === "" ? number(form.delay) : { from: Number(form.delay), to: Number(form.delayTo) },
    break: form.break || undefined,
    drip: number(form.drip),
    times: number(form.times),
    probability: number(form.probability),
  };
}

function valueOf(text) {
  try {
    return parse(text);
  } catch {
    return text;
  }
}

function matched({ operation, organization, header = {}, body = {} }) {
  const parts = [
    operation && html`<code>${operation}</code>`,
    organization && html`of ${organization}`,
    ...Object.entries(header).map(([name, value]) => html`<code>${name}: ${value}</code>`),
    ...Object.entries(body).map(([pointer, value]) => html`<code>${pointer} = ${inLine(value)}</code>`),
  ].filter(Boolean);
  return parts.length ? parts.map((part, index) => html`${index ? ", " : ""}${part}`) : html`<span class="dim">all</span>`;
}

function effects(fault) {
  const { status, delay, drip } = fault;
  const parts = [
    status && `answered ${status}`,
    fault["retry-after"] !== undefined && fault["retry-after"] !== null && `${status ? "" : "answered 429, "}Retry-After ${fault["retry-after"]} s`,
    delay !== undefined && delay !== null && `held back ${waited(delay)}`,
    fault.break && (BREAKS[fault.break] ?? fault.break),
    drip && `body drips over ${drip} ms`,
  ];
  return parts.filter(Boolean).join("; ");
}

function waited(delay) {
  if (typeof delay === "number") return `${delay} ms`;
  if (delay.percentiles) return Object.entries(delay.percentiles).map(([percentile, ms]) => `p${percentile} ${ms} ms`).join(", ");
  return `${delay.from ?? 0} to ${delay.to} ms`;
}

function frequency({ times, left, probability }) {
  const chance = probability === undefined || probability === 1 ? "" : `, ${Math.round(probability * 1000) / 10} % of them`;
  if (times === undefined || times === null) return `always${chance}`;
  return left === 0 ? `${counted(times, "time")}, all done` : `${left} of ${counted(times, "time")} left${chance}`;
}
