/** Broken: the process, while it archives ten exports. Injected: SIGKILL. Held: nothing lost; the next run finishes. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { join } from "node:path"
import { ArchiveFixtures } from "../../archive/archive-fixtures.ts"
import { injected } from "../harness/counters.ts"
import { type Call, traced } from "../harness/inject.ts"
import { able } from "../tools.ts"

const ready = able("archive", "strace", "zstd")
const working = [
  ...["mkdir", "pwrite64", "pread64", "fsync", "syncfs", "fchmod", "link", "rename", "unlink", "unlinkat"],
]
const row = "archive"

let machine: ArchiveFixtures
beforeAll(async () => {
  machine = new ArchiveFixtures()
  if (ready) await machine.stock()
})
afterAll(() => machine.dispose())

const archive = ["archive", "--json"]
const data = ({ line }: Call) => line.replaceAll(/AT_FDCWD<[^>]*>/g, "").includes(machine.data)

/** A group is closed after a time, too: a slow machine takes more flushes, and the last of them may be missing next time. */
const nearest = 10

async function struck(call: string, when: number): Promise<string[]> {
  let hit = false
  for (let before = 0; !hit && before < Math.min(nearest, when); before++) {
    machine.restock()
    const kill = { call, when: when - before, effect: "signal=SIGKILL" }
    hit = (await traced(machine, archive, [call], [kill])).hit
  }
  const wrong = hit ? machine.broken() : ["the fault missed"]
  wrong.push(...(await machine.wrongAgain()))
  injected(row, 1, wrong.length > 0 ? 1 : 0)
  return wrong.map((what) => `${call} #${when}: ${what}`)
}

/** Ten exports go through each step together: some of the steps of all, and each flush. */
test.if(ready).each([
  ["archive-zstd", 9],
  ["archive-move", 9],
])(
  "%s: killed at any step of archiving ten exports, none is lost, and the next run finishes",
  async (archiver, every) => {
    machine.write(join(machine.home, ".config/session-rescue/config.toml"), `archiver = "${archiver}"\n`)
    machine.restock()
    const { answer, calls } = await traced(machine, archive, working)
    expect(answer.code).toBe(0)
    expect([...machine.broken(), ...machine.leftOver()]).toEqual([])
    const steps = calls.filter(data)
    const isFlush = ({ name }: Call) => name === "fsync" || name === "syncfs"
    const chosen = steps.filter((step, n) => n % every === 0 || isFlush(step))
    expect(chosen.length).toBeGreaterThan(40)
    const wrong: string[] = []
    for (const { name, when } of chosen) wrong.push(...(await struck(name, when)))
    expect(wrong).toEqual([])
  },
  600_000,
)
