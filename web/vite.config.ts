import { defineConfig } from "vitest/config";

// Addresses are relative, so that the page works below a path of a proxy too. Nothing is put inline as `data:`, which the page's Content-Security-Policy would refuse.
export default defineConfig({
  base: "./",
  build: { license: { fileName: "licences.md" }, target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 1500 },
  test: { include: ["test/*.test.ts"] },
});
