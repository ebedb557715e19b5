/** cx that is killed, that runs twice at once, and that meets an index of no use. */
import { Database } from "bun:sqlite"
import { afterEach, beforeEach, expect, test } from "bun:test"
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { brokenGuarantees, namesIn } from "../export/export-invariants.ts"
import { binary } from "../fixtures/machine.ts"
import { user } from "../fixtures/talk/conversation.ts"
import { writeMessages } from "../fixtures/talk/messages.ts"
import { until } from "../fixtures/until.ts"
import { Talks } from "../search/conversations.ts"

let machine: Talks
beforeEach(() => {
  machine = new Talks()
})
afterEach(() => machine.dispose())

const count = async () => (await machine.run(["cx", "--stats", "--json"])).json.parts

test("killed again and again, it loses nothing, and every message is there once", async () => {
  const messages = 12_000
  const needles = new Map([0, 2, 4000, 11_999].map((n) => [n, `killneedle${n}x`]))
  writeMessages(machine.claude, { seed: 3, messages, perSession: 1500, needles })
  await machine.run(["export", "--all"])
  expect(brokenGuarantees(machine)).toEqual([])
  for (const after of [40, 120, 250, 400, 700]) {
    const child = Bun.spawn([binary, "cx", "--live"], {
      env: { HOME: machine.home, PATH: process.env.PATH ?? "", SESSION_RESCUE_DATA: machine.data },
      stdio: ["ignore", "ignore", "ignore"],
    })
    await Promise.race([child.exited, Bun.sleep(after)])
    child.kill("SIGKILL")
    await child.exited
  }
  const whole = await machine.run(["cx", "--live", "--json"])
  expect([whole.code, whole.json.exports.filter(({ failure }: { failure: unknown }) => failure)]).toEqual([
    0,
    [],
  ])
  expect(await count()).toBe(messages)
  for (const needle of needles.values()) {
    const { json } = await machine.ask(needle)
    expect([json.hits.length, json.total]).toEqual([1, 1])
  }
  expect(namesIn(machine.pending).filter((name) => name.endsWith(".jsonl"))).toEqual([])
  expect(namesIn(machine.archive).filter((name) => name.endsWith(".jsonl.zst"))).toHaveLength(8)
})

test("Ctrl-C: exit code 130, what is done is done, and the next run does the rest", async () => {
  const messages = 20_000
  writeMessages(machine.claude, { seed: 8, messages, perSession: 500 })
  const child = Bun.spawn([binary, "cx", "--live", "--json"], {
    env: { HOME: machine.home, PATH: process.env.PATH ?? "", SESSION_RESCUE_DATA: machine.data },
    stdio: ["ignore", "pipe", "pipe"],
  })
  await until("the index to grow", () => existsSync(`${machine.database}-wal`))
  child.kill("SIGINT")
  const [stdout, code] = await Promise.all([new Response(child.stdout).text(), child.exited])
  expect([code, JSON.parse(stdout).interrupted]).toEqual([130, true])
  const before = await count()
  expect(before).toBeLessThan(messages)
  const rest = await machine.read("--json")
  expect(before + rest.json.indexed.messages).toBe(messages)
  expect(await count()).toBe(messages)
})

test("a rebuild that is interrupted leaves the old index in use", async () => {
  machine.say(machine.talk(1), [user("oldneedle")])
  await machine.read()
  rmSync(machine.transcriptPath(machine.talk(1).id, "/work/one")) // now only the index knows it
  writeMessages(machine.claude, { seed: 9, messages: 20_000, perSession: 500 })
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    const child = Bun.spawn([binary, "cx", "--rebuild", "--json"], {
      env: { HOME: machine.home, PATH: process.env.PATH ?? "", SESSION_RESCUE_DATA: machine.data },
      stdio: ["ignore", "ignore", "ignore"],
    })
    await until("the new index to be begun", () => existsSync(`${machine.database}.new-wal`))
    child.kill(signal)
    expect(await child.exited).toBe(signal === "SIGINT" ? 130 : 137)
    expect(await machine.texts("oldneedle")).toHaveLength(1)
  }
  await machine.read("--rebuild")
  expect([await count(), (await machine.ask("oldneedle")).code]).toEqual([20_000, 3])
  expect(readdirSync(dirname(machine.database)).filter((name) => name.includes(".new"))).toEqual([])
})

test("on a terminal it shows how far it is, and its last lines say what came of it", async () => {
  writeMessages(machine.claude, { seed: 8, messages: 4000, perSession: 500 })
  const chunks: Uint8Array[] = []
  const program = machine.start([binary, "cx", "--live"], {
    env: { SESSION_RESCUE_DATA: machine.data, TERM: "xterm", LANG: "C.UTF-8" },
    terminal: { cols: 120, rows: 40, data: (_, data) => void chunks.push(Uint8Array.from(data)) },
  })
  expect(await program.exited).toBe(0)
  await program.end()
  const seen = Buffer.concat(chunks).toString("utf8")
  expect(seen).toMatch(/\r\u001b\[Kreading [0-9a-f]{8} · /)
  const [closing = "", next = ""] = seen
    .replace(/\u001b\[[0-9;]*[mK]/g, "")
    .trim()
    .split("\n")
    .slice(-2)
  expect(closing).toMatch(
    /8 sessions seen\. Index: 4000 new message parts from [\d.]+ MB, no line skipped, [\d.]+ MB\/s\./,
  )
  expect(next).toMatch(/^Next: session-rescue cxq /)
})

test("several at once: all end well, every message is there once", async () => {
  writeMessages(machine.claude, { seed: 4, messages: 4000, perSession: 500 })
  await machine.run(["export", "--all"])
  const runs = await Promise.all([1, 2, 3].map(() => machine.run(["cx", "--live", "--json"])))
  expect(runs.map(({ code, stdout }) => [code, code === 0 ? "" : stdout])).toEqual(Array(3).fill([0, ""]))
  expect(await count()).toBe(4000)
  const archived = runs.flatMap(({ json }) =>
    json.exports.filter((each: { archived: string | null }) => each.archived !== null),
  )
  expect(archived).toHaveLength(8)
})

test("asked while it is written: no answer is an error", async () => {
  writeMessages(machine.claude, {
    seed: 6,
    messages: 2000,
    perSession: 500,
    needles: new Map([[1, "midneedle"]]),
  })
  await machine.read()
  writeMessages(machine.claude, { seed: 7, messages: 12_000, perSession: 500 })
  const writing = machine.run(["cx", "--live"])
  const answers = await Promise.all([1, 2, 3].map(() => machine.ask("midneedle")))
  expect(answers.map(({ code, json }) => [code, json.total])).toEqual(Array(3).fill([0, 1]))
  expect((await writing).code).toBe(0)
})

test("no index yet, and none is to be made: cxq says how, with exit code 3, and makes none", async () => {
  for (const args of [["word"], ["--recent", "5"], ["--commands"], ["--stats"], ["--tokens"]]) {
    const { code, json } = await machine.ask(...args, "--no-refresh")
    expect([args, code, json.error.code]).toEqual([args, 3, "NO_INDEX"])
    expect(json.error.hint).toContain("session-rescue cx --live")
  }
  expect((await machine.run(["cx", "--stats"])).code).toBe(3)
  expect(namesIn(machine.data)).toEqual([])
})

const kept = () => readdirSync(dirname(machine.database)).filter((name) => name.includes("aside"))

test.each([
  ["of a newer version", (path: string) => alter(path, "pragma user_version = 999")],
  ["of somebody else", (path: string) => alter(path, "pragma application_id = 7")],
  ["no database at all", (path: string) => writeFileSync(path, "nonsense ".repeat(2000))],
  ["cut off", (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 20_000))],
])("an index that is %s is said to be, kept aside by cx, and made anew", async (_, spoil) => {
  machine.say(machine.talk(1), [user("asideneedle")])
  await machine.read()
  spoil(machine.database)
  const size = statSync(machine.database).size
  const asked = await machine.ask("asideneedle", "--no-refresh")
  expect(asked.code).toBeOneOf([1, 3])
  expect(asked.json.error.code).toBeOneOf(["NO_INDEX", "DAMAGED"])
  expect(asked.json.error.hint).toContain("session-rescue cx")
  expect(kept()).toEqual([])
  const answer = await machine.run(["cx", "--live", "--json"])
  expect([answer.code, answer.json.warnings.join()]).toEqual([0, expect.stringContaining("aside-1.db")])
  expect(statSync(join(dirname(machine.database), "session-rescue.aside-1.db")).size).toBe(size)
  expect(await machine.texts("asideneedle")).toEqual(["asideneedle"])
})

test.each([
  [
    "of an older version",
    (path: string) => alter(path, "pragma user_version = 0; pragma application_id = 7"),
  ],
  ["cut off", (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 20_000))],
])("a question makes anew an index that is %s, and keeps it aside", async (_, spoil) => {
  machine.say(machine.talk(1), [user("asideneedle")])
  await machine.read()
  spoil(machine.database)
  const size = statSync(machine.database).size
  const { code, json } = await machine.ask("asideneedle")
  expect([code, json.total, json.index.refresh]).toEqual([0, 1, "done"])
  expect(json.warnings.join()).toContain("aside-1.db")
  expect(statSync(join(dirname(machine.database), "session-rescue.aside-1.db")).size).toBe(size)
})

test("one of a newer version is not put aside by a question: two versions would make it anew in turns", async () => {
  machine.say(machine.talk(1), [user("asideneedle")])
  await machine.read()
  alter(machine.database, "pragma user_version = 999")
  const { code, json } = await machine.ask("asideneedle")
  expect([code, json.error.code, kept()]).toEqual([3, "NO_INDEX", []])
})

function alter(path: string, sql: string): void {
  const database = new Database(path)
  database.run(sql)
  database.run("pragma wal_checkpoint(truncate)")
  database.close()
}

test("one that another process holds for long is said to be in use; exports are dealt with all the same", async () => {
  machine.say(machine.talk(1), [user("lockneedle")])
  await machine.read()
  machine.say(machine.talk(2), [user("lockneedle too")])
  const other = new Database(machine.database)
  other.run("begin immediate")
  const [asked, written] = await Promise.all([
    machine.ask("lockneedle"),
    machine.run(["cx", "--live", "--json"]),
  ])
  other.run("rollback")
  other.close()
  expect([asked.code, asked.json.total]).toEqual([0, 1]) // whoever asks need not wait
  expect([written.code, written.json.indexFailure]).toMatchObject([1, { code: "CANNOT_WRITE" }])
  expect(written.json.indexFailure.message).toContain("in use")
  await machine.read()
  expect(await machine.texts("lockneedle")).toHaveLength(2)
}, 40_000)

test("a session that is deleted while it is read harms nothing", async () => {
  const path = machine.say(machine.talk(1), [user("here and gone")])
  await machine.read()
  rmSync(dirname(path), { recursive: true })
  expect((await machine.run(["cx", "--live"])).code).toBe(0)
  expect(await machine.texts("gone")).toHaveLength(1)
})
