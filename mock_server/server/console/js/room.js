// The room: what all parts of the page share, and how they hear of what happens.

import { Assumptions } from "./assumptions.js";
import { Clock } from "./clock.js";
import { Control } from "./control.js";
import { Faults } from "./faults.js";
import { Journal } from "./journal.js";
import { Notices } from "./notices.js";
import { Organizations } from "./organizations.js";
import { Reference } from "./reference.js";
import { State } from "./state.js";
import { Stubs } from "./stubs.js";
import { Trying } from "./trying.js";
import { Webhooks } from "./webhooks.js";

export class Room {
  url = location.origin;
  api = null; // title and version
  operations = [];
  /** `starting`, `open`, `lost` or `refused`. */
  connection = "starting";
  refusal = null;

  constructor(redraw) {
    this.redraw = redraw;
    this.control = new Control();
    this.notices = new Notices(redraw);
    this.organizations = new Organizations(this);
    this.journal = new Journal(this);
    this.state = new State(this);
    this.trying = new Trying(this);
    this.assumptions = new Assumptions(this);
    this.faults = new Faults(this);
    this.stubs = new Stubs(this);
    this.webhooks = new Webhooks(this);
    this.clock = new Clock(this);
    this.reference = new Reference(this);
    this.tabs = [
      this.journal, this.state, this.trying, this.assumptions, this.faults, this.stubs, this.webhooks, this.clock, this.reference,
    ];
    this.#takeTab();
    addEventListener("hashchange", () => this.#takeTab());
  }

  /** Open a tab by its name. */
  go(name) {
    location.hash = `#/${name}`;
    this.#takeTab();
  }

  /** Do something that may fail; where it does, say why. */
  async attempt(what) {
    try {
      await what();
    } catch (error) {
      if (error.status === 401) this.#refuse(error);
      else this.notices.complain(error);
    } finally {
      this.redraw();
    }
  }

  /** Take what the mock told. */
  hear = (name, data) => {
    if (name === "connection") this.#connected(data);
    else if (name === "exchange") [this.journal, this.state, this.faults, this.stubs].forEach((part) => part.hear(data));
    else if (name === "webhook") this.webhooks.hear();
    else if (name === "missed") this.#loadAgain(this.journal, this.faults, this.stubs, this.webhooks);
    else if (name === "changed") this.#changed(data.part);
    this.redraw();
  };

  #connected({ state, error }) {
    if (state === "refused") return this.#refuse(error);
    this.connection = state;
    if (state === "open") this.#load();
  }

  #refuse(error) {
    this.connection = "refused";
    this.refusal = error;
  }

  #load() {
    const parts = [
      this.journal, this.assumptions, this.faults, this.stubs, this.webhooks, this.clock, this.state, this.reference,
    ];
    this.webhooks.sending.forget();
    this.attempt(() => Promise.all([...parts.map((part) => part.load()), this.#loadApi()]));
  }

  #loadAgain(...parts) {
    this.attempt(() => Promise.all(parts.map((part) => part.load())));
  }

  async #loadApi() {
    const [api, { operations }] = await Promise.all([
      this.control.get("/health"), this.control.get("/operations"), this.organizations.load(),
    ]);
    this.api = api;
    this.operations = operations;
    document.title = `${api.title} · Understudy`;
    await this.trying.load();
  }

  #changed(part) {
    const reloaded = {
      state: () => this.state.refresh(),
      requests: () => (this.journal.cleared(), this.webhooks.load()),
      faults: () => this.faults.load(),
      stubs: () => this.stubs.load(),
      webhooks: () => this.webhooks.load(),
      assumptions: () => Promise.all([this.assumptions.load(), this.reference.load()]),
      clock: () => this.clock.load(),
      fixtures: () => Promise.all([this.#loadApi(), this.state.refresh()]),
      document: () => this.#load(),
    };
    if (part in reloaded) this.attempt(reloaded[part]);
  }

  #takeTab() {
    const before = this.tab;
    this.tab = this.tabs.find(({ name }) => `#/${name}` === location.hash) ?? this.journal;
    if (this.tab !== before) this.tab.shown?.(); // `go` comes here, and then the hash that it changed
    this.redraw();
  }
}
