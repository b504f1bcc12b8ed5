// CHROMIUM names a browser to use instead of the one that `npx playwright install` downloads.
export const chromium = process.env.CHROMIUM
  ? { executablePath: process.env.CHROMIUM, args: ["--disable-gpu", "--disable-quic", "--disable-sync"] }
  : {};
