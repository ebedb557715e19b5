/**
 * Row 27. Broken: an export of rows of a database. Injected: KILL, errors and false results at its steps; a client that commits all
 * the time. Held: whole or absent, and of one commit; a rerun.
 */
import { Database } from "bun:sqlite"
import { afterAll, beforeAll, expect, test } from "bun:test"
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { OpencodeDatabase, sessionName } from "../../fixtures/agents/opencode.ts"
import { Machine } from "../../fixtures/machine.ts"
import { injected } from "../harness/counters.ts"
import { type Fault, traced } from "../harness/inject.ts"
import { some } from "../harness/sample.ts"
import { documentOf } from "../harness/target.ts"
import { able } from "../tools.ts"

const ready = able("27", "strace")
const id = sessionName(1)
const args = ["export", id, "--json"]
let machine: Machine
let database: OpencodeDatabase
/** What is to be saved. */
let whole: Buffer

beforeAll(async () => {
  machine = new Machine()
  database = new OpencodeDatabase(machine)
  database.add({ id, said: "x".repeat(300_000) })
  database.add({ id: sessionName(2), parent: id })
  const { json } = await machine.run(args)
  whole = readFileSync(json.exports[0].path)
})
afterAll(() => machine.dispose())

const pending = () => join(machine.data, "sessions-export-pending-opencode")
const fresh = () => rmSync(machine.data, { recursive: true, force: true })

function published(): readonly Buffer[] {
  const names = existsSync(pending()) ? readdirSync(pending()) : []
  return names
    .filter((name) => /^[^.].*\.jsonl$/.test(name))
    .map((name) => readFileSync(join(pending(), name)))
}

async function broken(fault: Fault): Promise<string[]> {
  fresh()
  const { answer, hit } = await traced(
    machine,
    args,
    [fault.call, "kill", "tkill", "pidfd_send_signal"],
    [fault],
  )
  const wrong: string[] = hit ? [] : ["the fault missed"]
  const status = documentOf(answer)?.exports?.[0]?.status
  if (!published().every((each) => each.equals(whole))) wrong.push("what is published is not it")
  if (status === "verified" && published().length !== 1) wrong.push("verified, and not there")
  if (status === "verified" && fault.call === "fsync" && fault.effect.startsWith("error="))
    wrong.push("not flushed")
  if (answer.code === 0 && status !== "verified") wrong.push(`exit 0, and ${status}`)
  const again = await machine.run(args)
  if (again.code !== 0 || !published().every((each) => each.equals(whole)))
    wrong.push(`the rerun: ${again.stdout}`)
  const left = readdirSync(pending()).filter((name) => name.startsWith("."))
  if (left.length > 0) wrong.push(`left over: ${left}`)
  injected("27", 1, wrong.length > 0 ? 1 : 0)
  return wrong.map((what) => `${fault.call} #${fault.when} ${fault.effect}: ${what}`)
}

const effects: Record<string, readonly string[]> = {
  ...{ mkdir: ["signal=SIGKILL", "error=ENOSPC"], link: ["signal=SIGKILL", "error=EIO"] },
  ...{ fsync: ["signal=SIGKILL", "error=EIO"], unlinkat: ["signal=SIGKILL"] },
  pwrite64: ["signal=SIGKILL", "error=ENOSPC", "retval=4096", "retval=1"],
  pread64: ["signal=SIGKILL", "error=EIO", "retval=100"],
}

test.if(ready).each(Object.entries(effects))("%s breaks", async (call, ways) => {
  fresh()
  const { answer, calls } = await traced(machine, args, [call])
  expect(documentOf(answer)?.exports[0]?.status).toBe("verified")
  const steps = some(calls.filter(({ line }) => line.includes(machine.data)))
  expect([call, steps.length > 0]).toEqual([call, true])
  const wrong: string[] = []
  for (const { when } of steps)
    for (const effect of ways) wrong.push(...(await broken({ call, when, effect })))
  expect(wrong).toEqual([])
})

/** Each time one more message, and their number as the session's title. */
const committing = `
import { Database } from "bun:sqlite"
const [path, session] = process.argv.slice(2)
const database = new Database(path)
database.run("pragma busy_timeout = 10000")
const count = database.query("select count(*) as count from message where session_id = ?")
const add = database.transaction((number) => {
  const data = JSON.stringify({ role: "user", time: { created: number } })
  database.run("insert into message values (?, ?, ?, ?, ?)", ["msg_w" + number, session, number, number, data])
  database.run("update session set title = ? where id = ?", [count.get(session).count + " messages", session])
})
for (let number = 1; ; number++) {
  add(number)
  if (number === 1) console.log("begun")
  await Bun.sleep(1)
}
`

test.if(ready)("a client that commits all the time: each export is of one commit", async () => {
  const script = machine.write(join(machine.root, "committing.ts"), committing)
  const writer = Bun.spawn([process.execPath, script, database.path, id], {
    stdout: "pipe",
    stderr: "inherit",
  })
  try {
    await writer.stdout.getReader().read() // it has begun
    for (let round = 0; round < 5; round++) {
      fresh()
      const { json, stderr } = await machine.run(args)
      expect([stderr, json?.exports?.[0]?.status]).toEqual([stderr, "verified"])
      const rows = readFileSync(json.exports[0].path, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line))
      const [session] = rows.filter(({ table, row }) => table === "session" && row.id === id)
      const said = rows.filter(({ table, session: of }) => table === "message" && of === undefined)
      // each commit adds a message, and says in the session's title how many there are
      expect(session.row.title).toBe(`${said.length} messages`)
      injected("27", 1, 0)
    }
  } finally {
    writer.kill()
    await writer.exited
  }
  expect(new Database(database.path, { readonly: true }).query("pragma integrity_check").get()).toEqual({
    integrity_check: "ok",
  })
})
