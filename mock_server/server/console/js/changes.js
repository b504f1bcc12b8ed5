// What an exchange did to the state, field by field.

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { inLine, isObject } from "./json.js";
import { counted } from "./wording.js";

/** Return the fields of a record as pairs of pointer and value; members of objects are fields of their own. */
export function fieldsOf(record, pointer = "") {
  return Object.entries(record || {}).flatMap(([name, value]) => {
    const place = pointer ? `${pointer}/${name}` : name;
    return isObject(value) && Object.keys(value).length ? fieldsOf(value, place) : [[place, value]];
  });
}

/** Return the fields that differ between two records, as {field, before, after}; undefined is: not there. */
export function differences(before, after) {
  const old = new Map(fieldsOf(before));
  const made = new Map(fieldsOf(after));
  return [...new Set([...old.keys(), ...made.keys()])]
    .map((field) => ({ field, before: old.get(field), after: made.get(field) }))
    .filter((pair) => JSON.stringify(pair.before) !== JSON.stringify(pair.after));
}

/** Show changes: one table for each record. */
export function shownChanges(changes) {
  return changes.map((change) => shownChange(change));
}

function shownChange({ resource, organization, id, before, after }) {
  const kind = before === null ? "created" : after === null ? "deleted" : "updated";
  const differing = differences(before, after);
  const told = differing.filter(({ before, after }) => (before ?? null) !== null || (after ?? null) !== null);
  const same = kind === "updated" ? fieldsOf(after).length - differing.length : 0;
  const empty = differing.length - told.length;
  return html`<section class="change change-${kind}">
    <h3><span class="mark mark-${kind}">${kind}</span> ${resource} <code>${inLine(id)}</code>
      ${organization === null ? nothing : html`<span class="dim">${organization}</span>`}</h3>
    <div class="scrolling"><table class="difference">
      <thead><tr><th>Field</th><th>Before</th><th>After</th></tr></thead>
      <tbody>${told.map((pair) => html`<tr>
        <th scope="row">${pair.field}</th>
        <td class="before">${shownValue(pair.before)}</td>
        <td class="after">${shownValue(pair.after)}</td>
      </tr>`)}</tbody>
    </table></div>
    ${same ? html`<p class="dim note">${counted(same, "other field")} stayed as ${same === 1 ? "it was" : "they were"}.</p>` : nothing}
    ${empty ? html`<p class="dim note">${counted(empty, "field")} ${empty === 1 ? "is" : "are"} null.</p>` : nothing}
  </section>`;
}

function shownValue(value) {
  if (value === undefined) return html`<span class="absent" title="there is none">—</span>`;
  return value === null ? html`<span class="json-word">null</span>` : html`<span>${inLine(value)}</span>`;
}
