import { defineConfig } from "vite";

export default defineConfig({
  server: {
    proxy: { "/v2": process.env.MOCK_URL ?? "http://127.0.0.1:4010" },
  },
});
