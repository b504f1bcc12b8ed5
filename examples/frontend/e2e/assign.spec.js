import { expect, test } from "./mocked.js";

test("somebody is assigned", async ({ page, mock }) => {
  await page.goto("/");
  await page.getByLabel("Email").fill("ada@acme.example");
  await page.getByRole("button", { name: "Assign" }).click();

  await expect(page.getByRole("listitem")).toHaveText("ada@acme.example: csm");
  const asked = await (await fetch(`${mock}/__admin/requests`)).json();
  expect(asked.requests.map((request) => request.body.json)).toEqual([{ email: "ada@acme.example", internal_role: "csm" }]);
});

test("somebody who is known is assigned again", async ({ page, mock }) => {
  await page.goto("/");
  await page.getByLabel("Email").fill("grace@acme.example");
  await page.getByLabel("Role").selectOption("lead");
  await page.getByRole("button", { name: "Assign" }).click();

  await expect(page.getByRole("listitem")).toHaveText("Grace Hopper: lead");
  const { organizations } = await (await fetch(`${mock}/__admin/state`)).json();
  expect(organizations.acme.InternalContact).toHaveLength(2);
  expect(organizations.acme.InternalContactAssignment).toHaveLength(3);
});

test("a failing API is told", async ({ page, mock }) => {
  await fetch(`${mock}/__admin/faults`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: "overloaded", status: 503, times: 1 }),
  });
  await page.goto("/");
  await page.getByLabel("Email").fill("ada@acme.example");
  await page.getByRole("button", { name: "Assign" }).click();

  await expect(page.getByRole("alert")).toContainText("overloaded");
  await page.getByRole("button", { name: "Assign" }).click();
  await expect(page.getByRole("listitem")).toHaveText("ada@acme.example: csm");
});
