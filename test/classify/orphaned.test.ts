import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
} from "node:fs"
import { join } from "node:path"
import { Machine } from "../fixtures/machine.ts"
import { assistant, conversation, record, sessionId, user } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(1)
const day = 86_400_000

async function status(...args: string[]) {
  const { json, code } = await machine.run(["status", "--json", ...args])
  expect(code).toBe(0)
  return json
}
async function only(...args: string[]) {
  const { sessions } = await status(...args)
  expect(sessions).toHaveLength(1)
  return sessions[0]
}

test("a session whose client exited cleanly is closed, or ended mid-turn", async () => {
  machine.transcript(id)
  expect(await only()).toMatchObject({ state: "ORPHANED", detail: "closed", pid: null, flags: [] })
  machine.transcript(id, { open: true })
  expect(await only()).toMatchObject({ state: "ORPHANED", detail: "ended mid-turn" })
})

describe("what 2.1.197 writes at its end tells a crash from a leaving, once its registry file is swept away", () => {
  const at = new Date(Date.now() - 60_000)
  const talk = { id, cwd: "/work/one", at, version: "2.1.197" }
  const exitRecord = (leafUuid: string) =>
    `${JSON.stringify({ type: "last-prompt", leafUuid, sessionId: id })}\n`
  const typed = (display: string) =>
    machine.write(join(machine.claude, "history.jsonl"), `${JSON.stringify({ display, sessionId: id })}\n`)
  const detail = async (text: string) => {
    machine.transcript(id, { text })
    return (await only()).detail
  }

  test("without an exit record it crashed", async () => {
    expect(await detail(conversation(talk))).toBe("crashed")
    expect(await detail(conversation({ ...talk, ended: false }))).toBe("crashed mid-turn")
    expect(await detail(exitRecord("an-earlier-message") + conversation(talk))).toBe("crashed")
  })

  test("with one it was closed, or ended in the middle of a turn", async () => {
    expect(await detail(conversation(talk) + exitRecord("x"))).toBe("closed")
    expect(await detail(conversation({ ...talk, ended: false }) + exitRecord("x"))).toBe("ended mid-turn")
  })

  test("in 2.1.280 and later the costs follow: those after the newest message are of this leaving", async () => {
    const last = conversation({ ...talk, version: "2.1.332", ended: false })
    const costs = `${JSON.stringify({ type: "cost-state", sessionId: id })}\n`
    expect(await detail(last + exitRecord("x") + costs)).toBe("ended mid-turn")
    expect(await detail(exitRecord("x") + costs + last)).toBe("crashed mid-turn")
  })

  test("there it also follows every turn: alone it proves nothing, and nothing is said of it", async () => {
    for (const [version, tells] of [
      ["2.1.197", true],
      ["2.1.332", false],
    ] as const) {
      machine.transcript(id, { text: conversation({ ...talk, version }) + exitRecord("x") })
      const { detail, evidence } = await only()
      const signals = evidence.map(({ signal }: { signal: string }) => signal)
      expect([version, detail, signals.includes("exit")]).toEqual([version, "closed", tells])
    }
  })

  test("an exit record that names the newest message may have changed places with it", async () => {
    const newest = record(talk, 1, assistant("It is mended."))
    const { uuid } = JSON.parse(newest)
    expect(await detail(record(talk, 0, user("mend it")) + exitRecord(uuid) + newest)).toBe("closed")
  })

  test.each(["/clear", "/exit", "/resume"])("left by %s it needs no exit record", async (command) => {
    typed(command)
    expect(await detail(conversation(talk))).toBe("closed")
  })
})

test("a folder without a transcript: subagents only", async () => {
  const folder = machine.transcriptPath(id, "/work/one").replace(/\.jsonl$/, "")
  machine.write(join(folder, "subagents/agent-1.jsonl"), "{}\n")
  mkdirSync(machine.transcriptPath(sessionId(2), "/work/one").replace(/\.jsonl$/, "/empty/folders"), {
    recursive: true,
  })
  expect(await only()).toMatchObject({ id, detail: "subagents only", transcript: null, footprintFiles: 1 })
})

describe("a transcript that grows without a process here is written from elsewhere", () => {
  const write = async () => {
    const path = machine.transcript(id)
    machine.start(["sh", "-c", `while :; do echo '{"type":"progress"}' >>'${path}'; sleep 0.02; done`])
    const size = Bun.file(path).size
    await until("it to grow", () => Bun.file(path).size > size)
  }

  test("alone", async () => {
    await write()
    expect(await only()).toMatchObject({ state: "ORPHANED", detail: "written from elsewhere" })
  })

  test("also while another session is hung and looked at twice", async () => {
    machine.registry(await machine.client(), sessionId(2), {
      status: "busy",
      statusUpdatedAt: Date.now() - day,
    })
    machine.transcript(sessionId(2), { open: true })
    await write()
    const { sessions } = await status("--hung-after", "1ms")
    expect(sessions.map((each: { detail: string }) => each.detail).toSorted()).toEqual([
      "silent mid-turn",
      "written from elsewhere",
    ])
  })
})

describe("what the client is about to delete", () => {
  const settings = (text: string) => machine.write(join(machine.claude, "settings.json"), text)
  const flags = async (age: number) => {
    machine.transcript(id, { age: age * day })
    return (await only("--all")).flags
  }

  test("is known from its default of 30 days", async () => {
    expect(await flags(24)).toEqual(["purge-soon"])
    expect(await flags(22)).toEqual([])
    const { stdout } = await machine.run(["status", "--all"])
    expect(stdout).not.toContain("purge")
  })

  test.each([
    ['{"cleanupPeriodDays":8}', 2, 0],
    ['{"cleanupPeriodDays":0}', 0, null],
    ['{"cleanupPeriodDays":99999}', null, 400],
    ['{"cleanupPeriodDays":1e999}', null, 400],
    ['{"cleanupPeriodDays":-1}', 24, 22],
    ['{"cleanupPeriodDays":"7"}', 24, 22],
    ["{nonsense", 24, 22],
    ["null", 24, 22],
    ["", 24, 22],
  ])("settings.json %s: soon after %p days, not yet after %p", async (text, soon, notYet) => {
    settings(text)
    if (soon !== null) expect(await flags(soon)).toEqual(["purge-soon"])
    if (notYet !== null) expect(await flags(notYet)).toEqual([])
  })

  test("long overdue says so", async () => {
    expect(await flags(400)).toEqual(["purge-soon"])
    expect((await machine.run(["status"])).stdout).toContain("deleted at next start")
  })
})

describe("times in the future", () => {
  test("are marked, believed by nobody, and never give a negative age", async () => {
    const path = machine.transcript(id)
    utimesSync(path, new Date("2099-01-01"), new Date("2099-01-01"))
    const json = await status()
    expect(json.sessions[0]).toMatchObject({ state: "ORPHANED", detail: "closed", flags: ["clock"] })
    expect(Date.parse(json.sessions[0].lastActivity)).toBeLessThanOrEqual(Date.parse(json.generatedAt))
    const { stdout } = await machine.run(["status", "--explain"])
    expect(stdout).not.toMatch(/-\d+ (s|min|h|days)|NaN/)
  })

  test("of a few seconds are another clock's and taken as now", async () => {
    const soon = Date.now() / 1000 + 30
    const text = conversation({ id, cwd: "/work/one", at: new Date(soon * 1000 + 9_000) })
    utimesSync(machine.transcript(id, { text }), soon, soon)
    const { sessions, generatedAt } = await status()
    expect(sessions[0]).toMatchObject({ flags: [], lastActivity: generatedAt })
  })

  test("do not keep a silent client from being HUNG", async () => {
    const later = Date.parse("2099-01-01")
    const client = await machine.client()
    machine.registry(client, id, { status: "busy", statusUpdatedAt: later, updatedAt: later })
    const path = machine.transcript(id, { open: true, age: 3_600_000 })
    utimesSync(path, later / 1000, later / 1000)
    expect(await only("--hung-after", "1ms")).toMatchObject({
      state: "HUNG",
      flags: ["clock", "no-terminal"],
    })
  })
})

describe("a session in the archive", () => {
  /** Moves what was exported to the archive, as processing will. */
  const archive = async () => {
    expect((await machine.run(["export", "--all"])).code).toBe(0)
    const to = join(machine.data, "sessions-export-archive-anthropic")
    mkdirSync(to, { recursive: true })
    const from = join(machine.data, "sessions-export-pending-anthropic")
    for (const name of readdirSync(from)) renameSync(join(from, name), join(to, name))
  }

  test("is COMPLETED as long as nothing was added to it, and then no longer", async () => {
    const path = machine.transcript(id)
    await archive()
    expect(await only("--all")).toMatchObject({ state: "COMPLETED", detail: "archived" })
    const { mtimeMs } = statSync(path)
    utimesSync(path, new Date(), new Date())
    expect((await only("--all")).state).toBe("ORPHANED")
    utimesSync(path, mtimeMs / 1000, mtimeMs / 1000)
    expect((await only("--all")).state).toBe("COMPLETED")
    appendFileSync(path, '{"type":"last-prompt"}\n')
    utimesSync(path, mtimeMs / 1000, mtimeMs / 1000)
    expect(await only("--all")).toMatchObject({ state: "ORPHANED", detail: "closed" })
  })

  test("is not COMPLETED once a file was added beside its transcript", async () => {
    const path = machine.transcript(id)
    await archive()
    machine.write(path.replace(/\.jsonl$/, "/subagents/agent-1.jsonl"), "{}\n")
    expect((await only()).state).toBe("ORPHANED")
  })

  test("is not COMPLETED while it is only pending, or held by a process", async () => {
    machine.transcript(id)
    await machine.run(["export", "--all"])
    expect((await only()).state).toBe("ORPHANED")
    await archive()
    machine.registry(await machine.client(), id)
    expect((await only()).state).toBe("ACTIVE")
  })

  test("that is smaller now than what was saved is marked", async () => {
    machine.transcript(id)
    await archive()
    machine.transcript(id, { text: '{"type":"mode"}\n' })
    const found = await only()
    expect(found).toMatchObject({ state: "ORPHANED", detail: "stub", flags: ["shrunk"] })
    const says = found.evidence.map(({ message }: { message: string }) => message).join("\n")
    expect(says).toMatch(/the transcript has 16 bytes now: .*\.jsonl holds \d+ bytes of it, saved 20/)
  })

  test("that was rewritten is marked though it is longer now; one that went on is not", async () => {
    const path = machine.transcript(id)
    await machine.run(["export", id])
    const whole = readFileSync(path, "utf8")
    machine.write(path, whole + whole.replaceAll('"uuid":"', '"uuid":"f'))
    expect((await only()).flags).not.toContain("shrunk")
    machine.write(
      path,
      `{"type":"mode","sessionId":"${id}"}\n${whole.slice(whole.indexOf("\n") + 1)}${whole}`,
    )
    const found = await only()
    expect(found.flags).toContain("shrunk")
    expect(found.evidence.map(({ message }: { message: string }) => message).join("\n")).toContain(
      "no longer begins as it did",
    )
  })
})
