import { expect, test } from "@playwright/test";

const MOCK = process.env.MOCK_URL ?? "http://127.0.0.1:4010";

test.beforeEach(async ({ request }) => {
  await request.post(`${MOCK}/__admin/reset`);
});

for (const role of ["csm", "lead"]) {
  test(`Ada is assigned as ${role}`, async ({ page, request, baseURL }) => {
    const asked = page.waitForRequest("**/v2/**");
    await page.goto("/");
    await page.getByLabel("Email").fill("ada@acme.example");
    await page.getByLabel("Role").selectOption(role);
    await page.getByRole("button", { name: "Assign" }).click();

    await expect(page.getByRole("listitem")).toHaveText(`ada@acme.example: ${role}`);
    expect((await asked).url()).toMatch(process.env.VITE_API_URL ?? baseURL);
    const journal = await (await request.get(`${MOCK}/__admin/requests`)).json();
    expect(journal.count).toBe(1);
    expect(journal.requests[0].changes.map((change) => change.resource)).toEqual([
      "InternalContact",
      "InternalContactAssignment",
    ]);
  });
}
