import type { ShownItem } from "../../operations/search/show.ts"
import {
  documentEnd,
  documentHead,
  type Heading,
  headingTrees,
  type PromptLink,
  promptsTree,
} from "./document.ts"
import { EntryReader } from "./entries.ts"
import { entryTree, promptLine, type TreeView } from "./entry-tree.ts"
import { printHtml } from "./html.ts"
import { element } from "./tree.ts"

/** Characters that are printed at a time. */
const pieceLength = 1 << 16

/** A session as one HTML document, piece by piece; the navigator of prompts is at its end, where all are known. */
export async function* oneDocument(
  items: AsyncIterable<ShownItem>,
  heading: Heading,
  view: TreeView,
): AsyncGenerator<string> {
  const reader = new EntryReader(() => true)
  const prompts: PromptLink[] = []
  let html = documentHead(heading.title ?? `Session ${heading.id}`)
  const toPrompts = element("p", { class: "where" }, element("a", { href: "#prompts" }, "All prompts"))
  html += `${[...headingTrees(heading), toPrompts].map(printHtml).join("\n")}\n`
  const add = (entries: ReturnType<EntryReader["read"]>) => {
    for (const entry of entries) {
      const tree = entryTree(entry, view)
      if (tree !== null) html += `${printHtml(tree)}\n`
      const line = promptLine(entry)
      if (line !== null && entry.type === "said") prompts.push({ line, href: `#${entry.place}` })
    }
  }
  for await (const item of items) {
    add(reader.read(item))
    if (html.length < pieceLength) continue
    yield html
    html = ""
  }
  add(reader.end())
  const list = element("footer", { id: "prompts" }, promptsTree(prompts, "Prompts"))
  yield `${html}${printHtml(list)}\n${documentEnd}`
}
