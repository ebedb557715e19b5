/** Exports that are processed together: one transaction of the index, and what becomes of them when it fails. */
import { Database } from "bun:sqlite"
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { committed, namesIn } from "../export/export-invariants.ts"
import { hasStrace, traced } from "../faults/harness/inject.ts"
import { user } from "../fixtures/talk/conversation.ts"
import { Talks } from "../search/conversations.ts"

const many = 12

let machine: Talks
beforeEach(() => {
  machine = new Talks()
})
afterEach(() => machine.dispose())

/** Sessions 1…n that are exported: each says its own word. */
async function exported(count = many): Promise<string[]> {
  for (let n = 1; n <= count; n++) machine.say(machine.talk(n), [user(`the word of it is needle${n}`)])
  expect((await machine.run(["export", "--all", "--json"])).code).toBe(0)
  return committed(machine).map((base) => base.slice(machine.pending.length + 1))
}

/** How often each session's word is in the index. */
function inIndex(): number[] {
  const index = new Database(machine.database, { readonly: true })
  try {
    const found = index.query<{ n: number }, [string]>(
      "select count(*) as n from search where search match ?",
    )
    return Array.from({ length: many }, (_, n) => found.get(`needle${n + 1}`)?.n ?? -1)
  } finally {
    index.close()
  }
}

const each = (count: number) => Array<number>(many).fill(count)

/** The states of the index's plugin, as they are beside the pending exports. */
function states(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const path = join(machine.pending, `${name}.queue/context-extractor.json`)
    return existsSync(path) ? [JSON.parse(readFileSync(path, "utf8")).status] : []
  })
}

async function finished(): Promise<void> {
  const again = await machine.run(["cx", "--json"])
  expect([again.code, again.json.warnings, namesIn(machine.pending)]).toEqual([0, [], []])
  expect(inIndex()).toEqual(each(1))
}

describe.if(hasStrace)("when the index cannot be written", () => {
  const full = (when: number | "1+") =>
    [{ call: "pwrite64", when, effect: "error=ENOSPC", path: `${machine.database}-wal` }] as const
  /** The tables exist: only what is read is written. */
  const ready = async () => {
    await machine.run(["cx", "--live"])
    return exported()
  }

  test("no export counts as done or is archived, and the next run does it all", async () => {
    const names = await ready()
    machine.say(machine.talk(99), [user("nothing of it")])
    const { answer, hit } = await traced(machine, ["cx", "--json"], ["pwrite64"], full("1+"))
    expect([hit, answer.code]).toEqual([true, 1])
    const document = JSON.parse(answer.stdout)
    expect(document.exports.map((one: { archived: string | null }) => one.archived)).toEqual(
      Array(many).fill(null),
    )
    for (const { failure } of document.exports)
      expect(failure.message).toContain("context-extractor is not done")
    expect(states(names).filter((state) => state === "done")).toEqual([])
    expect(inIndex()).toEqual(each(0))
    await finished()
  })

  test("once only, each is read again by itself, and none is in it twice", async () => {
    await ready()
    const { answer, hit } = await traced(machine, ["cx", "--json"], ["pwrite64"], full(1))
    expect([hit, answer.code]).toEqual([true, 0])
    const { exports, indexed } = JSON.parse(answer.stdout)
    expect(exports.filter((one: { archived: string | null }) => one.archived !== null)).toHaveLength(many)
    expect(indexed.messages).toBe(many)
    expect(inIndex()).toEqual(each(1))
  })
})

test("an export that the index does not take fails alone, and the others are in it", async () => {
  await machine.run(["cx", "--live"])
  const [, , bad = ""] = await exported()
  const index = new Database(machine.database)
  index.run(
    `create trigger refuse before insert on source when new.path like '%${bad}%' begin select raise(abort, 'no'); end`,
  )
  const { code, json } = await machine.run(["cx", "--json"])
  expect(code).toBe(1)
  const failed = json.exports.filter((one: { failure: object | null }) => one.failure !== null)
  expect(failed.map((one: { name: string }) => one.name)).toEqual([bad])
  expect(json.exports.filter((one: { archived: string | null }) => one.archived !== null)).toHaveLength(
    many - 1,
  )
  expect(inIndex().filter((count) => count === 1)).toHaveLength(many - 1)
  index.run("drop trigger refuse")
  index.close()
  await finished()
})

test.if(hasStrace)("killed at any write, nothing is lost and nothing is in the index twice", async () => {
  const names = await exported()
  const kept = join(machine.root, "kept")
  cpSync(machine.data, kept, { recursive: true, preserveTimestamps: true })
  const { calls } = await traced(machine, ["cx", "--json"], ["pwrite64"])
  const steps = calls.filter(({ line }) => line.includes(machine.data))
  expect(steps.length).toBeGreaterThan(3 * many)
  for (const { when } of steps.filter((_, n) => n % Math.ceil(steps.length / 12) === 0)) {
    rmSync(machine.data, { recursive: true })
    cpSync(kept, machine.data, { recursive: true, preserveTimestamps: true })
    const fault = { call: "pwrite64", when, effect: "signal=SIGKILL" }
    expect((await traced(machine, ["cx", "--json"], ["pwrite64"], [fault])).hit).toBe(true)
    const isThere = (name: string) =>
      existsSync(join(machine.pending, `${name}.jsonl`)) ||
      existsSync(join(machine.archive, `${name}.archive.json`))
    expect(names.filter((name) => !isThere(name))).toEqual([])
    await finished()
  }
})

test("an export that is no more what it was fails alone", async () => {
  const names = await exported()
  const [, bad = ""] = names
  rmSync(join(machine.pending, `${bad}.jsonl`))
  machine.write(join(machine.pending, `${bad}.jsonl`), "x")
  const { code, json } = await machine.run(["cx", "--json"])
  expect(code).toBe(1)
  const failed = json.exports.filter((one: { failure: object | null }) => one.failure !== null)
  expect(failed.map((one: { name: string }) => one.name)).toEqual([bad])
  expect(json.exports.filter((one: { archived: string | null }) => one.archived !== null)).toHaveLength(
    many - 1,
  )
  expect(namesIn(machine.pending).filter((name) => name.endsWith(".jsonl"))).toEqual([`${bad}.jsonl`])
})
