import { defineConfig } from "vitest/config";

// Nothing is put inline as `data:`, which the page's Content-Security-Policy would refuse.
export default defineConfig({
  build: { target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 1500 },
  test: { include: ["test/*.test.ts"] },
});
