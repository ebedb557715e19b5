/** Several sessions, or all, are put back at once: each comes back whole, and one that cannot be stops no other. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { hasStrace, traced } from "../faults/harness/inject.ts"
import { Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { contents } from "./rescued.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const idOf = (n: number) => sessionId(n)
const cwdOf = (n: number) => `/work/${n % 2}`
const pathOf = (n: number) => machine.transcriptPath(idOf(n), cwdOf(n))

/** Sessions 1…n that are exported and then lost with their home. Returns what was there. */
async function lost(count: number): Promise<Map<string, string>> {
  for (let n = 1; n <= count; n++) machine.transcript(idOf(n), { cwd: cwdOf(n) })
  expect((await machine.run(["export", "--all", "--json"])).code).toBe(0)
  const before = contents(machine.claude)
  rmSync(machine.claude, { recursive: true })
  return before
}

async function restored(...args: string[]) {
  const { code, json } = await machine.run(["restore", ...args, "--json"])
  const failures: { id: string; code: string; message: string }[] = json.failures
  return { code, failures, ids: json.restores.map((each: { id: string }) => each.id).toSorted() }
}

const ids = (...numbers: number[]) => numbers.map(idOf).toSorted()

test("--all puts every session back, from exports and archives, and says how they are resumed", async () => {
  const before = await lost(20)
  await machine.run(["cx", idOf(1), idOf(2), "--json"])
  const { code, stdout, stderr } = await machine.run(["restore", "--all"])
  expect([code, stderr]).toEqual([0, ""])
  expect(stdout.split("\n").slice(-3, -1)).toEqual([
    "20 sessions restored and verified.",
    "Next: session-rescue --resume   (the commands that resume them)",
  ])
  expect(contents(machine.claude)).toEqual(before)
  const again = await machine.run(["restore", "--all"])
  expect([again.code, again.stdout]).toEqual([
    0,
    expect.stringContaining("0 sessions restored and verified, 20 already there."),
  ])
})

test("several names put those back and no other; a dry run says so and writes nothing", async () => {
  await lost(4)
  const dry = await machine.run(["restore", idOf(1), idOf(3), "--dry-run"])
  expect([dry.code, existsSync(machine.claude)]).toEqual([0, false])
  expect(dry.stdout).toContain("2 sessions would be restored, nothing was changed.")
  expect(await restored(idOf(1), idOf(3))).toEqual({ code: 0, failures: [], ids: ids(1, 3) })
  expect([1, 2, 3, 4].map((n) => existsSync(pathOf(n)))).toEqual([true, false, true, false])
})

test("a name that is wrong, or --all with one, restores nothing", async () => {
  await lost(2)
  expect((await machine.run(["restore", idOf(1), "ffff0000"])).code).toBe(3)
  expect((await machine.run(["restore", "--all", idOf(1)])).code).toBe(2)
  expect((await machine.run(["restore"])).code).toBe(2)
  expect(existsSync(machine.claude)).toBe(false)
})

describe("the others come back, and the next run does the rest, when", () => {
  test("a client holds one of them", async () => {
    await lost(3)
    mkdirSync(machine.claude)
    const client = await machine.client({ cwd: join(machine.root, "elsewhere") })
    machine.registry(client, idOf(2), { cwd: join(machine.root, "elsewhere") })
    const { code, failures, ids: back } = await restored("--all")
    expect([code, back, failures.map((each) => [each.id, each.code])]).toEqual([
      1,
      ids(1, 3),
      [[idOf(2), "REFUSED"]],
    ])
    expect(existsSync(pathOf(2))).toBe(false)
    await client.end()
    expect(await restored("--all")).toMatchObject({ code: 0, ids: ids(1, 2, 3) })
  })

  test("another file stands where one of them was: it stays as it is", async () => {
    await lost(3)
    machine.write(pathOf(1), "another\n")
    expect(await restored("--all")).toMatchObject({ code: 1, ids: ids(2, 3), failures: [{ id: idOf(1) }] })
    expect(readFileSync(pathOf(1), "utf8")).toBe("another\n")
  })

  test("an export is damaged: nothing of it is written", async () => {
    await lost(3)
    const pending = join(machine.data, "sessions-export-pending-anthropic")
    const name = [...contents(pending).keys()].find(
      (each) => each.includes(idOf(3)) && each.endsWith(".jsonl"),
    )
    const path = join(pending, name ?? "")
    const bytes = readFileSync(path)
    bytes[5] = (bytes[5] ?? 0) ^ 1
    writeFileSync(path, bytes)
    expect(await restored("--all")).toMatchObject({
      code: 1,
      ids: ids(1, 2),
      failures: [{ id: idOf(3), code: "DAMAGED" }],
    })
    expect(existsSync(pathOf(3))).toBe(false)
  })

  test.if(hasStrace)("a file of one of them cannot be flushed", async () => {
    const before = await lost(3)
    const kept = join(machine.root, "kept")
    cpSync(machine.data, kept, { recursive: true, preserveTimestamps: true })
    const args = ["restore", "--all", "--json"]
    const { calls } = await traced(machine, args, ["fsync"])
    const flush = calls.find(({ line }) => line.includes(`.${idOf(2)}.`) && line.includes(".restoring>"))
    rmSync(machine.claude, { recursive: true })
    const fault = { call: "fsync", when: flush?.when ?? 0, effect: "error=EIO" }
    const { answer, hit } = await traced(machine, args, ["fsync"], [fault])
    const { restores, failures } = JSON.parse(answer.stdout)
    expect([hit, answer.code, restores.length, failures.map((each: { id: string }) => each.id)]).toEqual([
      true,
      1,
      2,
      [idOf(2)],
    ])
    expect([existsSync(pathOf(1)), existsSync(pathOf(2)), existsSync(pathOf(3))]).toEqual([true, false, true])
    expect(await restored("--all")).toMatchObject({ code: 0 })
    expect(contents(machine.claude)).toEqual(before)
  })
})

test.if(hasStrace)(
  "killed at its steps, no name stands for half a file, and the next run finishes",
  async () => {
    const before = await lost(12)
    const names = ["pwrite64", "fsync", "syncfs", "link", "unlink"]
    const { calls } = await traced(machine, ["restore", "--all", "--json"], names)
    const steps = calls.filter(({ line, name }) => line.includes(machine.claude) || name === "syncfs")
    expect(steps.length).toBeGreaterThan(30)
    for (const { name, when } of steps.filter((_, n) => n % 6 === 0)) {
      rmSync(machine.claude, { recursive: true, force: true })
      const fault = { call: name, when, effect: "signal=SIGKILL" }
      expect((await traced(machine, ["restore", "--all", "--json"], [name], [fault])).hit).toBe(true)
      const wrong = [...contents(machine.claude)].filter(
        ([path, bytes]) => !path.endsWith("/") && !path.includes(".restoring") && before.get(path) !== bytes,
      )
      expect(wrong).toEqual([])
      expect((await restored("--all")).code).toBe(0)
      expect(contents(machine.claude)).toEqual(before)
    }
  },
)
