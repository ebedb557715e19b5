import { afterEach, beforeEach, expect, test } from "bun:test"
import { join } from "node:path"
import { tryClassify } from "../../src/pipeline/classify.ts"
import { detectAll } from "../../src/pipeline/detect.ts"
import { exportAll } from "../../src/pipeline/export-sessions.ts"
import { openMachine } from "../../src/pipeline/machine.ts"
import { Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"

let machine: Machine
const home = process.env.HOME
beforeEach(() => {
  machine = new Machine()
  process.env.HOME = machine.home
})
afterEach(() => {
  process.env.HOME = home
  machine.dispose()
})

test("an export copies and compares every byte: the progress shown counts it once", async () => {
  const transcript = machine.transcript(sessionId(1))
  machine.write(transcript.replace(/\.jsonl$/, "/tool-results/one.txt"), "x".repeat(3_000_000))
  const { home, data } = machine
  const paths = { home, config: "", data, pending: join(data, "pending"), archive: join(data, "archive") }
  const config = { homes: [], hungAfterMs: null }
  const { signal } = new AbortController()
  const { ctx } = await openMachine(paths, config, { hungAfterMs: null, signal, warnings: [] })
  const sessions = await Promise.all((await detectAll(ctx, null)).map((each) => tryClassify(each, ctx)))
  const shown: unknown[] = []
  let bytes = 0
  const reporter = {
    begin: (...about: unknown[]) => void shown.push(about),
    advance: (more: number) => {
      bytes += more
    },
    end: () => void shown.push("end"),
  }
  await exportAll(sessions, ctx, { paths, md5: false, unchanged: "read", version: "0", reporter })
  const size = sessions[0]?.sizeBytes ?? 0
  expect(size).toBeGreaterThan(3_000_000)
  expect([bytes, shown]).toEqual([
    size,
    [[sessionId(1).slice(0, 8), size, "please mend the login page"], "end"],
  ])
})
