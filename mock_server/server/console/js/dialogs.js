// What stands in front of the page: the reset, the keys, and the question for the admin token.

import { html, nothing } from "../vendor/lit-html/lit-html.js";

const PARTS = {
  state: "State: the records of the fixtures",
  fixtures: "Fixtures: organizations and tokens of the start",
  requests: "Journal and webhooks: emptied",
  faults: "Faults: those of the start",
  stubs: "Stubs: none",
  assumptions: "Assumptions: the choices of the start",
  clock: "Clock: the time of the start",
};

const KEYS = [
  ["1 … 9", "go to a tab"],
  ["/", "filter or search"],
  ["↑ ↓ PgUp PgDn Home End", "walk through the journal or the webhooks"],
  ["Enter", "from the list to what is selected"],
  ["Esc", "close what is open"],
  ["p", "pause and resume the journal"],
  ["r", "reset the mock"],
  ["Ctrl+Enter", "send the request"],
  ["?", "this help"],
];

/** The question what is to be reset. */
export function resetDialog(room) {
  const reset = async (event) => {
    event.preventDefault();
    const parts = new FormData(event.target).getAll("part");
    if (!parts.length) return;
    close("reset");
    await room.attempt(async () => {
      await room.control.send("POST", "/reset", { parts });
      room.notices.say(parts.length === Object.keys(PARTS).length ? "Everything is as it was at the start." : `As it was at the start: ${parts.join(", ")}.`);
    });
  };
  return html`<dialog id="reset" aria-labelledby="reset-title" @click=${closeOutside}>
    <form @submit=${reset}>
      <h2 id="reset-title">Reset the mock</h2>
      <p class="dim">What is ticked becomes what it was at the start.</p>
      ${Object.entries(PARTS).map(([part, text]) => html`<label class="check"><input type="checkbox" name="part" value=${part} checked> ${text}</label>`)}
      <div class="buttons end"><button type="button" @click=${() => close("reset")}>Cancel</button><button class="primary" autofocus>Reset</button></div>
    </form>
  </dialog>`;
}

/** The list of keys. */
export function keysDialog() {
  return html`<dialog id="keys" aria-labelledby="keys-title" @click=${closeOutside}>
    <h2 id="keys-title">Keys</h2>
    <dl class="keys">${KEYS.map(([keys, text]) => html`<div><dt>${keys.split(" ").map((key) => (key === "…" ? " … " : html`<kbd>${key}</kbd> `))}</dt><dd>${text}</dd></div>`)}</dl>
    <div class="buttons end"><button autofocus @click=${() => close("keys")}>Close</button></div>
  </dialog>`;
}

export function open(id) {
  document.getElementById(id).showModal();
}

function close(id) {
  document.getElementById(id).close();
}

function closeOutside(event) {
  if (event.target === event.currentTarget) event.currentTarget.close();
}

/** The page where the mock does not let this one in: a question for the token, or the reason. */
export function refusedPage(error, hadToken, useToken) {
  if (error.status !== 401) {
    return html`<main class="refused"><h1>The mock does not let this page in</h1><p>${error.message}</p></main>`;
  }
  const submitted = (event) => {
    event.preventDefault();
    useToken(new FormData(event.target).get("token").trim());
  };
  return html`<main class="refused"><form class="card" @submit=${submitted}>
    <h1>Admin token</h1>
    <p class="dim">This mock was started with <code>--admin-token</code>. The token is kept until this browser tab is closed.</p>
    ${hadToken ? html`<p class="banner banner-failed" role="alert">The mock does not take this token.</p>` : nothing}
    <label>Token <input name="token" type="password" required autofocus autocomplete="off"></label>
    <div class="buttons end"><button class="primary">Open the console</button></div>
  </form></main>`;
}
