// JSON that keeps whole numbers of any size, and how it is shown.

import { html } from "../vendor/lit-html/lit-html.js";

const LONG_NUMBER = /\d{16}/;
const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONGEST_COLOURED = 100_000;

/** Return the value of a JSON text. A number that JavaScript would round stays as it is written. */
export function parse(text) {
  return LONG_NUMBER.test(text) && JSON.rawJSON ? JSON.parse(text, exactly) : JSON.parse(text);
}

function exactly(_, value, { source } = {}) {
  const isRounded = typeof value === "number" && source !== undefined && String(value) !== source;
  return isRounded && LONG_NUMBER.test(source) ? JSON.rawJSON(source) : value;
}

/** Return a JSON text of several lines. */
export function written(value) {
  return JSON.stringify(value, null, 2);
}

/** Return a value in one line, as a table shows it: text without quotes. */
export function inLine(value) {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Say whether a value has members to look into. */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !JSON.isRawJSON?.(value);
}

/** Return a value as a block of coloured JSON. */
export function shownJson(value) {
  const text = written(value);
  const parts = text.length > LONGEST_COLOURED ? text : coloured(text);
  return html`<pre class="json" tabindex="0"><code>${parts}</code></pre>`;
}

function coloured(text) {
  const parts = [];
  let end = 0;
  for (const token of text.matchAll(TOKENS)) {
    const [whole, string, colon, word] = token;
    const shown = colon ? string : whole;
    const kind = colon ? "name" : string ? "text" : word ? "word" : "number";
    if (token.index > end) parts.push(text.slice(end, token.index));
    parts.push(html`<span class="json-${kind}">${shown}</span>`);
    end = token.index + shown.length;
  }
  parts.push(text.slice(end));
  return parts;
}
