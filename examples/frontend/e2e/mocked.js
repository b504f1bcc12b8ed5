import { test as base } from "@playwright/test";
import { startMock } from "../mock.js";

export { expect } from "@playwright/test";

export const test = base.extend({
  workerMock: [
    async ({}, use) => {
      const mock = await startMock();
      await use(mock);
      await mock.stop();
    },
    { scope: "worker" },
  ],

  // The URL of this worker's mock, which is as at its start for every test, and which the page's requests go to.
  mock: [
    async ({ workerMock: { url }, context }, use) => {
      await fetch(`${url}/__admin/reset`, { method: "POST" });
      await context.route("**/v2/**", (route) => {
        const { pathname, search } = new URL(route.request().url());
        return route.continue({ url: url + pathname + search });
      });
      await use(url);
    },
    { auto: true },
  ],
});
