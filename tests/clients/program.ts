// A frontend's way to the API: types made by openapi-typescript, requests by openapi-fetch. Run with the URL of a mock;
// prints what the test compares. What tsc says of this file counts as much as what it does.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

declare const process: { argv: string[] };

type Assignment = components["schemas"]["InternalContactAssignment"];
type Problem = components["schemas"]["Problem"];

const api = createClient<paths>({ baseUrl: process.argv[2], headers: { Authorization: "Bearer acme-token" } });

async function assign(partner_id: string): Promise<Assignment> {
  const { data, error } = await api.POST("/v2/partners/{partner_id}/internal-contacts", {
    params: { path: { partner_id } },
    body: { email: "ada@acme.example", internal_role: "csm", given_name: "Ada", phone: null },
  });
  if (!data) throw new Error(JSON.stringify(error));
  return data;
}

const first = await assign("ptn_northwind");
const second = await assign("ptn_contoso");
const contacts: string[] = [first.internal_contact.id, second.internal_contact.id];
const givenName: string | null = first.internal_contact.given_name;
const partners: (string | null)[] = [first.partner_id, second.partner_id];

const changed = await api.PATCH("/v2/internal-contacts/{internal_contact_id}", {
  params: { path: { internal_contact_id: first.internal_contact.id } },
  body: { job_title: "Head of Customer Success" },
});
const jobTitle: string | null | undefined = changed.data?.job_title;

const refused = await api.POST("/v2/internal-contacts", {
  // @ts-expect-error: the role is required
  body: { email: "" },
});
const problem: Problem | undefined = refused.error && "title" in refused.error ? refused.error : undefined;
const pointers: string[] | undefined = problem?.violations?.map((violation) => violation.pointer);

const unknown = await api.PATCH("/v2/partners/{partner_id}/internal-contacts/{assignment_id}", {
  params: { path: { partner_id: "ptn_northwind", assignment_id: "ica_nobody" } },
  // @ts-expect-error: there is no such role
  body: { internal_role: "janitor" },
});

console.log(
  JSON.stringify({
    contacts,
    givenName,
    partners,
    assignments: [first.id, second.id],
    jobTitle,
    refused: { status: refused.response.status, pointers },
    unknown: unknown.response.status,
  }),
);
