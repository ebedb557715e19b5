/** The flags that narrow, in each command that lists sessions. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"

const hour = 3_600_000
const [shop, notes, old] = [sessionId(1), sessionId(2), sessionId(3)]

let machine: Machine
beforeEach(() => {
  machine = new Machine()
  const folder = (name: string) => {
    const cwd = join(machine.root, "work", name)
    mkdirSync(cwd, { recursive: true })
    return cwd
  }
  machine.transcript(shop, { cwd: folder("Shop"), age: hour })
  machine.transcript(notes, { cwd: folder("notes"), age: 2 * hour })
  machine.transcript(old, { cwd: folder("Shop/old"), age: 100 * hour })
})
afterEach(() => machine.dispose())

async function resumed(...flags: string[]) {
  const { code, json } = await machine.run(["resume", "--json", ...flags])
  return { code, ids: json.resumes?.map((each: { id: string }) => each.id), ...json }
}

describe("resume", () => {
  test.each([
    ["--project shop", [shop, old]],
    ["--project work/notes", [notes]],
    ["--since 3h", [shop, notes]],
    ["--since 90m", [shop]],
    ["--state orphaned,HUNG", [shop, notes, old]],
    ["--state completed", []],
    ["--state closed", [shop, notes, old]],
    ["--state Crashed,asking", []],
    ["--agent claude", [shop, notes, old]],
    ["--unsaved --project shop", [shop, old]],
    ["--saved", []],
  ])("%s", async (flags, expected) => {
    const { code, ids, notShown, leftOff } = await resumed(...flags.split(" "))
    expect([code, ids, notShown, leftOff]).toEqual([0, expected, 3 - expected.length, 0])
  })

  test("a folder is that folder and what is below it, in any spelling", async () => {
    const work = join(machine.root, "work")
    expect((await resumed("--project", join(work, "Shop"))).ids).toEqual([shop, old])
    expect((await resumed("--project", join(work, "Sho"))).ids).toEqual([])
    expect(
      (await machine.run(["resume", "--json", "--project", "."], { cwd: join(work, "Shop/old") })).json
        .resumes,
    ).toMatchObject([{ id: old }])
  })

  test("what an export holds is saved, until it is written to", async () => {
    await machine.run(["export", shop])
    expect([(await resumed("--saved")).ids, (await resumed("--unsaved")).ids]).toEqual([[shop], [notes, old]])
    machine.transcript(shop, { cwd: join(machine.root, "work/Shop") })
    expect((await resumed("--saved")).ids).toEqual([])
  })

  test("what was cut off in a turn has crashed, until it is dismissed", async () => {
    const cut = sessionId(4)
    machine.transcript(cut, { cwd: join(machine.root, "work/notes"), age: 300 * hour, open: true })
    expect((await resumed("--state", "crashed")).ids).toEqual([cut])
    const { json } = await machine.run(["status", "--state", "crashed", "--json"])
    expect(json.sessions.map((each: { id: string }) => each.id)).toEqual([cut])
    expect((await machine.run(["dismiss", cut])).code).toBe(0)
    expect((await resumed("--state", "crashed")).ids).toEqual([])
    expect((await resumed("--state", "closed")).ids).toContain(cut)
  })

  test("a limit says how many more there are", async () => {
    expect(await resumed("--limit", "1")).toMatchObject({ ids: [shop], notShown: 2, leftOff: 2 })
    expect(await resumed("--limit", "1", "--project", "shop")).toMatchObject({ notShown: 2, leftOff: 1 })
    const { stdout } = await machine.run(["resume", "--limit", "1", "--project", "shop"])
    expect(stdout).toContain("\n1 older session matching --project shop not shown: --limit is 1\n")
  })

  test("nothing that matches is no error, but for a session that was named", async () => {
    const none = await machine.run(["resume", "--project", "nowhere", "--since", "2d"])
    expect([none.code, none.stderr]).toEqual([0, ""])
    expect(none.stdout).toContain("None of the 3 sessions found matches --project nowhere --since 2d.\n")
    expect(none.stdout).toContain("omit one of --project, --since, or list them all")
    const named = await machine.run(["resume", shop, "--since", "10m"])
    expect([named.code, named.stdout]).toEqual([3, ""])
    expect(named.stderr).toContain("the session named does not match --since 10m")
  })

  test.each([
    [["--state", "hang"], 'unknown state: "hang"', "use current, active, hung"],
    [["--state", "hung,"], 'unknown state: ""', "use current"],
    [["--since", "soon"], 'invalid time for --since: "soon"', "use a value such as"],
    [["--limit", "0"], 'invalid number for --limit: "0"', "at least 1"],
    [["--agent", "nobody"], 'unknown agent: "nobody"', "known: aider, claude-code"],
    [["--saved", "--unsaved"], "--saved and --unsaved exclude each other", "give one of them"],
  ])("%j is wrong usage", async (flags, message, hint) => {
    const { code, stderr } = await machine.run(["resume", ...flags])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    expect(stderr).toContain(hint)
  })
})

describe("export", () => {
  async function exported(...flags: string[]) {
    const { code, json } = await machine.run(["export", "--json", ...flags])
    return { code, ...json, ids: json.exports?.map((each: { id: string }) => each.id) }
  }

  test("of a project saves all of it, not only what is at risk", async () => {
    expect((await exported()).ids).toEqual([])
    expect(await exported("--project", "shop")).toMatchObject({
      code: 0,
      ids: [shop, old],
      notShown: 1,
      leftOff: 0,
    })
    expect((await exported("--unsaved")).ids).toEqual([notes])
    expect((await exported("--unsaved")).ids).toEqual([])
  })

  test("what a limit leaves off is said not to be saved", async () => {
    const { code, stdout } = await machine.run(["export", "--since", "5d", "--limit", "1"])
    expect(code).toBe(0)
    expect(stdout).toContain(
      "\nNOT SAVED 2 older sessions matching --since 5d (--limit is 1)\n1 session saved in ",
    )
    expect(await exported("--all", "--limit", "2")).toMatchObject({
      ids: [shop, notes],
      notShown: 1,
      leftOff: 1,
    })
  })

  test("of nothing that matches says so, and is no error", async () => {
    const { code, stdout } = await machine.run(["export", "--project", "nowhere"])
    expect([code, stdout]).toEqual([
      0,
      "None of the 3 sessions found matches --project nowhere.\nNext: list them all: session-rescue --status --all\n",
    ])
  })

  test("of named sessions leaves out what does not match, and says so", async () => {
    const some = await machine.run(["export", shop, old, "--since", "1d", "--json"])
    expect([some.code, some.json.exports.length]).toEqual([0, 1])
    expect(some.json.warnings).toEqual(["1 of the 2 sessions named does not match --since 1d"])
    const none = await machine.run(["export", old, "--since", "1d"])
    expect([none.code, none.stdout]).toEqual([3, ""])
  })
})

describe("list", () => {
  async function listed(...flags: string[]) {
    const { code, json } = await machine.run(["list", "--json", ...flags])
    return { code, ...json, ids: json.exports?.map((each: { id: string }) => each.id).toSorted() }
  }
  beforeEach(async () => {
    expect((await machine.run(["export", "--all"])).code).toBe(0)
    machine.write(join(machine.data, "sessions-export-pending-anthropic/copied.jsonl"), "{}\n")
  })

  test.each([
    ["--project shop", [shop, old]],
    ["--since 3h", [shop, notes]],
    ["--state Orphaned", [shop, notes, old]],
    ["--state hung", []],
    ["--agent claude --since 90m", [shop]],
  ])("%s", async (flags, expected) => {
    const { code, ids, notShown, leftOff } = await listed(...flags.split(" "))
    expect([code, ids, notShown, leftOff]).toEqual([0, expected, 4 - expected.length, 0])
  })

  test("a limit says how many more there are, and nothing that matches is no error", async () => {
    expect(await listed("--limit", "3")).toMatchObject({ notShown: 1, leftOff: 1 })
    expect((await machine.run(["list", "--limit", "1", "--project", "shop"])).stdout).toContain(
      "\n1 older export matching --project shop not shown: --limit is 1\n",
    )
    const none = await machine.run(["list", "--state", "hung"])
    expect([none.code, none.stdout]).toEqual([
      0,
      "None of the 4 exports found matches --state hung.\nNext: list them all: session-rescue list\n",
    ])
  })

  test("an export that was named and does not match is an error, as is an unknown agent", async () => {
    expect((await machine.run(["list", notes, "--project", "shop"])).code).toBe(3)
    const need = await machine.run(["list", "--state", "crashed"])
    expect([need.code, need.stderr]).toEqual([2, expect.stringContaining('"crashed" is not recorded')])
    const unknown = await machine.run(["list", "--agent", "nobody"])
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("known: aider, claude-code")])
  })
})
