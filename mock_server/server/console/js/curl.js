// An exchange as a command line.

const OF_THE_CLIENT = /^(host|content-length|user-agent|accept-encoding|connection|origin|referer|cookie|sec-.*|transfer-encoding)$/;
const MASKED = "***";

/** Return the headers that are worth sending again: those that the journal masks are left to the reader. */
export function headersToSend(exchange) {
  return Object.entries(exchange.headers).filter(
    ([name, value]) => !OF_THE_CLIENT.test(name) && !value.includes(MASKED) && !(name === "accept" && value === "*/*"),
  );
}

/** Return the body of a request as text; null where the journal did not keep it. */
export function bodyText({ size, json, text }) {
  if (json !== undefined) return JSON.stringify(json);
  return text ?? (size ? null : "");
}

/** Say whether a request carried credentials, which the journal masks. */
export function isSecured(exchange) {
  return "authorization" in exchange.headers;
}

/** Return the command that sends an exchange's request again; `token` is null for a placeholder. */
export function curlLine(exchange, url, token) {
  const lines = [`curl -X ${exchange.method} ${quoted(url + exchange.path + (exchange.query ? `?${exchange.query}` : ""))}`];
  if (isSecured(exchange)) lines.push(token === null ? '-H "Authorization: Bearer $TOKEN"' : `-H ${quoted(`Authorization: Bearer ${token}`)}`);
  for (const [name, value] of headersToSend(exchange)) lines.push(`-H ${quoted(`${name}: ${value}`)}`);
  const body = bodyText(exchange.body);
  if (body === null) lines.push("--data-binary @body.json");
  else if (body) lines.push(`--data-raw ${quoted(body)}`);
  return lines.join(" \\\n  ");
}

function quoted(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
