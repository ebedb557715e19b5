import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { rmSync, symlinkSync, utimesSync } from "node:fs"
import { dirname, join } from "node:path"
import { Machine } from "../fixtures/machine.ts"
import { record, sessionId, user } from "../fixtures/talk/conversation.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

interface Answered {
  readonly id: string
  readonly at: Date
  readonly model?: string
  /** input, written to the cache, read from it, output */
  readonly counts: readonly [number, number, number, number]
  readonly cwd?: string
  readonly sidechain?: boolean
}

const hour = 3_600_000
const ago = (hours: number) => new Date(Date.now() - hours * hour)

/** One record of an answer, as the client writes it for each of its parts. */
function answer(session: number, number: number, answered: Answered): string {
  const { id, at, model = "claude-opus-5-5", counts, cwd = "/work/shop", sidechain = false } = answered
  const [input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens] = counts
  const usage = { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens }
  const content = [{ type: "text", text: 'it said "usage": {} and more' }]
  const message = { id: `msg_${id}`, model, role: "assistant", content, stop_reason: null, usage }
  const talk = { id: sessionId(session), cwd, at, version: "2.1.332" }
  const timestamp = at.toISOString()
  return record(talk, number, {
    type: "assistant",
    message,
    requestId: `req_${id}`,
    isSidechain: sidechain,
    timestamp,
  })
}

const question = (session: number, cwd = "/work/shop") =>
  record({ id: sessionId(session), cwd, at: ago(1) }, 0, user("mend it"))

function transcript(
  session: number,
  lines: readonly string[],
  options: { age?: number; cwd?: string } = {},
): string {
  const { age = hour, cwd = "/work/shop" } = options
  return machine.transcript(sessionId(session), { cwd, age, text: question(session, cwd) + lines.join("") })
}

const counts = (input: number, cacheWrite: number, cacheRead: number, output: number, answers: number) => ({
  input,
  cacheWrite,
  cacheRead,
  output,
  total: input + cacheWrite + cacheRead + output,
  answers,
  cost: null,
  partlyPriced: false,
})

const usage = async (...args: string[]) => (await machine.run(["usage", "--json", ...args])).json

describe("an answer counts once", () => {
  test("by the last count of its records", async () => {
    const at = ago(1)
    transcript(1, [
      answer(1, 1, { id: "a", at, counts: [3, 100, 2000, 5] }),
      answer(1, 2, { id: "a", at, counts: [3, 100, 2000, 180] }),
      answer(1, 3, { id: "a", at, counts: [3, 100, 2000, 700] }),
      answer(1, 4, { id: "b", at, counts: [4, 50, 2100, 20] }),
    ])
    const { all, coverage } = await usage()
    expect(all).toEqual(counts(7, 150, 4100, 720, 2))
    expect(coverage).toEqual({
      sessions: 1,
      outOf: 1,
      fromExports: 0,
      unsupported: 0,
      unread: [],
      damagedLines: 0,
    })
  })

  test("when a fork or a resumed session copied it, for the session written first", async () => {
    const first = { id: "a", at: ago(30), counts: [3, 100, 2000, 700] } as const
    transcript(1, [answer(1, 1, first)], { age: 30 * hour })
    transcript(2, [answer(2, 1, first), answer(2, 2, { id: "b", at: ago(1), counts: [4, 50, 2100, 20] })])
    const { all, sessions } = await usage()
    expect(all.answers).toBe(2)
    expect(sessions.map(({ id, output }: { id: string; output: number }) => [id, output])).toEqual([
      [sessionId(1), 700],
      [sessionId(2), 20],
    ])
  })

  test("when the copy was made while it was being written", async () => {
    const at = ago(2)
    transcript(1, [answer(1, 1, { id: "a", at, counts: [3, 100, 2000, 5] })], { age: 2 * hour })
    transcript(2, [answer(2, 1, { id: "a", at, counts: [3, 100, 2000, 700] })])
    expect((await usage()).all).toEqual(counts(3, 100, 2000, 700, 1))
  })
})

test("subagents count for their session, each with its model", async () => {
  const at = ago(1)
  const path = transcript(1, [answer(1, 1, { id: "a", at, counts: [1, 0, 0, 10] })])
  const subagent = answer(1, 1, {
    id: "b",
    at,
    model: "claude-haiku-4-5-20251001",
    counts: [2, 0, 0, 30],
    sidechain: true,
  })
  machine.write(join(dirname(path), sessionId(1), "subagents/agent-1234abcd.jsonl"), subagent)
  const { sessions, models } = await usage()
  expect(sessions).toMatchObject([
    { id: sessionId(1), title: "mend it", project: "/work/shop", ...counts(3, 0, 0, 40, 2) },
  ])
  expect(models).toEqual([
    { model: "claude-haiku-4-5-20251001", ...counts(2, 0, 0, 30, 1) },
    { model: "claude-opus-5-5", ...counts(1, 0, 0, 10, 1) },
  ])
})

test("days are those of the person's clock, or of UTC", async () => {
  const at = new Date("2026-03-01T22:30:00Z")
  transcript(1, [
    answer(1, 1, { id: "a", at, counts: [1, 0, 0, 0] }),
    answer(1, 2, { id: "b", at: new Date(at.getTime() + 2 * hour), counts: [2, 0, 0, 0] }),
  ])
  const days = async (TZ: string, ...args: string[]) => {
    const { json } = await machine.run(["usage", "--json", ...args], { env: { TZ } })
    return [json.timeZone, json.days.map(({ day, input }: { day: string; input: number }) => [day, input])]
  }
  expect(await days("Asia/Kolkata")).toEqual(["Asia/Kolkata", [["2026-03-02", 3]]])
  const utc = [
    ["2026-03-02", 2],
    ["2026-03-01", 1],
  ]
  expect(await days("Asia/Kolkata", "--utc")).toEqual(["UTC", utc])
})

test("today and the last seven days are sums of days, and --since leaves them out", async () => {
  transcript(1, [
    answer(1, 1, { id: "a", at: new Date(), counts: [1, 0, 0, 0] }),
    answer(1, 2, { id: "b", at: ago(5 * 24), counts: [20, 0, 0, 0] }),
    answer(1, 3, { id: "c", at: ago(9 * 24), counts: [300, 0, 0, 0] }),
  ])
  const { today, last7Days, all } = await usage()
  expect([today.input, last7Days.input, all.input]).toEqual([1, 21, 321])
  const since = await usage("--since", "6d")
  expect([since.today, since.last7Days, since.all.input]).toEqual([null, null, 21])
})

test("--project, --agent and --limit narrow it, and the coverage says how far", async () => {
  transcript(1, [answer(1, 1, { id: "a", at: ago(1), counts: [1, 0, 0, 0] })])
  const other = { id: "b", at: ago(1), counts: [20, 0, 0, 0], cwd: "/work/login" } as const
  transcript(2, [answer(2, 1, other)], { cwd: "/work/login" })
  const { all, projects, coverage } = await usage("--project", "login")
  expect([all.input, projects.map(({ project }: { project: string }) => project)]).toEqual([
    20,
    ["/work/login"],
  ])
  expect([coverage.sessions, coverage.outOf]).toEqual([1, 2])
  expect((await usage("--project", "/work")).all.input).toBe(21)
  expect((await usage("--agent", "claude")).all.input).toBe(21)
  expect(await machine.run(["usage", "--agent", "nobody"])).toMatchObject({ code: 2 })
  const limited = await usage("--limit", "1")
  expect([limited.all.input, limited.sessions.length, limited.projects.length]).toEqual([21, 1, 1])
})

test("a session whose transcript was deleted counts from its export, raw or archived", async () => {
  const path = transcript(1, [answer(1, 1, { id: "a", at: ago(1), counts: [1, 20, 300, 4000] })])
  expect((await machine.run(["export", sessionId(1)])).code).toBe(0)
  rmSync(path)
  for (const place of ["pending", "archived"]) {
    if (place === "archived") expect((await machine.run(["archive"])).code).toBe(0)
    const { all, sessions, coverage } = await usage()
    expect(all).toEqual(counts(1, 20, 300, 4000, 1))
    expect(sessions).toMatchObject([{ id: sessionId(1), title: "mend it", deleted: true }])
    expect(coverage).toMatchObject({ sessions: 0, fromExports: 1 })
  }
})

test("what cannot be read is named, the rest counts, and it is exit 1", async () => {
  transcript(1, [answer(1, 1, { id: "a", at: ago(1), counts: [1, 0, 0, 0] }), '{"message":{"usage"\n'])
  const linked = transcript(2, [answer(2, 1, { id: "b", at: ago(1), counts: [20, 0, 0, 0] })])
  rmSync(linked)
  symlinkSync("/nowhere", linked)
  const { code, json } = await machine.run(["usage", "--json"])
  expect([code, json.all.input, json.coverage.damagedLines]).toEqual([1, 1, 1])
  expect(json.coverage.unread).toEqual([{ path: linked, why: "it is a link, not a plain file" }])
  const { stdout } = await machine.run(["usage"])
  expect(stdout).toContain("1 file could not be read:")
  expect(stdout).toContain("1 damaged line left out.")
})

describe("costs", () => {
  const at = ago(1)
  const prices = '[prices."claude-haiku-4-5"]\ninput = 1\noutput = 5\ncache_read = 0.1\ncache_write = 1.25\n'
  const spent = [1_000_000, 2_000_000, 30_000_000, 400_000] as const
  beforeEach(() => {
    transcript(1, [
      answer(1, 1, { id: "a", at, model: "claude-haiku-4-5-20251001", counts: spent }),
      answer(1, 2, { id: "b", at, model: "claude-opus-5-5", counts: [7, 0, 0, 0] }),
    ])
  })
  const config = (text: string) =>
    machine.write(join(machine.home, ".config/session-rescue/config.toml"), text)

  test("are not known without prices in the config file", async () => {
    const { all, unpricedModels } = await usage()
    expect([all.cost, unpricedModels]).toEqual([null, ["claude-haiku-4-5-20251001", "claude-opus-5-5"]])
    expect((await machine.run(["usage"])).stdout).not.toContain("cost")
  })

  test("are those of the config file, and say what has no price", async () => {
    config(prices)
    const { all, models, unpricedModels } = await usage()
    expect(all.cost).toBeCloseTo(1 + 2.5 + 3 + 2)
    expect(all.partlyPriced).toBe(true)
    expect(models.map(({ cost }: { cost: number | null }) => cost)).toEqual([all.cost, null])
    expect(unpricedModels).toEqual(["claude-opus-5-5"])
    const { stdout } = await machine.run(["usage"])
    expect(stdout).toContain(" 8.50+")
    expect(stdout).toContain("+ without claude-opus-5-5: no prices in the config file")
  })

  test("a mistake in the prices is named and stops nothing", async () => {
    config(prices.replace("output = 5", 'output = "five"'))
    const { all, warnings } = await usage()
    expect(all.cost).toBeNull()
    expect(warnings).toEqual([
      expect.stringContaining('"prices."claude-haiku-4-5"" was left out: each price must be a number'),
    ])
  })
})

test("the first screen says what was used today, in seven days, by model, and how full contexts are", async () => {
  const client = await machine.client()
  machine.registry(client, sessionId(1))
  transcript(1, [answer(1, 1, { id: "a", at: new Date(), counts: [3, 20_000, 130_000, 1500] })])
  const old = transcript(2, [
    answer(2, 1, { id: "b", at: ago(30 * 24), model: "claude-sonnet-5", counts: [3, 0, 40_000, 20] }),
  ])
  utimesSync(old, ago(30 * 24), ago(30 * 24))
  const { stdout, code } = await machine.run(["usage"])
  expect(code).toBe(0)
  expect(stdout.replace(/ +/g, " ").split("\n")).toEqual(
    expect.arrayContaining([
      " input output to cache from cache total",
      "Today 3 1.50k 20.0k 130k 152k",
      "Last 7 days 3 1.50k 20.0k 130k 152k",
      "All 6 1.52k 20.0k 170k 192k",
      `claude-opus-5-5 3 1.50k 20.0k 130k 152k ${"█".repeat(30)}`,
      `claude-sonnet-5 3 20 0 40.0k 40.0k ${"█".repeat(8)}`,
      "a0000001 mend it 150k of 1.00M 15 % ██",
      "From 2 sessions on this machine.",
    ]),
  )
  const byDay = await machine.run(["usage", "--by", "day", "--limit", "1"])
  expect(byDay.stdout).toContain("… 1 more: --by day --limit 2")
  expect(await machine.run(["usage", "--by", "colour"])).toMatchObject({ code: 2 })
})

test("nothing used is said, and is no failure", async () => {
  const { stdout, code } = await machine.run(["usage"])
  expect([code, stdout.split("\n")[0]]).toEqual([0, "No token usage found."])
})
