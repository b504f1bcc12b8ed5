// Times, sizes and numbers as the page says them.

const DAY = 86_400;

/** Return the time of day of a moment, with milliseconds, where the reader is. */
export function timeOfDay(moment) {
  const date = new Date(moment);
  return `${date.toLocaleTimeString([], { hourCycle: "h23" })}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** Return a moment in UTC, to the second. */
export function inUtc(moment) {
  return `${new Date(moment).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** Return a size in bytes as a few characters. */
export function sized(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Return a number of things: `1 row`, `2 rows`. */
export function counted(number, thing) {
  return `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`;
}

/** Return how far apart two moments are, in words. */
export function apart(seconds) {
  const units = [["day", DAY], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [name, size] = units.find(([, size]) => Math.abs(seconds) >= size) || units[3];
  return counted(Math.round(Math.abs(seconds) / size), name);
}

/** Return the class of a status: `ok`, `moved`, `refused`, `failed`, or `none` where nothing was answered. */
export function kindOf(status) {
  if (!status) return "none";
  return { 2: "ok", 3: "moved", 4: "refused", 5: "failed" }[Math.floor(status / 100)] || "moved";
}
