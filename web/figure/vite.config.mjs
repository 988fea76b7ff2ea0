import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { intoOneFile, oneFile } from "../one-file.mjs";

const here = dirname(fileURLToPath(import.meta.url));

export default defineConfig({
  root: here,
  base: "./",
  plugins: [oneFile("figure.html")],
  build: intoOneFile(resolve(here, "figure.html"), resolve(here, "../dist")),
});
