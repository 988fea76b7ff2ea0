// One file of a page: script and style are in it, nothing else may be loaded, and no other script may run.

import { createHash } from "node:crypto";

/** Makes one file of the page of that name; `notice` is said before it. */
export function oneFile(name, notice) {
  return {
    name: "one-file",
    enforce: "post",
    generateBundle(_, bundle) {
      const page = bundle[name];
      if (page?.type !== "asset") throw new Error(`the build made no ${name}`);
      let [script, style, html] = ["", "", String(page.source)];
      for (const [path, part] of Object.entries(bundle)) {
        if (part === page) continue;
        if (part.type === "chunk") script += part.code;
        else if (path.endsWith(".css")) style += String(part.source);
        else if (path.endsWith(".svg")) html = html.replace(`./${path}`, `data:image/svg+xml;base64,${Buffer.from(part.source).toString("base64")}`);
        else throw new Error(`${path} would be a file beside the page`);
        delete bundle[path];
      }
      script = `\n${script.replaceAll("</script", "<\\/script").trim()}\n`;
      const hash = createHash("sha256").update(script).digest("base64");
      const policy = `default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
      page.source = html
        .replace(/\s*<script type="module"[^>]*><\/script>/, "")
        .replace(/\s*<link rel="stylesheet"[^>]*>/, "")
        .replace('<meta charset="utf-8" />', (charset) => `${charset}\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`)
        .replace("</head>", () => `  <style>\n${style.trim()}\n    </style>\n  </head>`)
        .replace("</body>", () => `  <script>${script}</script>\n  </body>`)
        .replace("<html", () => (notice ? `<!-- ${notice}\n-->\n<html` : "<html"));
    },
  };
}

/** How such a page is built, beside what is already in `dist`. */
export const intoOneFile = (page, outDir) => ({
  outDir,
  emptyOutDir: false,
  target: "es2022",
  assetsInlineLimit: Number.MAX_SAFE_INTEGER,
  modulePreload: false,
  cssCodeSplit: false,
  rollupOptions: { input: page, output: { format: "iife" } },
});
