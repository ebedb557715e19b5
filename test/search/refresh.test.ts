/** A question reads what is new before it is answered; what takes too long is read behind it. */
import { Database } from "bun:sqlite"
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { binary } from "../fixtures/machine.ts"
import { assistant, record, user } from "../fixtures/talk/conversation.ts"
import { writeMessages } from "../fixtures/talk/messages.ts"
import { until } from "../fixtures/until.ts"
import { Talks } from "./conversations.ts"

let machine: Talks
beforeEach(() => {
  machine = new Talks()
})
afterEach(() => machine.dispose())

/** More than can be read within 300 ms on any machine there is. */
const muchMessages = 40_000
const much = (seed: number) =>
  writeMessages(machine.claude, {
    ...{ seed, messages: muchMessages, perSession: 10_000, from: new Date("2026-02-01T00:00:00Z") },
    needles: new Map([[3, "oldneedle"]]),
  })
const lock = () => join(dirname(machine.database), "session-rescue.db.reading.lock")
const settled = () =>
  until("all is read", async () => (await machine.ask("firstneedle")).json.index?.refresh === "done")

describe("what is new is found at once", () => {
  test("a new session, one that has grown, a subagent's file", async () => {
    const talk = machine.talk(1)
    const path = machine.say(talk, [user("go")])
    await machine.read()
    machine.say(machine.talk(2), [user("newneedle")])
    appendFileSync(path, record(talk, 5, assistant("grownneedle")))
    machine.subagent(talk, "x", [user("subneedle")])
    for (const needle of ["newneedle", "grownneedle", "subneedle"]) {
      const { json } = await machine.ask(needle)
      expect(json.index).toEqual({
        ...{ refresh: "done", asOf: expect.any(String), left: { files: 0, bytes: 0 }, why: null },
      })
      expect([needle, json.total]).toEqual([needle, 1])
    }
    const { stderr } = await machine.run(["cxq", "newneedle"])
    expect(stderr).toBe("")
  })

  test.each(["--recent 5", "--commands", "--files", "--errors", "--tokens"])(
    "%s asks what is new, too",
    async (typed) => {
      const args = typed.split(" ")
      machine.say(machine.talk(1), [user("go"), assistant("gone")])
      const { code, json } = await machine.ask(...args)
      expect([code, existsSync(machine.database)]).toEqual([json.error === undefined ? 0 : 3, true])
      const { json: stats } = await machine.ask("--stats")
      expect(stats.parts).toBe(2)
    },
  )

  test("--no-refresh asks it as it is; --fresh and it exclude one another", async () => {
    machine.say(machine.talk(1), [user("firstneedle")])
    await machine.read()
    machine.say(machine.talk(2), [user("secondneedle")])
    const { code, json } = await machine.ask("secondneedle", "--no-refresh")
    expect([code, json.error.code]).toEqual([3, "NOTHING_FOUND"])
    const { json: first } = await machine.ask("firstneedle", "--no-refresh")
    expect(first.index).toEqual({ refresh: "off", asOf: null, left: null, why: null })
    expect((await machine.ask("secondneedle", "--fresh")).json.total).toBe(1)
    expect((await machine.ask("x", "--fresh", "--no-refresh")).code).toBe(2)
  })
})

describe("no index yet", () => {
  test("one is made, and that is said", async () => {
    machine.say(machine.talk(1), [user("firstneedle")])
    const { code, stdout, stderr } = await machine.run(["cxq", "firstneedle"])
    expect([code, stdout]).toEqual([0, expect.stringContaining("«firstneedle»")])
    expect(stderr).toStartWith("There is no index yet: indexing every session.")
    expect((await machine.run(["cxq", "firstneedle"])).stderr).toBe("")
  })

  test("what is saved is read into it as well, and nothing is archived by that", async () => {
    const path = machine.say(machine.talk(1), [user("savedneedle")])
    await machine.run(["export", "--all"])
    rmSync(path)
    const { json } = await machine.ask("savedneedle")
    expect([json.total, json.hits[0].source.place]).toEqual([1, "pending"])
    expect(readdirSync(machine.pending).length).toBeGreaterThan(0)
    expect(existsSync(machine.archive)).toBe(false)
  })

  test("two at once: one makes it, the other waits for it, and both answer", async () => {
    much(1)
    const both = await Promise.all([machine.ask("oldneedle"), machine.ask("oldneedle")])
    expect(both.map(({ code, json }) => [code, json.total])).toEqual([
      [0, 1],
      [0, 1],
    ])
    const { parts, sources } = (await machine.ask("--stats")).json
    expect([parts, sources.present]).toEqual([muchMessages, muchMessages / 10_000])
  })

  test("stopped on the way, it goes on where it was when it is asked again", async () => {
    much(1)
    const program = machine.start([binary, "cxq", "oldneedle"], {
      env: { SESSION_RESCUE_DATA: machine.data },
    })
    await until("it has begun", () => existsSync(machine.database))
    await program.end("SIGINT")
    expect(await program.exited).toBe(130)
    await until("all is read", async () => (await machine.ask("oldneedle")).json.index?.refresh === "done")
    expect((await machine.ask("oldneedle")).json.total).toBe(1)
  })
})

describe("more than can be read meanwhile", () => {
  beforeEach(async () => {
    machine.say(machine.talk(1), [user("firstneedle")])
    await machine.read()
    much(2)
  })

  test("the answer comes at once, says how old it is, and the rest is read behind it", async () => {
    const { code, json } = await machine.ask("firstneedle")
    expect([code, json.total]).toEqual([0, 1])
    expect(json.index).toMatchObject({ refresh: "in-background", asOf: expect.any(String), why: null })
    expect(json.index.left.files).toBeGreaterThan(0)
    expect(json.index.left.bytes).toBeGreaterThan(1_000_000)
    await settled()
    expect((await machine.ask("oldneedle")).json.total).toBe(1)
    expect(existsSync(lock())).toBe(false)
  })

  test("a person is told in words, and how to wait for it", async () => {
    const { stdout, stderr } = await machine.run(["cxq", "firstneedle"])
    expect(stdout).toContain("«firstneedle»")
    expect(stderr).toMatch(
      /^note: The index is current as of \d{4}-\d\d-\d\d \d\d:\d\d, [\w ]+: \d files? \([\d.]+ [MG]B\) had more\. It is being indexed in the background; cxq --fresh waits for it\.\n$/,
    )
    const fresh = await machine.ask("oldneedle", "--fresh")
    expect([fresh.json.total, fresh.json.index.refresh]).toEqual([1, "done"])
  })

  test("asked again meanwhile, it says that another run is at it, and no second one is started", async () => {
    await machine.ask("firstneedle")
    const states = new Set<string>()
    await until("all is read", async () => {
      const { json, code } = await machine.ask("firstneedle")
      expect([code, json.total]).toEqual([0, 1])
      states.add(json.index.refresh)
      return json.index.refresh === "done"
    })
    expect([...states].filter((each) => !["done", "other-run", "in-background"].includes(each))).toEqual([])
    const { parts } = (await machine.ask("--stats")).json
    expect(parts).toBe(muchMessages + 1)
  })

  test.skipIf(process.platform !== "linux")(
    "the one in the background is killed: the next question goes on from there, nothing is there twice",
    async () => {
      await machine.ask("firstneedle")
      await until("there is one", () => readers(machine.data).length > 0)
      for (const pid of readers(machine.data)) process.kill(pid, "SIGKILL")
      const { code, json } = await machine.ask("firstneedle")
      expect([code, json.total]).toEqual([0, 1])
      await settled()
      const { parts } = (await machine.ask("--stats")).json
      expect([parts, (await machine.ask("oldneedle")).json.total]).toEqual([muchMessages + 1, 1])
    },
  )
})

describe("what keeps it from being read", () => {
  test("another process writes: the answer does not wait for it", async () => {
    machine.say(machine.talk(1), [user("firstneedle")])
    await machine.read()
    machine.say(machine.talk(2), [user("secondneedle")])
    const other = new Database(machine.database)
    other.run("begin immediate")
    const { code, json } = await machine.ask("firstneedle")
    expect([code, json.total, json.index.refresh]).toEqual([0, 1, "other-run"])
    expect((await machine.run(["cxq", "firstneedle"])).stderr).toContain("another run is updating it")
    other.run("rollback")
    other.close()
    expect((await machine.ask("secondneedle")).json.total).toBe(1)
  })

  test("a lock that cannot be taken: the old index answers, and why it is old is said", async () => {
    machine.say(machine.talk(1), [user("firstneedle")])
    await machine.read()
    machine.say(machine.talk(2), [user("secondneedle")])
    mkdirSync(lock())
    const { code, json } = await machine.ask("firstneedle")
    expect([code, json.total, json.index.refresh]).toEqual([0, 1, "failed"])
    expect(json.index.why).toContain("session-rescue.db")
    expect((await machine.run(["cxq", "firstneedle"])).stderr).toContain("cannot be brought up to date: ")
  })
})

/** The processes that read into that index in the background. */
function readers(data: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isReader(pid, data))
}

function isReader(pid: number, data: string): boolean {
  try {
    const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, "utf8")
    return read("cmdline").includes("\0refresh-index\0") && read("environ").includes(data)
  } catch {
    return false
  }
}
