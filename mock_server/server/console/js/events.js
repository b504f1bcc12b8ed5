// What happens, as the mock tells it: server-sent events, read with `fetch` since `EventSource` cannot send a token.

import { parse } from "./json.js";

const FIRST_WAIT = 300;
const LONGEST_WAIT = 5000;
const LONGEST_SILENCE = 40_000; // the mock says at least every 15 s that it is there

/** Listens for as long as the page is open. `told` gets `connection` (open, lost or refused) and every event. */
export class Listening {
  #control;
  #told;
  #hurry = null;
  #isRunning = false;

  constructor(control, told) {
    this.#control = control;
    this.#told = told;
  }

  /** Listen, and listen again whenever the connection is lost; end where the mock does not let the page in. */
  async start() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    await this.#keepListening();
    this.#isRunning = false;
  }

  /** Try again at once where the connection is lost. */
  hurry() {
    this.#hurry?.();
  }

  async #keepListening() {
    let wait = FIRST_WAIT;
    for (;;) {
      try {
        await this.#listen(() => (wait = FIRST_WAIT));
        this.#told("connection", { state: "lost" });
      } catch (error) {
        const isRefused = error.status === 401 || error.status === 403;
        this.#told("connection", { state: isRefused ? "refused" : "lost", error });
        if (isRefused) return;
      }
      await this.#pause(wait);
      wait = Math.min(wait * 1.6, LONGEST_WAIT);
    }
  }

  async #listen(opened) {
    const stopping = new AbortController();
    let silence;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => stopping.abort(), LONGEST_SILENCE);
    };
    try {
      heard();
      const response = await this.#control.open("/events", stopping.signal);
      for await (const event of eventsIn(response.body, heard)) {
        if (event.name === "listening") {
          opened();
          this.#told("connection", { state: "open" });
        } else {
          this.#told(event.name, event.data);
        }
      }
    } finally {
      clearTimeout(silence);
      stopping.abort();
    }
  }

  #pause(milliseconds) {
    return new Promise((resolve) => {
      this.#hurry = resolve;
      setTimeout(resolve, milliseconds);
    });
  }
}

/** Yield the events of a stream; `heard` is called for whatever comes, an event or not. */
export async function* eventsIn(stream, heard = () => {}) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const event = eventIn(block);
      if (event) yield event;
    }
  }
}

function eventIn(block) {
  const fields = new Map(block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]));
  return fields.has("data") ? { name: fields.get("event") || "message", data: parse(fields.get("data")) } : null;
}
