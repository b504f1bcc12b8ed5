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
  return [...Object.values(exchange.headers), exchange.query].some((text) => text.includes(MASKED));
}

const BEARER = [{ in: "header", name: "Authorization", scheme: "Bearer", kind: "token" }];

/** Return where an operation wants its credentials; those of an unknown one are taken to be bearer tokens. */
export function credentialsOf(operation) {
  return operation?.credentials.length ? operation.credentials : BEARER;
}

/** Return a query without credentials: without what is masked, and without the parameters that hold them. */
export function queryToSend(query, credentials) {
  const secret = credentials.filter((one) => one.in === "query").map(({ name }) => name);
  return query.split("&").filter((pair) => !pair.endsWith(`=${MASKED}`) && !secret.includes(nameOf(pair))).join("&");
}

function nameOf(pair) {
  return new URLSearchParams(pair).keys().next().value;
}

/** Return a credential as the value of a header. */
export function headerValue({ scheme }, token) {
  if (scheme !== "Basic") return scheme ? `${scheme} ${token}` : token;
  const pair = new TextEncoder().encode(token.includes(":") ? token : `${token}:`);
  return `Basic ${btoa(String.fromCharCode(...pair))}`;
}

/** Return the command that sends an exchange's request again; `token` is null for a placeholder, and "" for none. */
export function curlLine(exchange, url, token, credentials = BEARER) {
  const shown = token === "" ? [] : credentials;
  const lines = [`curl -X ${exchange.method} ${address(exchange, url, token, shown)}`];
  for (const one of shown.filter((one) => one.in !== "query")) lines.push(option(one, token));
  for (const [name, value] of headersToSend(exchange)) lines.push(`-H ${quoted(`${name}: ${value}`)}`);
  const body = bodyText(exchange.body);
  if (body === null) lines.push("--data-binary @body.json");
  else if (body) lines.push(`--data-raw ${quoted(body)}`);
  return lines.join(" \\\n  ");
}

function address(exchange, url, token, credentials) {
  const keys = credentials.filter((one) => one.in === "query");
  const kept = queryToSend(exchange.query, credentials);
  let text = quoted(url + exchange.path + (kept ? `?${kept}` : ""));
  for (const [index, { name }] of keys.entries()) {
    const value = token === null ? '"$TOKEN"' : quoted(encodeURIComponent(token));
    text += quoted(`${kept || index ? "&" : "?"}${encodeURIComponent(name)}=`) + value;
  }
  return text;
}

function option({ in: place, name, scheme }, token) {
  const text = token ?? "$TOKEN";
  const quote = token === null ? (it) => `"${it}"` : quoted;
  if (scheme === "Basic") return `-u ${quote(token === null || text.includes(":") ? text : `${text}:`)}`;
  if (place === "cookie") return `-b ${quote(`${name}=${text}`)}`;
  return `-H ${quote(`${name}: ${scheme ? `${scheme} ` : ""}${text}`)}`;
}

function quoted(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
