/** Bundles src/page into one HTML text, gzip'd, in base64: the binary has it as a constant. */
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { pageStyle } from "../src/page/style.ts"

const entry = join(import.meta.dir, "../src/page/main.tsx")

export async function buildPage(): Promise<string> {
  const { outputs } = await Bun.build({
    entrypoints: [entry],
    target: "browser",
    format: "iife",
    minify: true,
    define: { "process.env.NODE_ENV": '"production"' },
  })
  const [script, ...others] = outputs
  if (script === undefined || others.length > 0) throw new Error("src/page is not one script")
  const html = pageHtml(await script.text())
  return gzipSync(html, { level: 9 }).toString("base64")
}

/** `__NONCE__` is replaced in each answer. */
function pageHtml(script: string): string {
  const inlined = script.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--")
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>session-rescue</title>
<link rel="icon" href="data:,">
<style nonce="__NONCE__">${pageStyle}</style>
</head>
<body>
<script type="module" nonce="__NONCE__">${inlined}</script>
<noscript><p>This page needs JavaScript. Without: session-rescue render --all --to FOLDER --index</p></noscript>
</body>
</html>
`
}
