import { afterEach, beforeEach, expect, test } from "bun:test"
import { chmodSync, mkdirSync, renameSync, symlinkSync } from "node:fs"
import { dirname } from "node:path"
import { Machine, tree } from "../fixtures/machine.ts"
import { conversation, sessionId } from "../fixtures/talk/conversation.ts"
import { brokenGuarantees, leftovers, notPrivate, pendingOf } from "./export-invariants.ts"

const day = 86_400_000
let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const exported = (json: { exports: { id: string }[] }) => json.exports.map(({ id }) => id).sort()

test("without a name it saves what runs, what crashed however long ago and what is about to be deleted", async () => {
  const client = await machine.client()
  machine.registry(client, sessionId(1))
  machine.transcript(sessionId(1), { age: 3 * day })
  machine.transcript(sessionId(2), { age: 2 * day, open: true })
  machine.transcript(sessionId(3), { age: 28 * day })
  machine.transcript(sessionId(4), { age: 12 * day, open: true })
  machine.transcript(sessionId(5), { age: 2 * day })
  const { code, json } = await machine.run(["--export", "--json"])
  expect(code).toBe(0)
  expect(exported(json)).toEqual([1, 2, 3, 4].map(sessionId))
  expect(json).toMatchObject({ schemaVersion: 1, failures: [], warnings: [] })
  expect(json.exports[0]).toEqual({
    id: expect.any(String),
    status: "verified",
    path: expect.stringMatching(
      /^\/.*\/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[0-9a-f-]{36}-LOSSLESS-session\.jsonl$/,
    ),
    manifest: expect.stringMatching(/^\/.*-LOSSLESS-session\.manifest\.json$/),
    bytes: expect.any(Number),
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    files: 1,
    missing: [],
  })
  expect([...brokenGuarantees(machine), ...leftovers(machine), ...notPrivate(machine.data)]).toEqual([])
})

test("--all saves everything there is", async () => {
  for (const number of [1, 2, 3]) machine.transcript(sessionId(number), { age: number * 12 * day })
  const { code, json } = await machine.run(["export", "--all", "--json"])
  expect([code, exported(json)]).toEqual([0, [1, 2, 3].map(sessionId)])
})

test("a client that has nothing on disk yet is no failure", async () => {
  const client = await machine.client()
  machine.registry(client, sessionId(1))
  const { code, json } = await machine.run(["export", String(client.pid), "--json"])
  expect([code, json.failures]).toEqual([0, []])
  expect(json.exports).toMatchObject([{ id: sessionId(1), status: "empty", path: null, manifest: null }])
})

test("nothing found and nothing named is done; a name that is not there is 3, an ambiguous one 2", async () => {
  expect((await machine.run(["export", "--json"])).json).toMatchObject({ exports: [], failures: [] })
  machine.transcript(sessionId(1))
  machine.transcript(sessionId(2))
  expect((await machine.run(["export", "pts/77", "--json"])).code).toBe(3)
  expect((await machine.run(["export", "a000", "--json"])).code).toBe(2)
  expect((await machine.run(["export", "--everything"])).code).toBe(2)
  expect((await machine.run(["export", sessionId(1)])).code).toBe(0)
})

test("one session that cannot be saved does not stop the others", async () => {
  const kept = machine.transcript(sessionId(1), { open: true })
  renameSync(kept, `${machine.root}/elsewhere`)
  symlinkSync(`${machine.root}/elsewhere`, kept)
  machine.transcript(sessionId(2), { open: true })
  const { code, json } = await machine.run(["export", sessionId(1), sessionId(2), "--json"])
  expect(code).toBe(1)
  expect(exported(json)).toEqual([sessionId(2)])
  expect(json.failures).toMatchObject([{ id: sessionId(1), code: "SOURCE_IS_LINK" }])
  expect(json.failures[0].hint).toContain("elsewhere")
})

test("one id in two folders is saved twice", async () => {
  machine.transcript(sessionId(1), { cwd: "/work/one" })
  machine.transcript(sessionId(1), {
    cwd: "/work/two",
    text: conversation({ id: sessionId(1), cwd: "/work/two", at: new Date() }),
  })
  const { code, json } = await machine.run(["export", "--all", "--json"])
  expect([code, exported(json)]).toEqual([0, [sessionId(1), sessionId(1)]])
  expect(json.exports[0].path).not.toBe(json.exports[1].path)
  expect([...brokenGuarantees(machine), ...leftovers(machine)]).toEqual([])
})

test("exporting writes nothing into the client's home", async () => {
  machine.transcript(sessionId(1))
  const before = tree(machine.home)
  await machine.run(["export", "--all"])
  expect(tree(machine.home)).toEqual(before)
})

test("a data folder that is a link is followed; a pending folder that is one is refused in words", async () => {
  machine.transcript(sessionId(1))
  const disk = `${machine.root}/disk`
  mkdirSync(disk)
  symlinkSync(disk, machine.data)
  expect((await machine.run(["export", "--all", "--json"])).json.exports[0].status).toBe("verified")
  expect(Object.keys(tree(disk)).length).toBe(3)
  const pending = pendingOf(machine)
  renameSync(pending, `${disk}/moved`)
  symlinkSync(`${disk}/moved`, pending)
  const linked = await machine.run(["export", "--all", "--json"])
  expect([linked.code, linked.json.failures[0].code]).toEqual([1, "UNSAFE_FOLDER"])
  expect(linked.json.failures[0].message).toContain("link")
})

test("a pending folder that everybody can write is refused with the command that mends it", async () => {
  machine.transcript(sessionId(1))
  mkdirSync(pendingOf(machine), { recursive: true })
  chmodSync(pendingOf(machine), 0o777)
  const { code, stdout } = await machine.run(["export", "--all"])
  expect(code).toBe(1)
  expect(stdout).toContain("can be written by everybody")
  expect(stdout).toContain("chmod 700")
  expect(dirname(pendingOf(machine))).toBe(machine.data)
})
