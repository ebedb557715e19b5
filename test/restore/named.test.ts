/** An export is named by what its session is called, too; and so is a session that is only read. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { rmSync } from "node:fs"
import { Machine } from "../fixtures/machine.ts"
import { conversation, sessionId } from "../fixtures/talk/conversation.ts"

let machine: Machine
beforeEach(async () => {
  machine = new Machine()
  titled(one, "Mend the login page", "/work/shop")
  titled(two, "Mend the logout page", "/work/shop")
  titled(three, "Count the boxes", "/work/store")
  expect((await machine.run(["export", "--all"])).code).toBe(0)
})
afterEach(() => machine.dispose())

const [one, two, three] = [sessionId(1), sessionId(2), sessionId(3)]

function titled(id: string, title: string, cwd: string): string {
  const custom = `${JSON.stringify({ type: "custom-title", customTitle: title, sessionId: id })}\n`
  return machine.transcript(id, { cwd, text: conversation({ id, cwd, at: new Date() }) + custom })
}

const names: [string, string, string | null][] = [
  ["its title", "count the BOXES", three],
  ["a piece of its title", "logout", two],
  ["its folder", "/work/store", three],
  ["its folder's name", "store", three],
  ["two sessions' folder", "/work/shop", null],
  ["two sessions' beginning", "mend the log", null],
]

test.each(names)("restore, list and verify by %s", async (_, name, id) => {
  rmSync(machine.claude, { recursive: true })
  const restored = await machine.run(["restore", name, "--json", "--dry-run"])
  const listed = await machine.run(["list", name, "--json"])
  const verified = await machine.run(["verify", name, "--json"])
  if (id !== null) {
    expect([restored.code, restored.json.restore.id]).toEqual([0, id])
    for (const { json } of [listed, verified])
      expect(json.exports.map((each: { id: string }) => each.id)).toEqual([id])
    return
  }
  for (const [verb, { code, json }] of Object.entries({
    restore: restored,
    list: listed,
    verify: verified,
  })) {
    expect([verb, code, json.error.code]).toEqual([verb, 2, "AMBIGUOUS"])
    expect(json.error.message).toContain(
      `  session-rescue ${verb} ${one.slice(0, 8)}   Mend the login page · /work/shop · ${one}`,
    )
  }
})

test("a transcript that is gone names its export by the path it had", async () => {
  const path = machine.transcriptPath(three, "/work/store")
  rmSync(path)
  const { code, json } = await machine.run(["restore", path, "--json"])
  expect([code, json.restore.id, await Bun.file(path).exists()]).toEqual([0, three, true])
})

test.each(names)("show by %s, there or only saved", async (_, name, id) => {
  for (const where of ["home", "export"]) {
    if (where === "export") rmSync(machine.claude, { recursive: true })
    const { code, stdout, stderr } = await machine.run(["show", name])
    if (id !== null) expect([where, code, stdout.includes(id)]).toEqual([where, 0, true])
    else expect([where, code, stderr.includes("  session-rescue show ")]).toEqual([where, 2, true])
  }
})

test("cxq looks in the session of a title, a folder or a terminal only", async () => {
  expect((await machine.run(["cx"])).code).toBe(0)
  const { code, json } = await machine.run(["cxq", "login", "--session", "count the boxes", "--json"])
  expect([code, json.hits.map((hit: { session: string }) => hit.session)]).toEqual([0, [three]])
  const both = await machine.run(["cxq", "the", "--session", `count the boxes,${one}`, "--json"])
  expect(new Set(both.json.hits.map((hit: { session: string }) => hit.session))).toEqual(
    new Set([one, three]),
  )
  expect((await machine.run(["cxq", "login", "--session", "nothing of that"])).code).toBe(2)
  expect((await machine.run(["cxq", "login", "--session", `${one},nothing of that`])).code).toBe(2)
})

test("what nothing is called is not found", async () => {
  for (const verb of ["restore", "list", "verify", "show"])
    expect([verb, (await machine.run([verb, "nothing of that"])).code]).toEqual([verb, 3])
})
