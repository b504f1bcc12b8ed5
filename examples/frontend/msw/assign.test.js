import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { http, HttpResponse, passthrough } from "msw";
import { setupServer } from "msw/node";
import { assign } from "../src/api.js";

const MOCK = process.env.MOCK_URL ?? "http://127.0.0.1:4010";

const server = setupServer(
  http.all(`${MOCK}/*`, () => passthrough()),
  http.get("https://directory.example/people/:name", ({ params }) => HttpResponse.json({ email: `${params.name}@acme.example` })),
);

before(() => server.listen({ onUnhandledRequest: "error" }));
beforeEach(() => fetch(`${MOCK}/__admin/reset`, { method: "POST" }));
afterEach(() => server.resetHandlers());
after(() => server.close());

test("the directory is MSW's, the partner API is the mock's", async () => {
  const person = await (await fetch("https://directory.example/people/ada")).json();
  const first = await assign("ptn_northwind", { ...person, internal_role: "csm" }, MOCK);
  const second = await assign("ptn_contoso", { ...person, internal_role: "lead" }, MOCK);

  assert.equal(first.internal_contact.email, "ada@acme.example");
  assert.equal(second.internal_contact.id, first.internal_contact.id);
});

test("a single answer is MSW's", async () => {
  server.use(
    http.post(`${MOCK}/v2/partners/:partner/internal-contacts`, () =>
      HttpResponse.json({ detail: "not today" }, { status: 503 }),
    ),
  );

  await assert.rejects(assign("ptn_northwind", { email: "ada@acme.example", internal_role: "csm" }, MOCK), /not today/);
  const { count } = await (await fetch(`${MOCK}/__admin/requests/count`)).json();
  assert.equal(count, 0);
});
