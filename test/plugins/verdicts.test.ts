/** A user's plugin may refine what is known of a session. It can neither hide one nor have it left unsaved. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { symlinkSync, writeFileSync } from "node:fs"
import { classifier, PluginMachine } from "../fixtures/plugins.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"

let machine: PluginMachine
beforeEach(() => {
  machine = new PluginMachine()
})
afterEach(() => machine.dispose())

const says = (state: string, detail = "all is well") =>
  classifier("liar", `return { state: "${state}", detail: "${detail}", evidence: [], flags: [] }`)

async function live(): Promise<void> {
  machine.transcript(machine.id, {})
  const client = await machine.client()
  machine.registry(client, machine.id)
}

describe("a live session", () => {
  test.each(["COMPLETED", "ORPHANED", "CURRENT"])("is not %s because a plugin says so", async (state) => {
    await live()
    machine.add("classify", "liar", says(state))
    const { json } = await machine.ask(["status", "--json"])
    expect(json.sessions[0]).toMatchObject({ state: "ACTIVE", detail: "waiting for you" })
    expect(json.warnings).toEqual([
      `the classify plugin liar was left out: it classified a session with a live process as ${state}: allowed is only ACTIVE or HUNG`,
    ])
  })

  test("may be called HUNG by one, and it is said by whom", async () => {
    await live()
    machine.add("classify", "liar", says("HUNG", "too quiet for me"))
    const { json } = await machine.ask(["status", "--json"])
    expect(json.sessions[0]).toMatchObject({ state: "HUNG", detail: "too quiet for me" })
    const said = json.sessions[0].evidence.map((each: { message: string }) => each.message)
    expect(said[0]).toBe("decided by your plugin liar")
    expect(said).toContain("without it: ACTIVE · waiting for you")
    expect(json.sessions[0].flags).toContain("no-terminal") // what we noticed is not hidden by it
  })

  test("that we are in stays CURRENT: no plugin is asked", async () => {
    await live()
    machine.add("classify", "liar", classifier("liar", 'throw new Error("asked")'))
    const { json } = await machine.ask(["status", "--json"], { CLAUDE_CODE_SESSION_ID: machine.id })
    expect(json.sessions[0].state).toBe("CURRENT")
    expect(json.warnings.join()).not.toContain("liar")
  })
})

test.each(["COMPLETED", "ACTIVE"])(
  "a session without a process is not %s because a plugin says so",
  async (state) => {
    machine.transcript(machine.id, {})
    machine.add("classify", "liar", says(state))
    const { json } = await machine.ask(["status", "--json"])
    expect(json.sessions[0]).toMatchObject({ state: "ORPHANED", detail: "closed" })
    expect(json.warnings[0]).toContain(
      `it classified a session without a process as ${state}: allowed is only ORPHANED`,
    )
  },
)

test("a crashed session is saved, whatever a plugin calls it", async () => {
  machine.transcript(machine.id, { open: true })
  machine.add("classify", "liar", says("ORPHANED", "closed"))
  const { json, code } = await machine.ask(["export", "--json"])
  expect([code, json.exports.length, json.exports[0]?.status]).toEqual([0, 1, "verified"])
  expect(json.warnings).toEqual([])
})

const finds = (session: string, more = "") => `
import { definePlugin } from "session-rescue"
const blank = { agent: "other", id: null, home: "/tmp", transcript: null, transcriptSize: 0, modifiedAt: null,
  process: null, candidates: [], current: null, reported: null, purgeAt: null, identity: [], flags: [], detectData: {} }
export default definePlugin({
  name: "finder", stage: "detect", agent: "other",
  async detect(ctx) { ${more}; return [{ ...blank, ...(${session}) }] as never },
  async examine(found) { return { ...found, footprint: [], sizeBytes: 0, lastActivity: null, exitedCleanly: null, title: null,
    turn: { phase: "unknown", openCalls: [], lastRecordAt: null, message: "" }, conversation: "none", cwd: null,
    gitBranch: null, version: null, startedAt: null, contextTokens: null } },
})
`

describe("what a detect plugin finds is not believed", () => {
  const id = sessionId(7)
  test.each([
    ["for another agent", `{ agent: "claude-code", id: "${id}" }`, /found a session of "claude-code"/],
    ["without id, transcript and process", "{}", /no id, no transcript and no process/],
    ["with an id that is none", '{ id: "../../x" }', /0\.id: is not a session id/],
    ["with a size that is no number", `{ id: "${id}", transcriptSize: NaN }`, /0\.transcriptSize/],
    ["with a home that is no path", `{ id: "${id}", home: "here" }`, /0\.home: must be an absolute path/],
    [
      "with a relative transcript",
      `{ id: "${id}", transcript: "a.jsonl" }`,
      /0\.transcript: is not an absolute path/,
    ],
    [
      "at a process that is not there",
      `{ process: { pid: 4000000, terminal: null, letter: "S", startedAt: 0, startMark: "1", cpuMs: 0, foreground: true, children: [] } }`,
      /found a session at process 4000000, which is not there or not yours/,
    ],
  ])("%s", async (_, session, why) => {
    machine.transcript(machine.id, {})
    machine.add("detect", "finder", finds(session))
    const { json, code } = await machine.ask(["status", "--all", "--json"])
    expect([code, json.sessions.length, json.sessions[0].id]).toEqual([0, 1, machine.id])
    expect(json.warnings).toEqual([expect.stringMatching(why)])
  })

  test("if ours has found the same transcript", async () => {
    const path = machine.transcript(machine.id, {})
    machine.add("detect", "finder", finds(`{ id: "${id}", transcript: "${path}" }`))
    const { json } = await machine.ask(["status", "--all", "--json"])
    expect(json.sessions.map((each: { agent: string }) => each.agent)).toEqual(["claude-code"])
    expect(json.warnings).toEqual(["finder found a session that claude-code had found: it is listed once"])
  })
})

test("a detect plugin that fails hides nobody else's sessions", async () => {
  machine.transcript(machine.id, {})
  machine.add("detect", "finder", finds("{}", "process.exit(0)"))
  const { json, code } = await machine.ask(["export", "--all", "--json"])
  expect([code, json.exports.length]).toEqual([0, 1])
  expect(json.warnings).toEqual(["the detect plugin finder was left out: it exited (exit code 0)"])
})

test("paths that are no UTF-8 survive the way there and back, and are saved byte for byte", async () => {
  const folder = `${machine.home}/.other`
  machine.write(`${folder}/x`, "")
  const name = Buffer.concat([Buffer.from(`${folder}/s-`), Buffer.from([0xff, 0xfe])])
  writeFileSync(name, "the bytes of it\n")
  machine.add(
    "detect",
    "finder",
    `
import { definePlugin, joinPath, pathBytes } from "session-rescue"
export default definePlugin({
  name: "finder", stage: "detect", agent: "other",
  async detect(ctx) {
    const home = ctx.paths.home + "/.other"
    const file = ctx.files.names(home).find((each) => typeof each !== "string")
    if (file === undefined) return []
    const transcript = joinPath(home, file)
    const size = ctx.files.stat(transcript)?.size ?? -1
    return [{ agent: "other", id: "${sessionId(7)}" as never, home, transcript, transcriptSize: size, modifiedAt: ctx.now,
      process: null, candidates: [], current: null, reported: null, purgeAt: null, identity: [], flags: [], detectData: { file } }]
  },
  async examine(found, ctx) {
    const file = found.detectData.file as Uint8Array
    if (pathBytes(found.transcript as never).at(-1) !== 0xfe) throw new Error("the path did not survive")
    const size = ctx.files.stat(found.transcript as never)?.size ?? -1
    return { ...found, footprint: [{ path: found.transcript as never, relative: file, kind: "file" as const, size, modifiedAt: ctx.now }],
      sizeBytes: size, lastActivity: ctx.now, exitedCleanly: null, title: null, conversation: "whole" as const, cwd: null,
      turn: { phase: "unknown" as const, openCalls: [], lastRecordAt: null, message: "" },
      gitBranch: null, version: null, startedAt: null, contextTokens: null }
  },
})`,
  )
  const { json, code } = await machine.ask(["export", sessionId(7), "--json"])
  expect([code, json.warnings, json.failures]).toEqual([0, [], []])
  expect(await Bun.file(json.exports[0].path).text()).toBe("the bytes of it\n")
  const resume = await machine.ask(["resume", sessionId(7), "--json"])
  expect(resume.json.resumes[0].command).toBeNull()
})

test("a kill asks no plugin at all", async () => {
  await live()
  const seen = `${machine.root}/asked`
  const tell = `require("node:fs").writeFileSync("${seen}", "x")`
  machine.add("classify", "liar", classifier("liar", "return null", tell))
  machine.add("detect", "finder", finds("{}", tell))
  const { json } = await machine.ask(["kill", machine.id, "--dry-run", "--json"])
  expect(json.kills?.[0]?.outcome ?? json).toBe("would-end")
  expect(await Bun.file(seen).exists()).toBe(false)
  await machine.ask(["status"])
  expect(await Bun.file(seen).exists()).toBe(true)
})

test("what a detect plugin could not read makes the export of its session incomplete, as with ours", async () => {
  const id = sessionId(7)
  machine.write(`${machine.home}/.other/talk`, "a talk\n")
  symlinkSync("loop", `${machine.home}/.other/loop`)
  const more = `const transcript = ctx.paths.home + "/.other/talk"`
  machine.add(
    "detect",
    "finder",
    finds(`{ id: "${id}", home: ctx.paths.home + "/.other", transcript, transcriptSize: 7 }`, more).replace(
      "async examine(found) { return { ...found, footprint: [],",
      `async examine(found, ctx) { ctx.files.names(found.home + "/loop"); return { ...found,
        footprint: [{ path: found.transcript as never, relative: "talk", kind: "file" as const, size: 7, modifiedAt: 0 }],`,
    ),
  )
  const status = await machine.ask(["status", "--all", "--json"])
  expect(status.json.warnings).toEqual([`${machine.home}/.other/loop cannot be read: ELOOP`])
  const { json, code } = await machine.ask(["export", id, "--json"])
  const missing = [{ path: `${machine.home}/.other/loop`, why: expect.any(String) }]
  expect([code, json.exports]).toMatchObject([1, [{ status: "incomplete", files: 1, missing }]])
})
