import { Marked, type MarkedToken, type Token, type Tokens } from "marked"
import { type Element, element, isSafeAttribute, type Tree } from "./tree.ts"

/** Longer texts are shown as they are: no person reads them as prose, and a parser may need long for them. */
const maxCharacters = 50_000
/** Deeper nesting is shown as it is. */
const maxDepth = 30

const parser = new Marked({ gfm: true, breaks: true })
/** Looking for underlined headings takes a third of the time, and hardly any text has one. */
const withoutUnderlined = new Marked({ gfm: true, breaks: true, tokenizer: { lheading: () => undefined } })
const underline = /\n {0,3}(?:=+|-+)[ \t]*(?:\n|$)/

/**
 * Markdown as a tree. Markup of HTML is text; images are their description, as nothing is fetched; links keep only the
 * schemes that a tree may have.
 */
export function markdownTree(text: string): Tree[] {
  if (text.length > maxCharacters) return [element("pre", {}, text)]
  const prose = proseTree(text)
  if (prose !== null) return prose
  try {
    const lexer = underline.test(text) ? parser : withoutUnderlined
    return lexer.lexer(text).flatMap((token) => block(token as MarkedToken, 0))
  } catch {
    return [element("pre", {}, text)] // nested deeper than the parser goes
  }
}

const proseSigns = /^[A-Za-z0-9 ,;?!.'"()/:=+%$#{}_\n-]*$/
/** What stands for emphasis, and what becomes a link. */
const emphasis = /(?:^|[^A-Za-z0-9])_|_(?:[^A-Za-z0-9]|$)/
const address = /www\./i

/** Lines of words without a sign that could mean something, most messages, as the parser has them; null for others. */
function proseTree(text: string): Tree[] | null {
  if (!proseSigns.test(text) || text.includes("://")) return null
  if (text.includes("_") && emphasis.test(text)) return null
  if (text.includes(".") && address.test(text)) return null
  const paragraphs: Tree[] = []
  let said: Tree[] = []
  for (const line of text.split("\n")) {
    if (line === "") {
      if (said.length > 0) paragraphs.push(["p", {}, ...said])
      said = []
    } else if (!isLetter(line.charCodeAt(0))) return null
    else if (said.length === 0) said.push(line.trimEnd())
    else said.push(["br", {}], line.trimEnd())
  }
  if (said.length > 0) paragraphs.push(["p", {}, ...said])
  return paragraphs
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
}

function block(token: MarkedToken, depth: number): Tree[] {
  if (depth > maxDepth) return [element("pre", {}, token.raw)]
  const blocks = (tokens: readonly Token[] | undefined) =>
    (tokens ?? []).flatMap((each) => block(each as MarkedToken, depth + 1))
  switch (token.type) {
    case "space":
    case "def":
      return []
    case "code":
      return [element("pre", {}, element("code", {}, token.text))]
    case "heading":
      return [element("h3", { class: `h${token.depth}` }, ...inlines(token.tokens, depth))]
    case "paragraph":
      return [element("p", {}, ...inlines(token.tokens, depth))]
    case "blockquote":
      return [element("blockquote", {}, ...blocks(token.tokens))]
    case "hr":
      return [element("hr", {})]
    case "list":
      return [list(token, blocks)]
    case "table":
      return [table(token, depth)]
    case "html":
      return [element("pre", {}, token.raw)]
    case "checkbox":
      return [token.checked ? "☑ " : "☐ "]
    default:
      return inline(token, depth)
  }
}

function list(token: Tokens.List, blocks: (tokens: readonly Token[]) => Tree[]): Element {
  const items = token.items.map((item) => {
    const hasBox = item.tokens.some(({ type }) => type === "checkbox")
    const box = item.task && !hasBox ? [item.checked === true ? "☑ " : "☐ "] : []
    return element("li", {}, ...box, ...blocks(item.tokens))
  })
  const start = Number(token.start)
  return token.ordered
    ? element("ol", start === 1 || !Number.isSafeInteger(start) ? {} : { start: `${start}` }, ...items)
    : element("ul", {}, ...items)
}

function table({ header, rows }: Tokens.Table, depth: number): Element {
  const row = (cells: readonly Tokens.TableCell[], tag: "td" | "th") =>
    element("tr", {}, ...cells.map(({ tokens }) => element(tag, {}, ...inlines(tokens, depth))))
  return element(
    "div",
    { class: "wide", tabindex: "0" },
    element(
      "table",
      {},
      element("thead", {}, row(header, "th")),
      element("tbody", {}, ...rows.map((cells) => row(cells, "td"))),
    ),
  )
}

function inlines(tokens: readonly Token[] | undefined, depth: number): Tree[] {
  return (tokens ?? []).flatMap((token) => inline(token as MarkedToken, depth + 1))
}

function inline(token: MarkedToken, depth: number): Tree[] {
  if (depth > maxDepth) return [token.raw]
  switch (token.type) {
    case "strong":
    case "em":
    case "del":
      return [element(token.type, {}, ...inlines(token.tokens, depth))]
    case "codespan":
      return [element("code", {}, token.text)]
    case "br":
      return [element("br", {})]
    case "link": {
      const said = inlines(token.tokens, depth)
      // a place of this page is no place of a transcript's making
      const leads = isSafeAttribute("href", token.href) && /^(?:https?|mailto):/i.test(token.href) // safety: no-own-links
      return leads
        ? [element("a", { href: token.href, title: token.href }, ...said)]
        : [...said, ` (${token.href})`]
    }
    case "image":
      return [`[image: ${token.text}] (${token.href})`]
    case "text":
      return token.tokens === undefined ? [entitiesOf(token.text)] : inlines(token.tokens, depth)
    case "escape":
      return [token.text]
    default:
      return [token.raw]
  }
}

const entities: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&nbsp;": " ",
}

function entitiesOf(text: string): string {
  return text.includes("&")
    ? text.replace(/&(?:amp|lt|gt|quot|#39|nbsp);/g, (name) => entities[name] ?? name)
    : text
}
