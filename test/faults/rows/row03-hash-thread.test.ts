/** Rows 1–3 in the thread that hashes large files: it is not available, gets no memory, is killed, crashes or stands still. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { existsSync, mkdtempSync, readdirSync, readFileSync, truncateSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { binary } from "../../fixtures/machine.ts"
import { until } from "../../fixtures/until.ts"
import { injected } from "../harness/counters.ts"
import { traced } from "../harness/inject.ts"
import { documentOf, type FaultTarget, faultTarget, id, wrongAfter, wrongAgain } from "../harness/target.ts"
import { able } from "../tools.ts"

const row = "3 (hashing thread)"
const ready = able(row, "strace", "a disk that copies")
let machine: FaultTarget
beforeAll(() => {
  machine = faultTarget({ bytes: 17 << 20 })
})
afterAll(() => machine.dispose())

async function countFaults(wrong: string[], what: string): Promise<string[]> {
  wrong.push(...(await wrongAgain(machine)))
  injected(row, 1, wrong.length > 0 ? 1 : 0)
  return wrong.map((each) => `${what}: ${each}`)
}

test.if(ready).each([
  ["clone3", "EAGAIN"],
  ["mmap", "ENOMEM"],
])("every %s of the main thread fails: no thread, no memory", async (call, code) => {
  machine.fresh()
  const dry = await traced(machine, ["export", id, "--json"], [call])
  expect(documentOf(dry.answer)?.exports[0]?.status).toBe("verified")
  const times = Math.max(...dry.calls.map(({ when }) => when))
  expect(times).toBeGreaterThan(4)
  const wrong: string[] = []
  const outcomes = new Set<string>()
  for (let when = 1; when <= times; when++) {
    machine.fresh()
    const effect = `error=${code}`
    const { answer, hit } = await traced(machine, ["export", id, "--json"], [call], [{ call, when, effect }])
    const found = wrongAfter(machine, answer)
    if (!hit) continue // memory is asked for as it happens to be needed
    outcomes.add(documentOf(answer)?.exports?.[0]?.status ?? "none")
    wrong.push(...(await countFaults(found, `${call} #${when}`)))
  }
  expect(wrong).toEqual([])
  expect([...outcomes].toSorted()).toEqual(["none", "verified"]) // without a thread of its own it is hashed all the same
})

/** The thread, as soon as it is there. Looked for without a pause: it lives for as long as one file takes. */
function hasher(pid: number): number {
  const until = performance.now() + 20_000
  while (performance.now() < until) {
    for (const task of namesIn(`/proc/${pid}/task`))
      if (read(`/proc/${pid}/task/${task}/comm`) === "Worker\n") return Number(task)
  }
  throw new Error("no hashing thread was seen")
}
const namesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : [])
function read(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}

/** An export that is stopped while its thread hashes, has a fault put into that thread alone, and goes on. */
async function struck(call: string, effect: string) {
  const [out, log] = ["out", "log"].map((name) => join(mkdtempSync(join(tmpdir(), "struck-")), name))
  const script = ['exec "$@" > "$OUT" 2>&1', "sh", binary, "export", id, "--json"]
  const run = machine.start(["sh", "-c", ...script], { env: { ...machine.env, OUT: out ?? "" } })
  const thread = hasher(run.pid)
  process.kill(run.pid, "SIGSTOP")
  const inject = ["-e", `trace=${call}`, "-e", `inject=${call}:${effect}`]
  const strace = machine.start(["strace", "-o", log ?? "", ...inject, "-p", String(thread)])
  const tracer = () => /^TracerPid:\t(\d+)/m.exec(read(`/proc/${run.pid}/task/${thread}/status`))?.[1]
  await until("strace to have it", () => Number(tracer()) === strace.pid)
  process.kill(run.pid, "SIGCONT")
  const code = await run.exited
  await strace.exited
  const stdout = read(out ?? "")
  const hit = code > 128 || read(log ?? "").includes("(INJECTED)")
  return { answer: { code, stdout, stderr: "", json: null }, hit }
}

test.if(ready).each([
  ["futex", "signal=SIGKILL:when=1"],
  ["futex", "signal=SIGKILL:when=25"],
  ["futex", "signal=SIGSEGV:when=3"],
  ["futex", "signal=SIGBUS:when=9"],
  ["futex", "signal=SIGABRT:when=5"],
  ["futex", "error=EFAULT:when=2+"],
  ["madvise", "error=ENOMEM:when=1+"],
])("in the thread itself: %s %s", async (call, effect) => {
  truncateSync(machine.sources[0] ?? "", 300 << 20)
  machine.fresh()
  const { answer, hit } = await struck(call, effect)
  const wrong = wrongAfter(machine, answer)
  if (!hit && call === "futex") wrong.push(`the fault missed: ${answer.code} ${answer.stdout}`)
  expect(await countFaults(wrong, `${call} ${effect}`)).toEqual([])
})
