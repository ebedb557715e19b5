/** The views of cx, cxq and show, each with one text wherever text from outside can stand. */

import { type PartKind, partKinds } from "../../../src/domain/conversation/message-part.ts"
import { RescueError } from "../../../src/domain/errors.ts"
import type { CxReport } from "../../../src/operations/process/process.ts"
import type { Hit, IndexedPart, QuestionAnswer } from "../../../src/operations/search/search.ts"
import type { ShownItem } from "../../../src/operations/search/show.ts"
import { cxDocument, showCx, showCxDryRun } from "../../../src/view/process/process.ts"
import { isHit } from "../../../src/view/render/entries.ts"
import { ConversationPrinter, type ShowView } from "../../../src/view/render/plain.ts"
import {
  showIndexStats,
  showTokenUsage,
  statsDocument,
  tokensDocument,
} from "../../../src/view/search/figures.ts"
import { describeFreshness } from "../../../src/view/search/freshness.ts"
import { cxqDocument } from "../../../src/view/search/json.ts"
import { showCommands } from "../../../src/view/search/lists.ts"
import { speaker } from "../../../src/view/search/part.ts"
import { showAnswer, showHits, showRecent } from "../../../src/view/search/results.ts"
import { printShown, showHead } from "../../../src/view/search/show.ts"
import type { Output } from "../../../src/view/terminal/output.ts"
import { now } from "../../fixtures/session.ts"
import { sessionId as id } from "../../fixtures/talk/conversation.ts"
import type { View } from "./views.ts"

const home = "/home/me"

export function part(text: string, kind: PartKind = "text", more: Partial<IndexedPart> = {}): IndexedPart {
  const source = { path: `${home}/${text}`, document: text, export: text, offset: 0, length: 9 }
  const where = { project: `${home}/${text}`, branch: text, model: text, subagent: text, tool: text }
  return {
    ...{ part: 7, session: id(1), title: text, agent: "claude-code", ...where, role: "assistant", kind },
    ...{ isError: kind === "tool_result", time: now - 60_000, text, command: text, answers: null },
    ...{ context: null, output: null, source: { ...source, place: "live", missing: false }, ...more },
  } as IndexedPart
}

const hit = (text: string): Hit => ({
  ...part(text),
  score: 1,
  snippet: { text: `${text} ${text}`, marks: [[0, Math.min(4, text.length)]] },
  titleSnippet: { text, marks: [[0, Math.min(4, text.length)]] },
  missing: [text, "absent"],
  elsewhere: [text],
})
const nameless = (text: string): Hit => ({ ...hit(text), snippet: { text, marks: [] } })
const around = (text: string) => () => [part(text, "thinking", { part: 6 }), part(text)]
const view = (format: "brief" | "full" | "md", maxTokens: number | null = null) => ({
  format,
  maxTokens,
  now,
  home,
  scope: null,
})
export const found = (text: string, match: QuestionAnswer["match"] = "most") => ({
  ...{ hits: [hit(text), nameless(text)], total: 3, totalIsExact: false, match },
  ...{ corrected: [{ typed: text, tried: text }], dropped: [text, "the"], absent: [text], suggested: [text] },
})
const runs = (text: string) =>
  [part(text, "tool_result"), part(text, "tool_result", { isError: false }), null].map((result) => ({
    call: part(text, "tool_use"),
    result,
  }))
const failures = (text: string) => [
  { result: part(text, "tool_result"), call: part(text, "tool_use"), next: [part(text)] },
]
const files = (text: string) => [
  { path: `${home}/${text}`, times: 2, sessions: 1, last: now - 60_000, tools: [text, "Edit"] },
]
const parts = (text: string) => partKinds.map((kind) => part(text, kind))

function report(text: string): CxReport {
  const name = `2026-01-01T00-00-00Z-${id(1)}-LOSSLESS-session`
  const nothing = {
    outcomes: [],
    archived: null,
    waitsFor: [text],
    failure: null,
    title: text,
    busy: false,
    id: id(1),
  }
  const outcome = {
    plugin: text,
    status: "failed",
    why: text,
    attempts: 2,
    result: text,
    damaged: null,
    late: false,
  }
  const failure = { code: "DAMAGED", message: text, hint: text }
  const place = { path: `${home}/${text}`, offset: 1, length: 2, why: text }
  return {
    exports: [
      { ...nothing, name, archived: `${home}/${text}`, outcomes: [outcome] },
      { ...nothing, name: text, failure },
      { ...nothing, name, busy: true },
      { ...nothing, name },
    ],
    indexed: {
      ...{
        files: 3,
        read: 2,
        messages: 12,
        bytes: 4_000_000,
        skipped: Array(7).fill(place),
        skippedCount: 9,
      },
      ...{ rewritten: [text], incomplete: [{ path: text, why: text }] },
    },
    ...{ interrupted: false, sessionsSeen: 2, durationMs: 50, indexFailure: failure },
  } as unknown as CxReport
}

const damaged = (text: string) =>
  [{ entry: { id: id(1), name: text, path: text }, problems: [{ message: text }] }] as never
const use = (text: string) => {
  const row = { key: text, title: text, input: 1000, cacheWrite: 2, cacheRead: 3, output: 4, answers: 1 }
  return { day: [row], session: [row], model: [] }
}
const stats = (text: string) => ({
  ...{ sessions: 1, parts: 2, sources: { present: 1, missing: 1, superseded: 1 }, bytes: 1000, damaged: 1 },
  ...{ first: now - 60_000, last: now, byAgent: [{ agent: text, sessions: 1, parts: 2 }] },
})

const items = (text: string): ShownItem[] => [
  ...(["records", "text"] as const).map((form) => ({ type: "document", document: text, form }) as const),
  { type: "damaged", document: text, offset: 3, length: 4, why: text },
  ...partKinds.map((kind): ShownItem => {
    const said = { kind, role: "system", tool: text, text: `${text}\n${text}`, isError: true } as const
    const about = {
      time: now,
      model: text,
      subagent: text,
      session: text,
      document: text,
      offset: 5,
      length: 6,
    }
    return { type: "part", part: said, ...about }
  }),
]
const shownHit = (text: string) => ({ document: text, offset: 5 })
const readable = (text: string, from: string) => ({
  id: id(1) as never,
  agent: "claude-code",
  title: async () => text,
  from,
  path: text,
  documents: [text],
  hit: null,
  items: iterate([]),
})

function showAll(all: readonly ShownItem[], view: ShowView, out: Output): void {
  const conversation = new ConversationPrinter(view, out)
  for (const item of all) conversation.item(item)
  conversation.end()
}

async function* iterate<T>(all: readonly T[]): AsyncGenerator<T> {
  yield* all
}

export const indexViews: Readonly<Record<string, View>> = {
  cx: (out, text) => showCx(report(text), damaged(text), { home, archive: text, indexed: true }, out),
  "cx --dry-run": (out, text) => showCxDryRun(report(text), { archiver: null, read: 2 }, out),
  "cxq's hits": (out, text) => showHits(found(text), around(text), view("brief"), out),
  "cxq's hits --format full": (out, text) => showHits(found(text), () => [], view("full"), out),
  "cxq's hits --format md": (out, text) => showHits(found(text), () => [], view("md", 50), out),
  "cxq's hits, kept to a project": (out, text) => {
    out.note(describeFreshness(circumstances(text).freshness, now) ?? "")
    const kept = { ...view("brief"), scope: text }
    showAnswer({ type: "hits", found: found(text, "forms") }, () => [], kept, out)
  },
  "cxq --recent": (out, text) => showRecent(parts(text), view("brief"), out),
  "cxq --recent --format full": (out, text) => showRecent(parts(text), view("full", 60), out),
  "cxq --commands": (out, text) => showCommands(runs(text), view("full"), out),
  "cxq --errors": (out, text) =>
    showAnswer({ type: "errors", list: failures(text) }, () => [], view("full"), out),
  "cxq --files": (out, text) =>
    showAnswer({ type: "files", list: files(text) }, () => [], view("brief"), out),
  "cxq --stats": (out, text) => showIndexStats(stats(text), { path: `${home}/${text}`, home }, out),
  "cxq --tokens": (out, text) => showTokenUsage(use(text), 1, out),
  "cxq's speakers": (out, text) => out.print(parts(text).map(speaker).join("\n")),
  show: (out, text) => {
    for (const from of ["live", "index", text])
      showHead(readable(text, from), { agent: "claude-code", format: "text", hit: null }, out)
    for (const view of [{ hit: shownHit(text) }, { hit: null }, { hit: null, allParts: true }])
      showAll(items(text), { agent: "claude-code", format: "text", ...view }, out)
    out.print(`${items(text).filter((item) => isHit(item, shownHit(text))).length} marked`)
  },
  "show --format md": (out, text) => {
    showHead(readable(text, text), { agent: "claude-code", format: "md", hit: null }, out)
    for (const tools of [false, true])
      showAll(items(text), { agent: "claude-code", format: "md", hit: null, tools }, out)
  },
}

const fed = (text: string) => ({
  ...{ place: text, sent: 12, redacted: 1, kept: 3, interrupted: false },
  stopped: new RescueError("STORE_UNAVAILABLE", text, text),
})
const circumstances = (text: string) => ({
  ...{ warnings: [text], scope: text },
  freshness: { refresh: "failed", asOf: now, left: { files: 1, bytes: 2 }, why: text } as const,
})

export const indexDocuments: Readonly<Record<string, (text: string) => unknown>> = {
  cx: (text) => cxDocument(report(text), damaged(text), { warnings: [text], team: fed(text) }),
  "cxq's hits": (text) =>
    cxqDocument({ type: "hits", found: found(text) }, around(text), circumstances(text)),
  "cxq --recent": (text) => cxqDocument({ type: "recent", list: parts(text) }, () => [], circumstances(text)),
  "cxq --commands": (text) =>
    cxqDocument({ type: "commands", list: runs(text) }, () => [], circumstances(text)),
  "cxq --errors": (text) =>
    cxqDocument({ type: "errors", list: failures(text) }, () => [], circumstances(text)),
  "cxq --files": (text) => cxqDocument({ type: "files", list: files(text) }, () => [], circumstances(text)),
  "cxq --stats": (text) => statsDocument(stats(text), text, [text]),
  "cxq --tokens": (text) => tokensDocument(use(text), [text]),
}

/** A document that is printed item by item; what a test of it needs. */
export const shownDocument = (text: string, out: Parameters<typeof printShown>[2]) =>
  printShown({ ...readable(text, text), items: iterate(items(text)) }, [text], out)
