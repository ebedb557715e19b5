import type { HitLocation } from "../../domain/conversation/hit-location.ts"
import type { Part } from "../../domain/conversation/message-part.ts"
import { totalTokens } from "../../domain/usage/token-counts.ts"
import { stripEscapes } from "../terminal/sanitize.ts"
import { editTree, isPatch, patchTree } from "./diff-tree.ts"
import { documentName, isHit, isPrompt, type PartItem, type ShownEntry } from "./entries.ts"
import { markdownTree } from "./markdown-tree.ts"
import {
  callLine,
  callName,
  compactedHere,
  damageLine,
  documentTitle,
  outcomeOf,
  speakerOf,
} from "./speaker.ts"
import { type Element, element, isSafeAttribute, type Tree } from "./tree.ts"

/** How much is shown. `conversation`: what was said; `tools`: calls too; `all`: everything, opened. */
export type Detail = "conversation" | "tools" | "all"

export interface TreeView {
  readonly agent: string
  readonly detail: Detail
  readonly hit: HitLocation | null
  /** Where the transcript of a subagent can be read, by the name of its file; null: nowhere. */
  readonly linkTo: (name: string) => string | null
  /** The link to a place of this file; else its anchor. */
  readonly anchor?: (place: string) => string
  /** What is said of a prompt that was queued, where the end of the session is not known. */
  readonly queued?: string
}

/** Characters of a call's line, and of a thought's. */
const lineWidth = 160
const thousands = new Intl.NumberFormat("en-US")
/** Characters of the name of a file. */
const maxTitle = 500

/** An entry as a tree; null when it is not shown at this detail. */
export function entryTree(entry: ShownEntry, view: TreeView): Element | null {
  switch (entry.type) {
    case "document":
      return element(
        "h2",
        { class: "file", id: documentName(entry.document) },
        documentTitle(entry).slice(0, maxTitle),
      )
    case "damaged":
      return element(
        "p",
        { class: "damaged", id: `damaged-${entry.offset}` },
        damageLine(entry).slice(0, maxTitle),
      )
    case "turn": {
      const { input, cacheRead, cacheWrite, output, answers } = entry.tokens
      const parts = [`${input} in`, `${cacheRead} from cache`, `${cacheWrite} to cache`, `${output} out`]
      const total = `${thousands.format(totalTokens(entry.tokens))} tokens`
      const of = `${answers} ${answers === 1 ? "answer" : "answers"}`
      return element("p", { class: "tokens", title: parts.join(", ") }, `${total} in ${of}`)
    }
    case "call":
      return view.detail === "conversation" ? null : callTree(entry, view)
    case "said":
      return saidTree(entry, view)
  }
}

function saidTree({ item, place }: ShownEntry & { type: "said" }, view: TreeView): Element | null {
  const { part } = item
  if (part.kind === "compaction") return element("p", { class: "compaction", id: place }, compactedHere)
  const isSpoken = ["text", "summary", "prompt", "title"].includes(part.kind)
  const hit = isHit(item, view.hit)
  if (!isSpoken && view.detail === "conversation" && !hit) return null
  const body = bodyTree(part)
  if (part.kind === "text" || part.kind === "prompt") return articleTree(item, place, body, view)
  const says = part.kind === "summary" ? "summary of what is above" : speakerOf(part, view.agent)
  const line = part.kind === "summary" ? "" : firstLine(part)
  return element(
    "details",
    { class: `more ${part.kind}`, id: place, ...(view.detail === "all" || hit ? { open: "" } : {}) },
    element("summary", {}, element("b", {}, says), ...(line === "" ? [] : [": ", line])),
    ...body,
  )
}

function articleTree(item: PartItem, place: string, body: readonly Tree[], view: TreeView): Element {
  const { part, time, subagent } = item
  const says = speakerOf(part, view.agent).slice(0, lineWidth)
  const hit = isHit(item, view.hit)
  const href = view.anchor?.(place) ?? `#${place}`
  const header: Tree[] = [element("h2", {}, element("a", { href }, says))]
  const add = (about: string) => header.push(element("span", {}, about))
  if (part.queued === true) add(view.queued ?? "queued: never sent to the model")
  if (subagent !== null) add(`subagent ${subagent.slice(0, lineWidth)}`)
  if (hit) add("the hit")
  if (time !== null) header.push(timeTree(time))
  const by = part.isError === true ? "failed" : part.role
  return element(
    "article",
    { class: hit ? `said ${by} hit` : `said ${by}`, id: place },
    element("header", {}, ...header),
    ...body,
  )
}

function callTree({ item, result, place }: ShownEntry & { type: "call" }, view: TreeView): Element {
  const { part } = item
  const outcome = outcomeOf(result?.part ?? null)
  const edited = (part.edits?.() ?? []).map(({ path }) => path).join(" ")
  const line = stripEscapes(edited || callLine(part, lineWidth)).slice(0, lineWidth)
  const hit = isHit(item, view.hit) || (result !== null && isHit(result, view.hit))
  const subagent = result === null ? null : subagentOf(result.part, view)
  return element(
    "details",
    {
      class: `call ${outcome === "FAILED" ? "failed" : outcome === "ok" ? "ok" : "open"}${hit ? " hit" : ""}`,
      id: place,
      ...(view.detail === "all" || hit ? { open: "" } : {}),
    },
    element(
      "summary",
      {},
      element("b", {}, callName(part).slice(0, lineWidth)),
      " ",
      element("code", {}, line),
      " ",
      element("span", { class: "outcome" }, outcome),
    ),
    ...(subagent === null
      ? []
      : [
          element("p", { class: "card" }, element("a", { href: subagent }, "Open the subagent's transcript")),
        ]),
    ...bodyTree(part),
    ...(result === null ? [] : bodyTree(result.part)),
  )
}

/** The client writes a subagent's id into its answer: `agentId: a1b2c3` (2.1.332, observed). */
function subagentOf({ text }: Part, { linkTo }: TreeView): string | null {
  const id = /\bagentId: ([A-Za-z0-9_-]{1,60})\b/.exec(text.slice(-2000))?.[1]
  return id === undefined ? null : linkTo(`agent-${id}`)
}

function bodyTree(part: Part): Tree[] {
  const { kind, role } = part
  const edits = part.edits?.()
  if (edits !== undefined && edits.length > 0) return edits.map(editTree)
  if (isPatch(part.text)) return [patchTree(part.text)]
  const isProse = kind === "text" && (role === "assistant" || role === "user")
  const text = stripEscapes(part.text)
  const said = isProse || kind === "summary" || kind === "thinking" ? markdownTree(text) : plainTree(text)
  return part.pictures === undefined ? said : [...said, ...picturesOf(part)]
}

function plainTree(text: string): Tree[] {
  return text === "" ? [] : [element("pre", { tabindex: "0" }, text)]
}

function picturesOf(part: Part): Element[] {
  return (part.pictures?.() ?? []).map(({ media, data }) => {
    const src = `data:${media};base64,${data}`
    return isSafeAttribute("src", src)
      ? element("img", { src, alt: "picture in this message" })
      : element("p", { class: "where" }, `a picture that is not shown: ${media.slice(0, lineWidth)}`)
  })
}

function firstLine({ text }: Part): string {
  const line = stripEscapes(text.slice(0, 4 * lineWidth))
    .replace(/\s+/g, " ")
    .trim()
  return line.length > lineWidth ? `${line.slice(0, lineWidth)}…` : line
}

function timeTree(time: number): Element {
  const at = new Date(time).toISOString()
  return element("time", { datetime: at }, `${at.slice(0, 19).replace("T", " ")}Z`)
}

/** The first line of a person's prompt, for a list of them; null for anything else. */
export function promptLine(entry: ShownEntry): string | null {
  if (entry.type !== "said" || !isPrompt(entry.item)) return null
  const line = firstLine(entry.item.part)
  return line === "" ? null : line
}
