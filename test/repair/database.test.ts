/** `doctor` and `repair` of OpenCode's database, in the compiled program. */
import { Database } from "bun:sqlite"
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { copyFileSync, existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { OpencodeDatabase, sessionName } from "../fixtures/agents/opencode.ts"
import { Machine, tree } from "../fixtures/machine.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const sessions = 40
const pageBytes = 4096

/** A database with some conversations, all of it in its file. */
function filled(): string {
  const made = new OpencodeDatabase(machine)
  for (let number = 1; number <= sessions; number++)
    made.add({ id: sessionName(number), said: `please mend page ${number} ${"x".repeat(900)}` })
  made.database.run("pragma wal_checkpoint(truncate)")
  made.close()
  return made.path
}

const allOf = (path: string, table: string) => {
  const database = new Database(path, { readonly: true })
  const rows = database.query<Record<string, unknown>, []>(`select * from ${table}`).all()
  database.close()
  return rows
}
/** Pages of a table that hold rows. */
function leavesOf(path: string, table: string): readonly number[] {
  const database = new Database(path, { readonly: true })
  const sql = "select pageno from dbstat where name = ? and pagetype = 'leaf' order by pageno"
  const pages = database.query<{ pageno: number }, [string]>(sql).all(table)
  database.close()
  return pages.map(({ pageno }) => pageno)
}

test("a database that is whole is sound, and looking leaves nothing", async () => {
  const path = filled()
  const before = tree(machine.home)
  const said = await machine.run(["doctor", path])
  expect([said.code, said.stderr]).toEqual([0, ""])
  expect(said.stdout).toContain(`message   ${2 * sessions} rows`)
  expect([tree(machine.home), existsSync(machine.data)]).toEqual([before, false])
})

describe("pages that cannot be read", () => {
  test("every other row is in the new database, what is missing is counted, and the pages are kept", async () => {
    const path = filled()
    const whole = { part: allOf(path, "part"), message: allOf(path, "message") }
    const [, page = 0] = leavesOf(path, "part")
    const bytes = readFileSync(path).fill(0x7a, (page - 1) * pageBytes, page * pageBytes)
    machine.write(path, bytes)
    const said = await machine.run(["repair", path, "--json"])
    expect([said.code, said.stderr]).toEqual([0, ""])
    const { database, copy } = said.json
    expect(database).toMatchObject({
      ...{ needsRepair: true, damagedPages: [page], sound: true, notCreated: [], strayRows: [] },
      proof: { holds: true, lost: 0, odd: 0, isWhole: true, unread: null },
    })
    const now = join(copy.folder, "opencode.db")
    const part = database.tables.find(({ name }: { name: string }) => name === "part")
    expect(part.missing).toBeGreaterThan(0)
    expect(part.rows + part.missing).toBe(whole.part.length)
    expect(allOf(now, "message")).toEqual(whole.message)
    const ids = new Set(allOf(now, "part").map(({ id }) => id))
    expect(allOf(now, "part")).toEqual(whole.part.filter(({ id }) => ids.has(id)))
    expect(allOf(now, "credential")).toEqual([{ id: "c1", value: "a-secret-key" }])
    const beside = readFileSync(join(copy.folder, "unreadable-pages.bin"))
    expect(beside.equals(bytes.subarray((page - 1) * pageBytes, page * pageBytes))).toBe(true)
    expect(readFileSync(path).equals(bytes)).toBe(true)
    expect((await machine.run(["doctor", now])).code).toBe(0)
  })

  test("a dry run and doctor say the same, and write nothing", async () => {
    const path = filled()
    const [page = 0] = leavesOf(path, "message")
    machine.write(path, readFileSync(path).fill(0, (page - 1) * pageBytes, page * pageBytes))
    const before = tree(machine.home)
    const doctor = await machine.run(["doctor", path])
    expect([doctor.code, doctor.stdout]).toEqual([
      1,
      expect.stringContaining("1 page that cannot be read whole"),
    ])
    expect(doctor.stdout).toMatch(/message {3}\d+ rows, \d+ more are known to be missing/)
    const dry = await machine.run(["repair", path, "--dry-run"])
    expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining("Nothing was changed.")])
    expect([tree(machine.home), existsSync(machine.data)]).toEqual([before, false])
  })

  test("without its inner page the rows of a table are found page by page", async () => {
    const path = filled()
    const whole = allOf(path, "part")
    const database = new Database(path, { readonly: true })
    const [root] = database
      .query<{ rootpage: number }, []>("select rootpage from sqlite_master where name = 'part'")
      .all()
    database.close()
    const at = ((root?.rootpage ?? 0) - 1) * pageBytes
    machine.write(path, readFileSync(path).fill(0, at, at + pageBytes))
    const { json } = await machine.run(["repair", path, "--json"])
    expect(allOf(join(json.copy.folder, "opencode.db"), "part")).toEqual(whole)
  })
})

test("of a file that was cut off, the rows before the end are there", async () => {
  const path = filled()
  const bytes = readFileSync(path)
  machine.write(path, bytes.subarray(0, Math.floor(bytes.length * 0.6) + 700))
  const said = await machine.run(["repair", path, "--json"])
  expect([said.code, said.json.database.sound, said.json.database.proof.holds]).toEqual([0, true, true])
  expect(said.json.database.cutOffWithinPage).toBeGreaterThan(0)
  expect(said.json.database.proof.records).toBeGreaterThan(0)
})

test("its first bytes gone, nothing else is lost", async () => {
  const path = filled()
  const whole = allOf(path, "part")
  machine.write(path, readFileSync(path).fill(0, 0, 100))
  const said = await machine.run(["repair", path, "--json"])
  expect([said.code, said.json.database.hasHeader]).toEqual([0, false])
  expect(allOf(join(said.json.copy.folder, "opencode.db"), "part")).toEqual(whole)
})

test("what was written behind a tear of the log, which SQLite ignores, is there", async () => {
  const made = new OpencodeDatabase(machine)
  for (let number = 1; number <= sessions; number++) made.add({ id: sessionName(number) })
  const path = join(machine.root, "torn/opencode.db")
  machine.write(path, "")
  for (const end of ["", "-wal"]) copyFileSync(`${made.path}${end}`, `${path}${end}`)
  made.close()
  const log = readFileSync(`${path}-wal`)
  const frameBytes = pageBytes + 24
  const frames = Math.floor((log.length - 32) / frameBytes)
  const at = 32 + frameBytes * Math.floor(frames * 0.7) + 1000
  machine.write(`${path}-wal`, log.fill(0x55, at, at + 50))
  const said = await machine.run(["repair", path, "--json"])
  expect(said.json.database.tornFrames).toBe(1)
  expect([said.code, said.json.database.proof.lost]).toEqual([0, 0])
  const ids = allOf(join(said.json.copy.folder, "opencode.db"), "session").map(({ id }) => id)
  expect(ids).toContain(sessionName(sessions))
})

test("nothing that says which tables there were: refused, with what else helps", async () => {
  const path = machine.write(join(machine.root, "empty.db"), Buffer.alloc(8 * pageBytes))
  const said = await machine.run(["repair", path])
  expect([said.code, said.stderr]).toEqual([3, expect.stringContaining("restore --all")])
  expect(existsSync(join(machine.data, "repaired/empty.db"))).toBe(false)
})

test("a session's id stands for the database that holds it", async () => {
  const path = filled()
  const said = await machine.run(["doctor", sessionName(1), "--json"])
  expect([said.code, said.json.database.path]).toEqual([0, path])
})
