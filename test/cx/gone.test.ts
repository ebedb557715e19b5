/** Another run archives an export while this one is about to read it into the index. */
import { expect, test } from "bun:test"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type IndexSource, IndexWriter } from "../../src/index/index.ts"
import { IndexWork } from "../../src/pipeline/indexing/index-work.ts"
import { parseSessionId } from "../../src/session/session-id.ts"
import { readFrom } from "../../src/system/read-from.ts"
import { sessionId } from "../fixtures/conversation.ts"
import { quiet } from "../rescue/desk.ts"

test("that it is gone by then is no failure; that it cannot be read is", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gone-"))
  const index = new IndexWork(new IndexWriter(join(folder, "index.db"), () => {}))
  const source = (path: string): IndexSource => ({
    path,
    place: "pending",
    agent: "claude-code",
    session: parseSessionId(sessionId(1)),
    document: "",
    export: "one",
    file: path,
    size: 10,
    modifiedAt: 1,
    open: () => readFrom(join(folder, "not there"), 0),
  })
  try {
    const there = join(folder, "there.jsonl")
    writeFileSync(there, "{}\n")
    const broken = async (path: string, mayGo: boolean) =>
      (await index.read([source(path)], quiet, false, mayGo)).brokenOff.length
    expect(await broken(join(folder, "gone.jsonl"), true)).toBe(0)
    expect(await broken(join(folder, "gone.jsonl"), false)).toBe(1)
    expect(await broken(there, true)).toBe(1)
  } finally {
    index.close()
    rmSync(folder, { recursive: true })
  }
})
