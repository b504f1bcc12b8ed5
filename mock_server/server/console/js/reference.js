// The API's document, rendered by Swagger UI, which is loaded when somebody first looks.

import { html } from "../vendor/lit-html/lit-html.js";

const LIBRARY = "vendor/swagger-ui-dist";

export class Reference {
  name = "reference";
  title = "Reference";
  badge = null;
  #room;
  #place = document.createElement("div");
  #loaded = null;
  #isStale = true;

  constructor(room) {
    this.#room = room;
  }

  async load() {
    this.#isStale = true;
    this.#room.redraw();
  }

  view() {
    return html`<div class="page reference">
      <p class="toolbar"><a href="/openapi.json" target="_blank" rel="noopener">openapi.json</a>
        <span class="dim">The document with the choices in force written into its schemas. To send requests, use <a href="#/try">Try it</a>.</span></p>
      ${this.#place}
    </div>`;
  }

  drawn() {
    if (!this.#isStale) return;
    this.#isStale = false;
    this.#room.attempt(async () => {
      await (this.#loaded ??= this.#fetch());
      globalThis.SwaggerUIBundle({ url: "/openapi.json", domNode: this.#place, supportedSubmitMethods: [], validatorUrl: null });
    });
  }

  async #fetch() {
    const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${LIBRARY}/swagger-ui.css` });
    const script = Object.assign(document.createElement("script"), { src: `${LIBRARY}/swagger-ui-bundle.js` });
    document.head.prepend(style);
    document.head.append(script);
    await Promise.all([style, script].map(arrived));
  }
}

function arrived(element) {
  return new Promise((resolve, reject) => {
    element.addEventListener("load", resolve);
    element.addEventListener("error", () => reject(new Error(`${element.src || element.href} did not load.`)));
  });
}
