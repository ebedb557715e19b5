import { silentReporter } from "../../src/domain/progress.ts"
/** Another run archives an export, or the client purges a session, just before it is read into the index. */

import { expect, test } from "bun:test"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { parseSessionId } from "../../src/domain/session/session-id.ts"
import { IndexReader, type IndexSource, IndexWriter } from "../../src/index/index.ts"
import { cx } from "../../src/operations/process/process.ts"
import { IndexIngest } from "../../src/pipeline/indexing/index-work.ts"
import { openMachine } from "../../src/pipeline/machine.ts"
import type { Config } from "../../src/system/config/config.ts"
import { indexPath, systemPaths } from "../../src/system/config/paths.ts"
import { readRange } from "../../src/system/fs/read-range.ts"
import { readStored } from "../fixtures/built-in.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { quiet } from "../unit/rescue/save-harness.ts"

test("that it is gone by then is no failure; that it cannot be read is", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gone-"))
  const index = new IndexIngest(new IndexWriter(join(folder, "index.db"), () => {}))
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
    open: () => readRange(join(folder, "not there"), 0),
  })
  try {
    const there = join(folder, "there.jsonl")
    writeFileSync(there, "{}\n")
    const broken = async (path: string, mayGo: boolean) =>
      (await index.read([source(path)], quiet, false, mayGo)).incomplete.length
    expect(await broken(join(folder, "gone.jsonl"), true)).toBe(0)
    expect(await broken(join(folder, "gone.jsonl"), false)).toBe(1)
    expect(await broken(there, true)).toBe(1)
  } finally {
    index.close()
    rmSync(folder, { recursive: true })
  }
})

test("a transcript that its client purges just then is no failure, and what was read of it is not said to be there", async () => {
  const root = mkdtempSync(join(tmpdir(), "gone-"))
  const paths = { ...systemPaths(join(root, "data"), null), home: root }
  const path = join(root, ".claude/projects/-work-one", `${sessionId(1)}.jsonl`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, "{}\n")
  const { signal } = new AbortController()
  const config = { homes: [], hungAfterMs: null } as unknown as Config
  const { ctx } = await openMachine(paths, config, { hungAfterMs: null, signal, warnings: [] })
  const alone = { ...ctx, processes: { ...ctx.processes, list: async () => [] }, homes: [] }
  const reporter = { ...silentReporter, begin: () => rmSync(path) }
  const nothing = { names: null, archiver: null, plugins: [], files: [], agent: null, project: null }
  const how = { on: "cx", index: true, live: true, rebuild: false, version: "0" } as const
  try {
    const report = await cx({ ...nothing, ...how, paths, readStored, reporter, signal, warn() {} }, alone)
    expect([
      report.indexFailure,
      report.sessionsSeen,
      report.indexed.files,
      report.indexed.incomplete,
    ]).toEqual([null, 1, 1, []])
    const index = new IndexReader(indexPath(paths.data))
    expect(index.stats().sources).toMatchObject({ present: 0, missing: 1 })
    index.close()
  } finally {
    rmSync(root, { recursive: true })
  }
})
