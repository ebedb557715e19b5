import { RescueError } from "../../domain/errors.ts"
import type { ShownItem } from "../../operations/search/show.ts"
import { isShownByClient } from "../../operations/search/shown-items.ts"
import type { Timeline, TimelineReader } from "../../operations/serve/timeline.ts"
import { documentName, EntryReader } from "../../view/render/entries.ts"
import { type Detail, entryTree } from "../../view/render/entry-tree.ts"
import { element, type Tree } from "../../view/render/tree.ts"
import { describeSource } from "../../view/search/show.ts"

/** Bytes that are asked for at once; a block of one line may be longer. */
const maxBlockBytes = 1 << 20
/** Characters of one text on the page; the rest is said to be there. */
const maxTextCharacters = 100_000
/** Characters of one answer to the browser. */
const maxTreeCharacters = 4_000_000

export function timelineDocument({ id, agent, title, from, path, files }: Timeline) {
  const where = describeSource({ from, path })
  return {
    id,
    agent,
    title,
    where,
    isIndexOnly: from === "index",
    files: files.map((file) => ({ ...file, name: documentName(file.document) })),
  }
}

/** The trees of one stretch of a session. */
export async function readBlock(
  id: string,
  asked: URLSearchParams,
  reader: TimelineReader,
): Promise<{ readonly entries: readonly Tree[] }> {
  const document = asked.get("document") ?? ""
  const [from, to] = ["from", "to"].map((name) => Number(asked.get(name) ?? "x")) as [number, number]
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || to < from)
    throw new RescueError("USAGE", "no such stretch", "reload the page")
  const detail = detailOf(asked.get("detail"))
  const view = {
    agent: asked.get("agent") ?? "",
    detail,
    hit: null,
    linkTo: (name: string) => `#/session/${id}/${name}`,
    anchor: (place: string) => `#/session/${id}/${documentName(document)}/${place}`,
    queued: "queued here",
  }
  const entries: Tree[] = []
  const entryReader = new EntryReader(() => true)
  let length = 0
  const add = (read: ReturnType<EntryReader["read"]>) => {
    for (const entry of read) {
      const tree = entryTree(entry, view)
      if (tree === null) continue
      entries.push(tree)
      length += JSON.stringify(tree).length
    }
  }
  const range = { from, to: Math.min(to, from + Math.max(maxBlockBytes, to - from)) }
  for await (const item of reader.read(id, document, { ...range, ofFile: asked.get("of") === "file" })) {
    if (detail !== "all" && item.type === "part" && !isShownByClient(item)) continue
    add(entryReader.read(shortened(item, id)))
    if (length < maxTreeCharacters) continue
    entries.push(
      element("p", { class: "where" }, `more is here than fits: session-rescue show ${id} --all-parts`),
    )
    return { entries }
  }
  add(entryReader.end())
  return { entries }
}

function detailOf(asked: string | null): Detail {
  return asked === "conversation" || asked === "all" ? asked : "tools"
}

function shortened(item: ShownItem, id: string): ShownItem {
  if (item.type !== "part" || item.part.text.length <= maxTextCharacters) return item
  const { edits: _, ...part } = item.part
  const more = part.text.length - maxTextCharacters
  const text = `${part.text.slice(0, maxTextCharacters)}\n… ${more} characters more: session-rescue show ${id} --all-parts`
  return { ...item, part: { ...part, text } }
}
