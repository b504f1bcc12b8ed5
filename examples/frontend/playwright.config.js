import { defineConfig } from "@playwright/test";
import { chromium } from "./chromium.js";

const url = `http://localhost:${process.env.PAGE_PORT ?? 5173}`;

export default defineConfig({
  testDir: "e2e",
  fullyParallel: true,
  use: { baseURL: url, launchOptions: chromium },
  webServer: { command: `npx vite --strictPort --port ${new URL(url).port}`, url },
});
