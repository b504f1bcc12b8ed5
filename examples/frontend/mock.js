import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Start a mock and return its URL and what stops it. Port 0 is any free one. */
export async function startMock(port = 0) {
  const server = spawn("mock-server", ["serve", "--port", port, "--log-level", "warning"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const stop = async () => {
    if (server.kill()) await once(server, "exit");
  };
  for await (const line of createInterface({ input: server.stdout })) {
    const url = line.match(/ on (http:\S+)/)?.[1];
    if (url) return { url, stop };
  }
  throw new Error("the mock did not start");
}
