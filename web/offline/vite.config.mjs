import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { intoOneFile, oneFile } from "../one-file.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const leaflet = resolve(here, "../node_modules/leaflet");
const licence = readFileSync(resolve(leaflet, "LICENSE"), "utf8").trim();

export default defineConfig({
  root: here,
  base: "./",
  plugins: [oneFile("offline.html", `This map is shown by Leaflet, https://leafletjs.com:\n\n${licence}`)],
  // As modules, so that what is not used is left out.
  resolve: { alias: [{ find: /^leaflet$/, replacement: resolve(leaflet, "dist/leaflet-src.esm.js") }] },
  build: intoOneFile(resolve(here, "offline.html"), resolve(here, "../dist")),
});
