import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = dirname(fileURLToPath(import.meta.url));

// The collector is the text of two files, of which `torrid page` has the first too; no module, so that any page can hold it.
const together = {
  name: "together",
  resolveId: (id) => (id.endsWith("collector") ? "\0collector.js" : null),
  load: (id) => (id == "\0collector.js" ? ["selector.js", "collect.js"].map((name) => readFileSync(resolve(here, name), "utf8")).join("\n") : null),
};

export default defineConfig({
  root: here,
  plugins: [together],
  build: {
    outDir: resolve(here, "../dist"),
    emptyOutDir: false,
    target: "es2022",
    modulePreload: false,
    rollupOptions: { input: "collector", output: { format: "iife", entryFileNames: "collect.js" } },
  },
});
