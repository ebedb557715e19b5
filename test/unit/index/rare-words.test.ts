/** SESSION_RESCUE_TEST_MESSAGES says how many messages they are hidden in; a million is what was promised. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { copyFileSync, readFileSync, rmSync } from "node:fs"
import { basename, join } from "node:path"
import { record, type Talk, toolResult, user } from "../../fixtures/talk/conversation.ts"
import { writeMessages } from "../../fixtures/talk/messages.ts"
import { IndexHarness, prompts } from "./index-harness.ts"

const messages = Number(process.env.SESSION_RESCUE_TEST_MESSAGES ?? 8000)
const harness = new IndexHarness()
const talk: Talk = { ...harness.talk, cwd: "/work/needles" }

const needles = new Map([
  [2, "outputneedle"], // the third of four messages is a tool's output
  [Math.floor(messages / 2), "保存された針"],
  [messages - 2, "needle-in/some_path.spec.ts:77"],
  [Math.floor(messages / 3), "aiguille cachée"],
])

beforeAll(async () => {
  const corpus = writeMessages(join(harness.root, "home"), { seed: 5, messages, needles })
  const idOf = (path: string) => basename(path, ".jsonl")
  const live = corpus.paths.map((path) => harness.source(path, { session: idOf(path) }))
  const compact = [
    record(talk, 0, user("before the compaction there was compactneedle")),
    record(talk, 1, { type: "system", subtype: "compact_boundary", content: "Conversation compacted" }),
    record(talk, 2, { ...user("A summary without it."), isCompactSummary: true }),
  ].join("")
  const torn = prompts(talk, ["tornneedle here", "and then the power went"], 10).slice(0, -30)
  const document = "projects/-work/x/subagents/agent-a1.jsonl"
  const inSubagent = record(talk, 30, { ...toolResult("t", "subagentneedle"), isSidechain: true })
  const parts = [
    harness.source(harness.write(compact, "compact.jsonl")),
    harness.source(harness.write(torn, "torn.jsonl")),
    harness.source(harness.write(inSubagent, "agent-a1.jsonl"), { document }),
  ]
  // an export that is only in the archive, and copies of files that are live too
  const only = harness.write(prompts(talk, ["archivedneedle"], 40), "only.jsonl")
  const archived = harness.source(only, { place: "archived", export: "e1", file: "sha256:e1" })
  const copies = corpus.paths.slice(0, 4).map((path, n) => {
    const copy = harness.path(`copy-${n}.jsonl`)
    copyFileSync(path, copy)
    return harness.source(copy, { place: "pending", export: `p${n}`, session: idOf(path) })
  })
  await harness.read(...live, ...parts, archived, ...copies)
}, 600_000)
afterAll(() => harness.dispose())

test.each([
  ["outputneedle", "tool_result"],
  ["保存された針", "text"],
  ["needle-in/some_path.spec.ts:77", "tool_result"],
  ["aiguille cachee", null],
  ["compactneedle", "text"],
  ["tornneedle", "text"],
  ["subagentneedle", "tool_result"],
  ["archivedneedle", "text"],
])("%s is found, once, and its record is where the index says", (needle, kind) => {
  const { hits, total, totalIsExact } = harness.ask((index) => index.search(needle, {}, 50))
  expect([hits.length, total, totalIsExact]).toEqual([1, 1, true])
  if (kind !== null) expect(hits[0]?.kind).toBe(kind as never)
  const { path = "", offset = 0, length = 0 } = hits[0]?.source ?? {}
  const raw = JSON.parse(readFileSync(path).toString("utf8", offset, offset + length))
  expect(JSON.stringify(raw)).toContain(hits[0]?.text.trim().split(/\s/).at(-1) ?? "?")
})

test("every message is in the index, none of them twice", () => {
  expect(harness.ask((index) => index.stats().parts)).toBe(messages + 6)
})

test("reading it all again reads nothing", async () => {
  const source = harness.source(harness.path("compact.jsonl"))
  expect(await harness.read(source)).toMatchObject({ state: "unchanged", bytes: 0 })
})

test("a purged file's words are still found, and once", () => {
  rmSync(harness.path("compact.jsonl"))
  const writer = harness.writer()
  writer.markMissing(harness.path("compact.jsonl"))
  writer.close()
  expect(harness.texts("compactneedle")).toHaveLength(1)
})
