/** Sessions that are going to be read, fewer and more than memory is meant to hold. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { FoundSession } from "../../src/domain/session/session.ts"
import { parseSessionId } from "../../src/domain/session/session-id.ts"
import { DueSessions } from "../../src/pipeline/indexing/due-sessions.ts"
import { pathRange } from "../../src/pipeline/indexing/sources.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { seeded } from "../fixtures/talk/random.ts"

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "due-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

function session(n: number, more: Partial<FoundSession> = {}): FoundSession {
  return {
    ...{
      agent: "claude-code",
      id: parseSessionId(sessionId(n)),
      home: "/home/x/.claude",
      transcript: `/home/x/${n}.jsonl`,
    },
    ...{ transcriptSize: n, modifiedAt: n, process: null, candidates: [], current: null, reported: null },
    ...{ purgeAt: null, identity: [], flags: [], detectData: { project: "/home/x", hasFlat: n % 2 === 0 } },
    ...more,
  }
}

test.each([
  ["few", 3],
  ["many", 3_000],
])("%s come back as they were, the oldest first", (_, count) => {
  const random = seeded(5)
  const all = Array.from({ length: count }, (_, n) => ({ session: session(n), at: random.between(0, 500) }))
  const due = new DueSessions(join(folder, "index.db"))
  for (const { session, at } of all) due.add(session, at)
  expect(readdirSync(folder)).toEqual([]) // its file has no name
  expect([...due.oldestFirst()]).toEqual(all.toSorted((a, b) => a.at - b.at).map(({ session }) => session))
  due.close()
})

test("names that are no UTF-8, and one session that is larger than all others together", () => {
  const odd = session(1, { transcript: new Uint8Array([0x2f, 0xff, 0xfe]) })
  const large = session(2, { detectData: { project: "x".repeat(400_000) } })
  const due = new DueSessions(join(folder, "index.db"))
  for (const each of [odd, large, session(3)]) due.add(each, 1)
  expect([...due.oldestFirst()]).toEqual([odd, large, session(3)])
  due.close()
})

test("the paths between which neighbours' files lie, those in their folders too; none of those without a transcript", () => {
  const neighbours = ["b", "a", "c"].map((name) => session(1, { transcript: `/home/x/${name}.jsonl` }))
  const [first = "", last = ""] = pathRange(neighbours) ?? []
  for (const path of [
    "/home/x/a.jsonl",
    "/home/x/b/subagents/agent-1.jsonl",
    "/home/x/c/tool-results/1.txt",
  ]) {
    expect([path, first <= path && path <= last]).toEqual([path, true])
  }
  expect("/home/x/d.jsonl" <= last).toBe(false)
  expect([pathRange([]), pathRange([session(1, { transcript: null })])]).toEqual([null, null])
})
