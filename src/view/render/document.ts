import { escapeHtml, printHtml } from "./html.ts"
import { conversationStyle } from "./style.ts"
import { element, type Tree } from "./tree.ts"

/** A file that a browser opens: no script, nothing fetched, nothing sent. */
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

const generator = "session-rescue"

/** The beginning of a document, up to its first content; `title` is untrusted. */
export function documentHead(title: string): string {
  const name = escapeHtml(title.slice(0, 200)).replace(/<[^>]*>/g, "") // a title holds text only
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="${generator}">
<title>${name}</title>
<style>${conversationStyle}</style>
</head>
<body>
<main>
`
}

export const documentEnd = "</main>\n</body>\n</html>\n"

export interface Heading {
  readonly title: string | null
  readonly id: string
  /** Where it was read, in words. */
  readonly where: string
  /** The line that resumes the session; null: none, as in a file that is shared. */
  readonly resume: string | null
}

export function headingTrees({ title, id, where, resume }: Heading): Tree[] {
  return [
    element("h1", {}, title ?? `Session ${id}`),
    element("p", { class: "where" }, ...(title === null ? [] : [`Session ${id} · `]), where),
    ...(resume === null
      ? []
      : [element("p", { class: "where" }, "Resume it: ", element("code", {}, resume))]),
  ]
}

/** A prompt of the person, and where it is. */
export interface PromptLink {
  readonly line: string
  readonly href: string
}

/** The navigator: what the person said, in order. */
export function promptsTree(prompts: readonly PromptLink[], title: string): Tree {
  if (prompts.length === 0) return element("p", { class: "where" }, "No prompts.")
  return element(
    "nav",
    { "aria-label": title },
    element("h2", { class: "h2" }, title),
    element(
      "ol",
      { class: "prompts" },
      ...prompts.map(({ line, href }) => element("li", {}, element("a", { href }, line))),
    ),
  )
}

/** Links to the page before, to the session's first page, and to the page after. */
export function pageLinks(links: readonly (readonly [name: string, href: string])[]): string {
  if (links.length === 0) return ""
  const tree = element(
    "nav",
    { class: "pages", "aria-label": "Pages" },
    ...links.map(([name, href]) => element("a", { href }, name)),
  )
  return `${printHtml(tree)}\n`
}
