import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { appendFileSync, lstatSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import claudeCode from "../../../plugins/detect/claude-code/index.ts"
import { type FileStat, hasSettled } from "../../../src/domain/session/file-stat.ts"
import type { FileFactsRow } from "../../../src/index/index.ts"
import { SessionFacts } from "../../../src/pipeline/indexing/session-facts.ts"
import type { RunContext } from "../../../src/pipeline/run-context.ts"
import { systemFiles } from "../../../src/system/fs/files.ts"
import { conversation, sessionId } from "../../fixtures/talk/conversation.ts"
import { until } from "../../fixtures/until.ts"

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "facts-"))
  path = join(folder, `${sessionId(1)}.jsonl`)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const files = systemFiles(() => {})
const rows: FileFactsRow[] = []
beforeEach(() => rows.splice(0))
const store = { factsAt: () => null, saveFacts: (row: FileFactsRow) => void rows.push(row), commit() {} }

function context(more: Partial<RunContext> = {}): RunContext {
  return {
    files,
    now: Date.now(),
    cache: new Map(),
    paths: { home: folder, data: join(folder, "data") },
    self: { uid: process.getuid?.() ?? 0, environment: {} },
    ...more,
  } as never
}

function write(at = new Date(Date.now() - 60_000)): void {
  writeFileSync(path, conversation({ id: sessionId(1), cwd: "/work/one", at }))
}

function found() {
  const stat = files.stat(path)
  return {
    agent: claudeCode.agent,
    id: sessionId(1),
    home: folder,
    transcript: path,
    transcriptSize: stat?.size ?? 0,
    transcriptStat: stat,
    modifiedAt: stat?.modifiedAt ?? null,
    process: null,
    candidates: [],
    current: null,
    reported: null,
    purgeAt: null,
    identity: [],
    flags: [],
    detectData: {
      project: folder,
      cwd: null,
      version: null,
      hasFolder: false,
      hasFlat: false,
      windowSettings: null,
    },
  } as never
}

const settled = () => until("a tick of the clock", () => Date.now() - lstatSync(path).ctimeMs > 200)

describe("facts are kept", () => {
  test("of a file that nobody has written to for a tick of the clock", async () => {
    write()
    await settled()
    await new SessionFacts(store, context()).add(found())
    const { device, inode, size, modifiedAt, changedAt } = files.stat(path) as FileStat
    expect(rows).toMatchObject([{ path, device, inode, size, modifiedAt, changedAt }])
    expect(JSON.parse(rows[0]?.facts ?? "")).toMatchObject({ title: "please mend the login page" })
  })

  test("not of one that has just been written: another write might leave the same times", async () => {
    write()
    await new SessionFacts(store, context()).add(found())
    expect(rows).toEqual([])
  })

  test("not of one that has changed since it was found", async () => {
    write()
    await settled()
    const session = found()
    appendFileSync(path, "\n")
    await settled()
    await new SessionFacts(store, context()).add(session)
    expect(rows).toEqual([])
  })

  test("not of one that is written while it is read", async () => {
    write()
    await settled()
    const open: typeof files.open = (at, use) =>
      files.open(at, (file) =>
        use({
          ...file,
          read(offset, length) {
            const bytes = file.read(offset, length)
            appendFileSync(path, "\n")
            return bytes
          },
        }),
      )
    const writing = { ...files, open }
    await new SessionFacts(store, context({ files: { ...writing, quiet: writing } as never })).add(found())
    expect(rows).toEqual([])
  })

  test("not of records from the future: at another time they say something else", async () => {
    write(new Date(Date.now() + 86_400_000))
    await settled()
    await new SessionFacts(store, context()).add(found())
    expect(rows).toEqual([])
  })
})

test.each([
  ["a clock that ticks every few milliseconds", 1_700_000_000_123.4, 101, true],
  ["the same tick", 1_700_000_000_123.4, 5, false],
  ["a clock that may tick every two seconds", 1_700_000_000_000, 2000, false],
  ["the next of its ticks", 1_700_000_000_000, 2501, true],
  ["a time in the future", 1_700_000_000_123.4, -5000, false],
])("whether a file has settled: %s", (_, changedAt, later, expected) => {
  const stat = {
    kind: "file",
    size: 1,
    modifiedAt: changedAt,
    changedAt,
    device: 1,
    inode: 1,
    owner: 0,
  } as const
  expect(hasSettled(stat, changedAt + later)).toBe(expected)
})
