import { afterAll, beforeAll, expect, test } from "bun:test"
import { readFileSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import {
  type Call,
  exportCalls,
  type Fault,
  hasStrace,
  touching,
  traced,
} from "../../faults/harness/inject.ts"
import { Machine } from "../../fixtures/machine.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { brokenGuarantees, leftovers, notPrivate, pendingOf, sha256 } from "../export-invariants.ts"

const id = sessionId(1)
const errors = ["ENOSPC", "EIO", "EACCES", "EMFILE", "EXDEV"]
const workers = 3

let machines: Machine[] = []
let calls: readonly Call[] = []
let injected = 0
let umask = 0
beforeAll(async () => {
  umask = process.umask(0) // whatever is there at the moment of a kill must be private all the same
  machines = Array.from({ length: workers }, () => prepared())
  if (!hasStrace) return
  const [first] = machines
  if (first !== undefined)
    calls = touching((await traced(first, ["export", id], exportCalls)).calls, first.data)
}, 60_000)
afterAll(async () => {
  process.umask(umask)
  console.error(`${injected} faults injected into exports`)
  await Promise.all(machines.map((machine) => machine.dispose()))
})

function prepared(): Machine {
  const machine = new Machine()
  const transcript = machine.transcript(id)
  machine.write(join(dirname(transcript), id, "subagents/agent-1.jsonl"), '{"a":1}\n')
  machine.write(join(machine.claude, "todos", `${id}.json`), "[]")
  return machine
}

/** One fault into a first export, then an export without any. Returns what did not hold. */
async function broken(machine: Machine, fault: Fault): Promise<string[]> {
  rmSync(machine.data, { recursive: true, force: true })
  const { answer, hit } = await traced(machine, ["export", id, "--json"], [fault.call], [fault])
  const wrong = [...brokenGuarantees(machine), ...notPrivate(machine.data)]
  if (!hit) wrong.push("the fault was not met")
  injected++
  const claimed = answer.stdout === "" ? [] : (answer.json.exports ?? [])
  for (const { status, path, manifest, sha256: sum, missing } of claimed) {
    const without = missing.some(
      (each: { path: string }) => each.path === machine.transcriptPath(id, "/work/one"),
    )
    if (missing.length > 0 !== (status === "incomplete") || (status !== "verified" && answer.code === 0))
      wrong.push(`${status}, missing ${missing.length} files, exit ${answer.code}`)
    if (sha256(readFileSync(path)) !== (without ? sha256(Buffer.alloc(0)) : sum))
      wrong.push(`${status}, but ${path} holds something else`)
    JSON.parse(readFileSync(manifest, "utf8"))
  }
  if (answer.code === 0 && claimed[0]?.status !== "verified") wrong.push(`exit 0 without an export`)
  if (fault.call === "fsync" && claimed[0]?.status === "verified") wrong.push("verified, yet not flushed")
  const again = await machine.run(["export", id, "--json"])
  const status = again.json.exports[0]?.status
  if (again.code !== 0 || !["verified", "unchanged"].includes(status))
    wrong.push(`the rerun: ${again.stdout}`)
  if (again.json.warnings.length > 0) wrong.push(`the rerun warns: ${again.json.warnings}`)
  wrong.push(...brokenGuarantees(machine), ...leftovers(machine).map((name) => `left: ${name}`))
  return wrong.map((what) => `${fault.call} #${fault.when} ${fault.effect}: ${what}`)
}

async function brokenByAny(faults: readonly Fault[]): Promise<string[]> {
  const queue = [...faults]
  const wrong: string[] = []
  const work = async (machine: Machine) => {
    for (let fault = queue.shift(); fault !== undefined; fault = queue.shift())
      wrong.push(...(await broken(machine, fault)))
  }
  await Promise.all(machines.map(work))
  return wrong
}

test.if(hasStrace)(
  "an export that is killed at any step is whole or absent, and the next one tidies up",
  async () => {
    expect(new Set(calls.map((call) => call.name)).size).toBe(exportCalls.length)
    const faults = calls.map(({ name, when }) => ({ call: name, when, effect: "signal=SIGKILL" }))
    expect(await brokenByAny(faults)).toEqual([])
  },
  120_000,
)

test.if(hasStrace)(
  "a step that fails publishes nothing, and says so",
  async () => {
    // each call meets each error once over the whole export, rather than every call every error
    const faults = calls.flatMap(({ name, when }, index) =>
      [0, 2].map((more) => ({ call: name, when, effect: `error=${errors[(index + more) % errors.length]}` })),
    )
    expect(await brokenByAny(faults)).toEqual([])
  },
  120_000,
)

test.if(hasStrace)(
  "a disk that claims to have written what it has not is found out",
  async () => {
    const writes = calls.filter((call) => call.name === "pwrite64")
    const lengths = writes.map((call) => Number(/= (\d+)$/.exec(call.line)?.[1]))
    const faults = writes.map(({ name, when }, index) => ({
      call: name,
      when,
      effect: `retval=${lengths[index]}`,
    }))
    expect(faults.length).toBeGreaterThanOrEqual(4)
    expect(await brokenByAny(faults)).toEqual([])
  },
  60_000,
)

test.if(hasStrace)(
  "a disk that cannot be read, or is read wrongly once, gives no wrong copy",
  async () => {
    const [first] = machines as [Machine]
    rmSync(first.data, { recursive: true, force: true })
    const { calls } = await traced(first, ["export", id], ["pread64"])
    const reads = touching(calls, first.root)
    const faults = reads.flatMap(({ name, when, line }) =>
      ["error=EIO", `retval=${/= (\d+)$/.exec(line)?.[1]}`].map((effect) => ({ call: name, when, effect })),
    )
    expect(faults.length).toBeGreaterThan(20)
    expect(await brokenByAny(faults)).toEqual([])
  },
  60_000,
)

test.if(hasStrace)(
  "a transcript or a data folder that cannot be opened at some step does no harm",
  async () => {
    const [machine] = machines as [Machine]
    const transcript = machine.transcriptPath(id, "/work/one")
    const wrong: string[] = []
    for (const [path, times] of [
      [transcript, 3],
      [pendingOf(machine), 4],
    ] as const) {
      for (let when = 1; when <= times; when++) {
        const effect = `error=${["EMFILE", "EACCES", "EIO", "ENOENT"][when % 4]}`
        wrong.push(...(await broken(machine, { call: "openat", when, effect, path })))
      }
    }
    expect(wrong).toEqual([])
  },
  60_000,
)

test.if(hasStrace)(
  "a folder that cannot be flushed makes the export unconfirmed, in words and exit code",
  async () => {
    const [machine] = machines as [Machine]
    const folders = calls.filter((call) => call.name === "fsync" && !/\.(jsonl|json|txt)>\)/.test(call.line))
    expect(folders.length).toBeGreaterThan(4)
    for (const { name, when } of [folders[0], folders[1], folders.at(-1)] as Call[]) {
      rmSync(machine.data, { recursive: true, force: true })
      const fault = { call: name, when, effect: "error=EIO" }
      const { answer } = await traced(machine, ["export", id], [name], [fault])
      expect(answer.code).toBe(1)
      expect(answer.stdout).toContain("UNSURE")
      expect(answer.stdout).not.toContain("nothing is lost")
    }
    rmSync(pendingOf(machine), { recursive: true })
  },
  60_000,
)

test.if(hasStrace)(
  "where there are no hard links, exports are published all the same",
  async () => {
    const [machine] = machines as [Machine]
    rmSync(machine.data, { recursive: true, force: true })
    const faults: Fault[] = [{ call: "link", when: "1+", effect: "error=EPERM" }]
    const { answer, calls } = await traced(machine, ["export", id, "--json"], ["link", "renameat2"], faults)
    expect(answer.json.exports[0].status).toBe("verified")
    expect(
      calls.filter((call) => call.name === "renameat2" && call.line.includes("RENAME_NOREPLACE")),
    ).toHaveLength(2)
    expect([...brokenGuarantees(machine), ...leftovers(machine)]).toEqual([])
  },
  60_000,
)

test.if(hasStrace)(
  "where files have no modes (a USB stick), exports are made all the same",
  async () => {
    const [machine] = machines as [Machine]
    rmSync(machine.data, { recursive: true, force: true })
    const faults: Fault[] = [{ call: "fchmod", when: "1+", effect: "error=EPERM" }]
    const { answer } = await traced(machine, ["export", id, "--json"], ["fchmod"], faults)
    expect(answer.json.exports[0].status).toBe("verified")
  },
  60_000,
)
