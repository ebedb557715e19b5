/** What `recover` says is lost, and of what it cannot know it. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { existsSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { Machine } from "../fixtures/machine.ts"
import { assistant, record, sessionId, user } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(11)
const cwd = "/work/one"
const talk = { id, cwd, at: new Date("2026-01-31T12:00:00Z") }
const lines = [
  record(talk, 0, user("the red kettle")),
  record(talk, 1, assistant("red it is")),
  record(talk, 2, user("the green kettle")),
  record(talk, 3, assistant("green it is")),
]

async function exported(text: readonly string[]): Promise<string> {
  const path = machine.transcript(id, { cwd, text: text.join("") })
  expect((await machine.run(["export", id])).code).toBe(0)
  return path
}

/** As the client notes what was typed, so long after the talk. */
function noteTyped(display: string, afterMs: number): void {
  const entry = { display, timestamp: talk.at.getTime() + afterMs, project: cwd, sessionId: id }
  const path = join(machine.claude, "history.jsonl")
  const before = existsSync(path) ? readFileSync(path, "utf8") : ""
  machine.write(path, `${before}${JSON.stringify(entry)}\n`)
}

/** Deletes the transcript while a process has it open. */
async function deletedWhileOpen(path: string) {
  const ready = join(machine.root, "ready")
  const holder = machine.start(["/bin/sh", "-c", `exec 9<'${path}'; : >'${ready}'; read -r _`])
  await until("the file to be open", () => existsSync(ready))
  rmSync(path)
  return holder
}

describe("an export holds all that survives", () => {
  test("what was said after it is not known: it is partial", async () => {
    rmSync(await exported(lines))
    const said = await machine.run(["recover", id, "--json"])
    const [session] = said.json.sessions
    expect(session).toMatchObject({ lost: true, partial: true, messages: 4, path: null })
    expect(session.whole).toContain(id)
    const { exportedAt } = JSON.parse(readFileSync(session.whole.replace(/jsonl$/, "manifest.json"), "utf8"))
    expect(session.knownUntil).toBe(exportedAt)
    const shown = await machine.run(["recover", id])
    expect(shown.stdout).toContain("missing: what was said after ")
    expect(shown.stdout).not.toContain("not partial")
    expect(shown.stdout).toContain("Next: session-rescue restore")
  })

  test("a process still has the deleted file, and it ends there: it is not partial", async () => {
    const holder = await deletedWhileOpen(await exported(lines))
    const said = await machine.run(["recover", id, "--json"])
    expect(said.json.sessions[0]).toMatchObject({ partial: false, missing: [], path: null })
    expect((await machine.run(["recover", id])).stdout).toContain("it is not partial")
    await holder.end()
  })

  test("a process still has the deleted file, and it went on: that is taken too", async () => {
    const path = await exported(lines.slice(0, 2))
    machine.write(path, lines.join(""))
    const holder = await deletedWhileOpen(path)
    const said = await machine.run(["recover", id, "--json"])
    expect(said.json.sessions[0]).toMatchObject({ partial: true, messages: 4, whole: null })
    await holder.end()
  })
})

describe("a session that is whole", () => {
  test.each([
    ["never saved", lines.length, []],
    ["saved as it is", lines.length, ["export"]],
    ["saved before it went on", 2, ["export"]],
  ] as const)("%s: nothing is lost, and nothing is written", async (_, saved, kinds) => {
    if (kinds.length > 0) await exported(lines.slice(0, saved))
    machine.transcript(id, { cwd, text: lines.join("") })
    noteTyped("[Pasted text #1 +12 lines]", -8000)
    noteTyped("/exit", 60_000)
    const said = await machine.run(["recover", id, "--json"])
    expect(said.code).toBe(0)
    const [session] = said.json.sessions
    expect(session).toMatchObject({ lost: false, partial: false, missing: [], path: null, messages: 4 })
    const shown = await machine.run(["recover", id])
    expect(shown.code).toBe(0)
    expect(shown.stdout).toContain("nothing is lost")
    expect(shown.stdout).toContain(`Next: session-rescue export ${id.slice(0, 8)}`)
    expect(shown.stdout).not.toContain("PARTIAL")
    expect(existsSync(join(machine.data, "recovered"))).toBe(false)
  })

  test("a prompt that was typed after its last record is lost", async () => {
    machine.transcript(id, { cwd, text: lines.join("") })
    noteTyped("the blue kettle", 600_000)
    const said = await machine.run(["recover", id, "--json"])
    expect(said.json.sessions[0]).toMatchObject({ lost: true, partial: true, messages: 4, texts: 1 })
  })

  test("a record with the same id and other words is no proof that nothing is lost", async () => {
    const path = await exported(lines)
    const stub = lines
      .join("")
      .replace("red it is", "[cut]")
      .concat(lines[3]?.replaceAll("0003", "0009") ?? "")
    machine.write(path, stub)
    const said = await machine.run(["recover", id, "--json"])
    expect(said.json.sessions[0]).toMatchObject({ lost: true })
  })

  test("a side file that only an export has is lost", async () => {
    const result = join(machine.claude, "projects/-work-one", id, "tool-results/t.txt")
    machine.write(result, "a result")
    await exported(lines)
    rmSync(result)
    const said = await machine.run(["recover", id, "--json"])
    expect(said.json.sessions[0]).toMatchObject({ lost: true, messages: 4, confirmed: true })
    expect(said.json.sessions[0].remnants).toContainEqual(expect.objectContaining({ kind: "tool results" }))
  })
})

describe("what cannot be read is skipped, with a warning", () => {
  test.each([
    ["a link", (path: string) => symlinkSync("/nowhere", path)],
    ["a folder", (path: string) => machine.write(join(path, "x"), "")],
    ["a FIFO", (path: string) => Bun.spawnSync(["mkfifo", path])],
    ["an unreadable file", (path: string) => Bun.spawnSync(["sh", "-c", `: > '${path}'; chmod 0 '${path}'`])],
  ] as const)("%s beside it", async (_, make) => {
    machine.write(machine.transcriptPath(sessionId(12), cwd), lines.join(""))
    machine.write(join(machine.claude, "projects/-work-one", id, "tool-results/t.txt"), "kept")
    make(join(machine.claude, "projects/-work-one/odd.jsonl"))
    const said = await machine.run(["recover", id, "--json"])
    expect([said.code, said.json.sessions[0]?.messages]).toEqual([0, 4])
  })

  test.each([
    ["a link", (path: string) => symlinkSync("/nowhere", path)],
    ["a FIFO", (path: string) => Bun.spawnSync(["mkfifo", path])],
  ] as const)("%s where its transcript was", async (_, make) => {
    const path = await exported(lines)
    rmSync(path)
    make(path)
    const said = await machine.run(["recover", id, "--json"])
    expect([said.code, said.json.sessions[0]]).toMatchObject([0, { lost: true, messages: 4 }])
  })
})
