/** Rows saved, verified, found again, put back and tidied away. */
import { Database } from "bun:sqlite"
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { OpencodeDatabase, opencodeHome, sessionName } from "../../fixtures/agents/opencode.ts"
import { Machine } from "../../fixtures/machine.ts"

let machine: Machine
let database: OpencodeDatabase
beforeEach(() => {
  machine = new Machine()
  database = new OpencodeDatabase(machine)
  database.add({ id: one, cwd: machine.root, said: "find the needle" })
  database.add({ id: child, parent: one, said: "a subagent's work" })
  database.add({ id: two, cwd: machine.root })
})
afterEach(() => machine.dispose())

const [one, child, two] = [sessionName(1), sessionName(2), sessionName(3)]

async function save(id: string) {
  const { json, stderr } = await machine.run(["export", id, "--json"])
  expect([stderr, json?.failures]).toEqual([stderr, []])
  return json.exports[0]
}
const linesOf = (path: string) =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
const forget = () => {
  database.close()
  rmSync(opencodeHome(machine), { recursive: true })
}
const rowsOf = (path: string, table: string) =>
  new Database(path, { readonly: true }).query(`select * from ${table} order by 1`).all()

test("an export has the rows of the session and its child sessions, and of no other", async () => {
  const { path, manifest, status } = await save(one)
  expect(status).toBe("verified")
  const text = readFileSync(path, "utf8")
  expect([text.includes(child), text.includes(two), text.includes("a-secret-key")]).toEqual([
    true,
    false,
    false,
  ])
  const tables = {
    migration: 1,
    project: 1,
    session: 2,
    message: 4,
    part: 4,
    todo: 2,
    event: 2,
    event_sequence: 2,
  }
  const [file] = (await Bun.file(manifest).json()).files
  expect(file).toMatchObject({
    role: "transcript",
    source: `${database.path}#${one}`,
    rows: { key: one, tables },
  })
  expect(file.rows.verified).toContain("second reader")
})

test("the order is that of the conversation, each message with its parts", async () => {
  const { path } = await save(one)
  const messages = linesOf(path).filter(({ table }) => table === "message")
  expect(
    messages.map(({ session, rows }) => [session, rows.map((each: { table: string }) => each.table)]),
  ).toEqual([
    [undefined, ["part"]],
    [undefined, ["part"]],
    [child, ["part"]],
    [child, ["part"]],
  ])
})

test("unchanged, it is named again; with one more row, it is saved again, whatever others write", async () => {
  const { path } = await save(one)
  database.say(two, "something else")
  expect(await save(one)).toMatchObject({ status: "unchanged", path })
  database.say(child, "a subagent says more")
  const next = await save(one)
  expect(next).toMatchObject({ status: "verified" })
  expect(next.path).not.toBe(path)
})

test("its copy, damaged, is not relied on", async () => {
  const { path } = await save(one)
  const text = readFileSync(path, "utf8")
  machine.write(path, text.replace("find the needle", "find the noodle"))
  expect((await machine.run(["verify", one])).code).toBe(1)
  expect(await save(one)).toMatchObject({ status: "verified" })
})

describe("what was deleted", () => {
  test("with the whole home is put back into a new database, row for row", async () => {
    const before = ["session", "message", "part", "todo", "event"].map((table) =>
      rowsOf(database.path, table),
    )
    await save(one)
    await save(two)
    forget()
    for (const id of [one, two]) expect((await machine.run(["restore", id])).code).toBe(0)
    const after = ["session", "message", "part", "todo", "event"].map((table) => rowsOf(database.path, table))
    expect(after).toEqual(before)
    expect(rowsOf(database.path, "credential")).toEqual([])
    expect(await save(one)).toMatchObject({ status: "unchanged" })
  })

  test("from a database that a client has open comes back beside the others", async () => {
    await save(one)
    database.database.run("pragma foreign_keys = on")
    database.database.run("delete from session where id in (?, ?)", [one, child])
    database.say(two, "still here")
    const { stdout, code } = await machine.run(["restore", one])
    expect([code, stdout]).toEqual([0, expect.stringContaining("each was read again")])
    expect(rowsOf(database.path, "session")).toHaveLength(3)
    database.say(one, "and it goes on")
    expect((await machine.run(["restore", one])).stdout).toContain("the session went on since: unchanged")
  })

  test("a row that differs there stops it: nothing is written, not even with --force", async () => {
    await save(one)
    database.database.run("update part set data = '{}' where session_id = ?", [one])
    database.database.run("delete from todo where session_id = ?", [one])
    for (const more of [[], ["--force"]]) {
      const { code, stderr } = await machine.run(["restore", one, ...more])
      expect([code, stderr]).toEqual([4, expect.stringContaining("another row of part")])
    }
    expect(rowsOf(database.path, "todo")).toHaveLength(2)
  })

  test("is not put into the database of an older client, which lacks a column", async () => {
    database.database.run("alter table part add column flavour text")
    await save(one)
    forget()
    new OpencodeDatabase(machine).add({ id: two })
    const { code, stderr } = await machine.run(["restore", one])
    expect([code, stderr]).toEqual([4, expect.stringContaining("no column part.flavour")])
  })

  test("is not put beside a log whose database is gone", async () => {
    await save(one)
    forget()
    machine.write(`${database.path}-wal`, "what may be the last sessions")
    const { code, stderr } = await machine.run(["restore", one])
    expect([code, stderr]).toEqual([4, expect.stringContaining("its database is not")])
  })

  test("--to gives a database that any SQLite tool reads", async () => {
    await save(one)
    const to = join(machine.root, "unpacked")
    expect((await machine.run(["restore", one, "--to", to])).code).toBe(0)
    expect(rowsOf(join(to, "opencode.db"), "session")).toHaveLength(2)
  })
})

test("what was said is found, live and in the archive, and shown", async () => {
  expect((await machine.run(["cx", "--live"])).code).toBe(0)
  expect((await machine.run(["cxq", "needle"])).stdout).toContain("find the «needle»")
  database.say(one, "now a thimble")
  expect((await machine.run(["cx", "--live"])).code).toBe(0)
  expect((await machine.run(["cxq", "thimble"])).stdout).toContain("now a «thimble»")
  expect((await machine.run(["cxq", "needle", "--json"])).json.hits).toHaveLength(2) // each once, though read twice
  await save(one)
  forget()
  expect((await machine.run(["cx"])).code).toBe(0)
  expect((await machine.run(["show", one])).stdout).toContain("find the needle")
  expect((await machine.run(["restore", one])).code).toBe(0)
  expect(existsSync(database.path)).toBe(true)
})

describe("older exports", () => {
  test("of which a newer one has every row unchanged are pruned", async () => {
    const { path } = await save(one)
    database.database.run("insert into todo values (?, 'one more', 1, 1, 1)", [one])
    await save(one)
    expect((await machine.run(["prune"])).code).toBe(0)
    expect(existsSync(path)).toBe(false)
  })

  test("with a row that was deleted since are kept", async () => {
    const { path } = await save(one)
    database.database.run("delete from todo where session_id = ?", [child])
    await save(one)
    await machine.run(["prune"])
    expect(existsSync(path)).toBe(true)
  })

  test("with a row that was written again since are kept, and the newer is restored", async () => {
    const { path } = await save(one)
    database.say(one, "more")
    const { path: newer } = await save(one)
    await machine.run(["prune"])
    expect(existsSync(path)).toBe(true)
    forget()
    const { json } = await machine.run(["restore", one, "--json"])
    expect(json.restore).toMatchObject({ export: newer })
  })
})
