/** What OpenCode's databases show without a process. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { OpencodeDatabase, opencodeHome, sessionName } from "../../fixtures/agents/opencode.ts"
import { Machine } from "../../fixtures/machine.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const [one, two, three] = [sessionName(1), sessionName(2), sessionName(3)]
const cwd = "/work/one"

async function status(...args: string[]) {
  const { json, code } = await machine.run(["status", "--all", "--json", ...args])
  expect(code).toBe(0)
  return json
}
const sessions = async (...args: string[]) => (await status(...args)).sessions
const says = (session: { evidence: { message: string }[] }) =>
  session.evidence.map((each) => each.message).join("\n")

test.each([
  ["done", "closed", "its last turn ended (stop)"],
  ["aborted", "closed", "its last turn ended with MessageAbortedError"],
  ["asked", "ended mid-turn", "the model has not answered yet"],
  ["streaming", "ended mid-turn", "its last answer is not complete"],
  ["running", "ended mid-turn", "bash runs and has put something out"],
  ["waiting", "ended mid-turn", "bash was called and has not begun to put anything out"],
] as const)("a session whose last turn is %s is %s", async (last, detail, message) => {
  new OpencodeDatabase(machine).add({ id: one, cwd, last })
  const [found] = await sessions()
  expect(found).toMatchObject({
    ...{ id: one, agent: "opencode", state: "ORPHANED", detail, cwd, version: "1.18.33" },
    ...{
      title: "mend the login page",
      purgeAt: null,
      transcript: `${opencodeHome(machine)}/opencode.db#${one}`,
    },
  })
  expect(says(found)).toContain(message)
  if (last === "done") expect(found).toMatchObject({ contextTokens: 1320, model: "mock-model" })
})

test("a child session belongs to its parent and is none of its own; one whose parent is gone is", async () => {
  const database = new OpencodeDatabase(machine)
  database.add({ id: one, cwd })
  database.add({ id: two, parent: one })
  database.add({ id: three, parent: sessionName(9) })
  expect((await sessions()).map(({ id }: { id: string }) => id).toSorted()).toEqual([one, three])
})

test("looking leaves nothing in its folder", async () => {
  const database = new OpencodeDatabase(machine)
  database.add({ id: one, cwd })
  database.database.run("pragma wal_checkpoint(truncate)")
  database.close()
  const before = readdirSync(opencodeHome(machine))
  expect(await sessions()).toMatchObject([{ id: one }])
  expect(readdirSync(opencodeHome(machine))).toEqual(before)
})

/** What a crash, or a copy made by hand, leaves: all of it in the log, and no shared memory. */
function withoutSharedMemory(): void {
  const database = new OpencodeDatabase(machine, "made.db")
  database.add({ id: one, cwd })
  const path = join(opencodeHome(machine), "opencode.db")
  for (const end of ["", "-wal"]) copyFileSync(database.path + end, path + end)
  database.close()
  rmSync(database.path)
}

test("all of it in the log, where the log cannot be used in place: it is read and saved from a copy", async () => {
  withoutSharedMemory()
  const before = readdirSync(opencodeHome(machine)).toSorted()
  expect(await sessions()).toMatchObject([{ id: one, detail: "closed" }])
  const { json } = await machine.run(["export", one, "--json"])
  expect(json.exports).toMatchObject([{ id: one, status: "verified" }])
  expect(readdirSync(opencodeHome(machine)).toSorted()).toEqual(before)
})

test("two databases of one home are both read, and one id in both is two sessions", async () => {
  const [first, second] = [new OpencodeDatabase(machine), new OpencodeDatabase(machine, "opencode-stable.db")]
  first.add({ id: one, cwd })
  second.add({ id: two, cwd })
  second.add({ id: one, cwd, said: "another one" })
  const found = await sessions()
  expect(
    found.map(({ transcript }: { transcript: string }) => transcript.split("/").at(-1)).toSorted(),
  ).toEqual([`opencode-stable.db#${one}`, `opencode-stable.db#${two}`, `opencode.db#${one}`])
})

describe("a damaged database", () => {
  test.each([
    ["that is none", (path: string) => writeFileSync(path, Buffer.alloc(8192, 7)), "cannot be read"],
    ["without its tables", (path: string) => writeFileSync(path, ""), "has no sessions"],
  ])("%s is said, and hides no other", async (_, damage, message) => {
    mkdirSync(opencodeHome(machine), { recursive: true })
    const bad = join(opencodeHome(machine), "opencode-beta.db")
    damage(bad)
    new OpencodeDatabase(machine).add({ id: one, cwd })
    const found = await status()
    expect(found.sessions).toMatchObject([{ id: one }])
    expect(found.warnings.join()).toContain(`${bad} ${message}`)
  })
})

test("one of a newer client is read by its own tables: what is new is saved, what is secret is not", async () => {
  const database = new OpencodeDatabase(machine, "opencode.db", [
    "note (id text primary key, session_id text not null, body text)",
    "note_line (id integer primary key, note_id text references note(id), line text)",
    "team_credential (session_id text, value text)",
  ])
  database.add({ id: one, cwd })
  database.database.run("alter table part add column flavour text")
  database.database.run("insert into note values ('n1', ?, 'a note')", [one])
  database.database.run("insert into note_line values (9007199254740993, 'n1', 'a line')")
  database.database.run("insert into team_credential values (?, 'another-secret')", [one])
  database.database.run("insert into session_share values (?, 'a-share-secret')", [one])
  const { json } = await machine.run(["export", one, "--json"])
  const saved = await Bun.file(json.exports[0].path).text()
  for (const each of ['"a note"', '"a line"', "9007199254740993", '"flavour":null'])
    expect(saved).toContain(each)
  for (const each of ["another-secret", "a-share-secret", "a-secret-key"]) expect(saved).not.toContain(each)
})

test("XDG_DATA_HOME moves it", async () => {
  new OpencodeDatabase(machine).add({ id: one, cwd })
  const env = { XDG_DATA_HOME: join(machine.home, ".local/share") }
  expect((await machine.run(["status", "--all", "--json"], { env })).json.sessions).toHaveLength(1)
  const elsewhere = { XDG_DATA_HOME: join(machine.root, "nothing") }
  expect((await machine.run(["status", "--all", "--json"], { env: elsewhere })).json.sessions).toHaveLength(1)
})

describe("the files of versions before 1.2", () => {
  const put = (path: string, value: object) =>
    machine.write(join(opencodeHome(machine), "storage", path), JSON.stringify(value))
  const addTree = () => {
    const time = { created: 1000, updated: 2000 }
    put(`session/p1/${two}.json`, { id: two, directory: cwd, title: "an old one", version: "1.0.1", time })
    put(`message/${two}/msg_a.json`, { id: "msg_a", sessionID: two, role: "user", time: { created: 1000 } })
    const done = { created: 1500, completed: 2000 }
    put(`message/${two}/msg_b.json`, {
      id: "msg_b",
      sessionID: two,
      role: "assistant",
      time: done,
      finish: "stop",
    })
    put("part/msg_a/prt_a.json", {
      id: "prt_a",
      messageID: "msg_a",
      sessionID: two,
      type: "text",
      text: "an old wish",
    })
  }

  test("are a session, saved whole, and put back", async () => {
    addTree()
    expect(await sessions()).toMatchObject([{ id: two, title: "an old one", detail: "closed", cwd }])
    const { json } = await machine.run(["export", two, "--json"])
    expect(json.exports).toMatchObject([{ id: two, status: "verified", files: 4 }])
    rmSync(opencodeHome(machine), { recursive: true })
    expect((await machine.run(["restore", two])).code).toBe(0)
    expect(await sessions()).toMatchObject([{ id: two, detail: "closed" }])
  })

  test("that a database has as well are those of the database", async () => {
    addTree()
    new OpencodeDatabase(machine).add({ id: two, cwd })
    expect(await sessions()).toMatchObject([{ id: two, title: "mend the login page" }])
  })
})
