import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = dirname(fileURLToPath(import.meta.url));
const leaflet = resolve(here, "../node_modules/leaflet");

/** One file, `dist/offline.html`: script and style are in it, nothing else may be loaded, and no other script may run. */
function oneFile() {
  return {
    name: "one-file",
    enforce: "post",
    generateBundle(_, bundle) {
      const page = bundle["offline.html"];
      if (page?.type !== "asset") throw new Error("the build made no offline.html");
      let [script, style, html] = ["", "", String(page.source)];
      for (const [name, part] of Object.entries(bundle)) {
        if (part === page) continue;
        if (part.type === "chunk") script += part.code;
        else if (name.endsWith(".css")) style += String(part.source);
        else if (name.endsWith(".svg")) html = html.replace(`./${name}`, `data:image/svg+xml;base64,${Buffer.from(part.source).toString("base64")}`);
        else throw new Error(`${name} would be a file beside the page`);
        delete bundle[name];
      }
      script = `\n${script.replaceAll("</script", "<\\/script").trim()}\n`;
      const hash = createHash("sha256").update(script).digest("base64");
      const policy = `default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
      const licence = readFileSync(resolve(leaflet, "LICENSE"), "utf8").trim();
      page.source = html
        .replace(/\s*<script type="module"[^>]*><\/script>/, "")
        .replace(/\s*<link rel="stylesheet"[^>]*>/, "")
        .replace('<meta charset="utf-8" />', (charset) => `${charset}\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`)
        .replace("</head>", () => `  <style>\n${style.trim()}\n    </style>\n  </head>`)
        .replace("</body>", () => `  <script>${script}</script>\n  </body>`)
        .replace("<html", () => `<!-- This map is shown by Leaflet, https://leafletjs.com:\n\n${licence}\n-->\n<html`);
    },
  };
}

export default defineConfig({
  root: here,
  base: "./",
  plugins: [oneFile()],
  // As modules, so that what is not used is left out.
  resolve: { alias: [{ find: /^leaflet$/, replacement: resolve(leaflet, "dist/leaflet-src.esm.js") }] },
  build: {
    outDir: resolve(here, "../dist"),
    emptyOutDir: false,
    target: "es2022",
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    modulePreload: false,
    cssCodeSplit: false,
    rollupOptions: { input: resolve(here, "offline.html"), output: { format: "iife" } },
  },
});
