/** An index of much is made by more than one thread where there is more than one processor, and is the same. */
import { expect, test } from "bun:test"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { writeCorpus } from "../fixtures/talk/corpus.ts"
import { contentsOf } from "../unit/index/contents.ts"

const binary = process.env.SESSION_RESCUE_BINARY ?? resolve(import.meta.dir, "../../dist/session-rescue")
const canChoose = Bun.which("taskset") !== null && process.platform === "linux"

test.skipIf(!canChoose)("on one processor and on all of them the index is the same", async () => {
  const home = mkdtempSync(join(tmpdir(), "processors-"))
  try {
    writeCorpus(join(home, ".claude"), { seed: 7, count: 24, bytes: [400_000, 600_000] })
    const one = await indexed(home, "one", ["taskset", "-c", "0"])
    const all = await indexed(home, "all", [])
    expect(one.threads).not.toContain("Worker")
    if (availableParallelism() > 1) expect(all.threads).toContain("Worker")
    expect(all.contents).toEqual(one.contents)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
})

/** Indexes a home, and looks meanwhile which threads the program has. */
async function indexed(home: string, name: string, on: readonly string[]) {
  const data = join(home, name)
  const command = [...on, binary, "cx", "--live", "--data-dir", data]
  const run = Bun.spawn(command, { env: { ...process.env, HOME: home }, stdout: "ignore", stderr: "pipe" })
  const threads = new Set<string>()
  while (run.exitCode === null && run.signalCode === null) {
    for (const thread of threadsOf(run.pid)) threads.add(thread)
    await new Promise(setImmediate)
  }
  expect([run.exitCode, await run.stderr.text()]).toEqual([0, expect.any(String)])
  return { threads: [...threads], contents: contentsOf(join(data, "context-storage/session-rescue.db")) }
}

function threadsOf(pid: number): string[] {
  try {
    const folder = `/proc/${pid}/task`
    return readdirSync(folder).map((id) => readFileSync(join(folder, id, "comm"), "utf8").trim())
  } catch {
    return [] // it has ended
  }
}
