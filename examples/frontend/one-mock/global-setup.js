import { startMock } from "../mock.js";

/** Start the mock that all tests share, where Vite's proxy expects it, and return what stops it. */
export default async function globalSetup() {
  const { stop } = await startMock(new URL(process.env.MOCK_URL ?? "http://127.0.0.1:4010").port);
  return stop;
}
