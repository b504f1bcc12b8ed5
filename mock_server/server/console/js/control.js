// The control API, as the page asks it.

import { parse } from "./json.js";

const PREFIX = "/__admin";
const KEPT_AS = "understudy.admin-token";

/** An answer that is no success, with what the mock says about it. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `The mock answered ${status}.`);
    this.status = status;
    this.flaws = problem.flaws || [];
  }
}

/** Asks the control API. The admin token, where there is one, is kept for as long as the browser tab is open. */
export class Control {
  #token = sessionStorage.getItem(KEPT_AS);

  get hasToken() {
    return this.#token !== null;
  }

  useToken(token) {
    this.#token = token;
    sessionStorage.setItem(KEPT_AS, token);
  }

  forgetToken() {
    this.#token = null;
    sessionStorage.removeItem(KEPT_AS);
  }

  /** Return the answer to GET as a value. */
  async get(path) {
    return parse(await this.text(path));
  }

  /** Return the answer to GET as it came. */
  async text(path) {
    return (await this.#ask("GET", path)).text();
  }

  /** Send a body, text as it is and anything else as JSON; return the answer as a value, null where it has no body. */
  async send(method, path, body) {
    const content = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const text = await (await this.#ask(method, path, content)).text();
    return text ? parse(text) : null;
  }

  /** Return an answer that is still coming. */
  open(path, signal) {
    return this.#ask("GET", path, undefined, signal);
  }

  async #ask(method, path, body, signal) {
    const headers = body === undefined ? {} : { "Content-Type": "application/json" };
    if (this.#token !== null) headers.Authorization = `Bearer ${this.#token}`;
    const response = await fetch(PREFIX + path, { method, headers, body, signal, cache: "no-store" });
    if (!response.ok) throw new Refused(response.status, await problemIn(response));
    return response;
  }
}

async function problemIn(response) {
  try {
    return (await response.json()) || {};
  } catch {
    return {};
  }
}
