/** Exports that are archived together: a flush or a read that fails, and what becomes of the others. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { existsSync } from "node:fs"
import { type Call, hasStrace, traced } from "../faults/harness/inject.ts"
import { ArchiveFixtures } from "./archive-fixtures.ts"

const args = ["archive", "--json"]

/** So few that each file is flushed by itself. */
describe.if(hasStrace)("of two exports that are archived together", () => {
  const machine = new ArchiveFixtures()
  let calls: readonly Call[] = []
  beforeAll(async () => {
    await machine.stock(2)
    calls = (await traced(machine, args, ["fsync", "pread64"])).calls
  })
  afterAll(() => machine.dispose())

  /** The nth call of that name whose line says so. */
  function call(name: string, what: RegExp, nth = 0): Call {
    const found = calls.filter((each) => each.name === name && what.test(each.line))[nth]
    if (found === undefined) throw new Error(`no ${name} of ${what}`)
    return found
  }

  /** That call fails. Returns which exports stay, and which were archived; nothing is lost, and the next run finishes. */
  async function struck({ name, when }: Call, effect = "error=EIO") {
    machine.restock()
    const { answer, hit } = await traced(machine, args, [name], [{ call: name, when, effect }])
    expect([hit, machine.broken()]).toEqual([true, []])
    const document = JSON.parse(answer.stdout) as {
      exports: { name: string; archived: string | null; failure: { message: string } | null }[]
    }
    const stay = document.exports.flatMap(({ failure }) => failure?.message ?? [])
    const archived = document.exports.filter((each) => each.archived !== null)
    for (const each of archived) expect(existsSync(`${machine.pending}/${each.name}.jsonl`)).toBe(false)
    const records = machine.names.filter((each) => existsSync(`${machine.archive}/${each}.archive.json`))
    expect(answer.code).toBe(stay.length > 0 ? 1 : 0)
    expect(await machine.wrongAgain()).toEqual([])
    return { stay, archived: archived.length, records: records.length }
  }

  const id = (n: number) => machine.names[n]?.slice(21, 57) ?? ""

  test("one whose file cannot be flushed stays, and the other is archived", async () => {
    const staged = (n: number) => new RegExp(`/\\.${id(n)}[^/]*\\.tmp/`)
    for (const n of [0, 1]) {
      const { stay, archived } = await struck(call("fsync", staged(n)))
      expect([stay.length, archived]).toEqual([1, 1])
      expect(stay[0]).toContain(id(n))
    }
  })

  test("neither is archived when the folder of their files cannot be flushed", async () => {
    const found = await struck(call("fsync", /\.tmp\/files>/))
    expect(found).toMatchObject({ archived: 0, records: 0 })
    expect(found.stay[0]).toContain("could not be flushed to the disk")
  })

  test("neither is committed when the names of the archive cannot be flushed", async () => {
    const found = await struck(call("fsync", new RegExp(`<${machine.archive}>`)))
    expect(found).toMatchObject({ archived: 0, records: 0 })
  })

  test("one whose record cannot be flushed is not committed", async () => {
    const found = await struck(call("fsync", /\/record\.json>/))
    expect(found).toMatchObject({ archived: 1, records: 1 })
  })

  test("neither is removed when the commit cannot be flushed", async () => {
    const found = await struck(call("fsync", new RegExp(`<${machine.archive}>`), 1))
    expect(found).toMatchObject({ archived: 0, records: 2 })
    expect(found.stay).toHaveLength(2)
  })

  test.each([/\.tmp\/manifest\.json>/, /\.tmp\/record\.json>/])(
    "one of which %p reads back otherwise stays",
    async (what) => {
      const found = await struck(call("pread64", what), "retval=0")
      expect(found.archived).toBe(1)
      expect(found.stay[0]).toContain("does not contain what was written to it")
    },
  )
})

describe.if(hasStrace)("of ten exports that are archived together", () => {
  const machine = new ArchiveFixtures()
  beforeAll(() => machine.stock())
  afterAll(() => machine.dispose())

  test("each is flushed by itself when flushing them together fails", async () => {
    const fault = { call: "syncfs", when: "1+", effect: "error=EIO" } as const
    const strike = () => {
      machine.restock()
      Bun.spawnSync(["sync"]) // with much data of other programs in memory nothing is flushed together
      return traced(machine, args, ["syncfs", "fsync"], [fault])
    }
    let found = await strike()
    for (let tries = 0; !found.hit && tries < 10; tries++) found = await strike()
    const { answer, hit, log } = found
    expect([hit, answer.code, machine.broken(), machine.leftOver()]).toEqual([true, 0, [], []])
    expect(log.match(/fsync\(.*\.zst>/g)?.length).toBe(12)
  })

  test("none is archived when nothing can be flushed", async () => {
    machine.restock()
    const faults = ["syncfs", "fsync"].map((call) => ({ call, when: "1+", effect: "error=EIO" }) as const)
    const { answer } = await traced(machine, args, ["syncfs", "fsync"], faults)
    const stay = JSON.parse(answer.stdout).exports.filter((each: { failure: object | null }) => each.failure)
    expect([answer.code, stay.length, machine.broken()]).toEqual([1, 10, []])
    expect(await machine.wrongAgain()).toEqual([])
  })
})
