/** `recover` in the compiled program: from each kind of remnant alone, and from all of them. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { addCopilot } from "../fixtures/agents/copilot.ts"
import { addRollout, threadId } from "../fixtures/codex.ts"
import { chat, chatName } from "../fixtures/gemini/talk.ts"
import { Machine, tree } from "../fixtures/machine.ts"
import { assistant, record, sessionId, user } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(11)
const cwd = "/work/one"
const thread = threadId(1)
const talk = { id, cwd, at: new Date("2026-01-31T12:00:00Z") }
const lines = [
  record(talk, 0, user("the red kettle")),
  record(talk, 1, assistant("red it is")),
  record(talk, 2, user("the green kettle")),
  record(talk, 3, assistant("green it is")),
]
const textOf = (path: string) => readFileSync(path, "utf8")
const recover = async (...args: string[]) =>
  (await machine.run(["recover", id, "--json", ...args])).json.sessions[0]

describe("recover", () => {
  test("from an export alone: it is named", async () => {
    rmSync(await exported(lines))
    const said = await recover()
    expect(said).toMatchObject({ messages: 4, path: null })
    expect(said.whole).toContain(id)
  })

  test("from an older export and a stub that went on: each record once, in order, and it says that it is partial", async () => {
    const path = await exported(lines.slice(0, 2))
    machine.write(path, lines.slice(2).join(""))
    const before = tree(machine.claude)
    const said = await recover()
    expect(said).toMatchObject({ partial: true, messages: 4, confirmed: true })
    const shown = await machine.run(["recover", id])
    expect(shown.stdout).toContain("--force   (saves what is there first, then replaces it)")
    const text = textOf(said.path)
    expect(text.split("\n")[0]).toContain("PARTIAL: this conversation was put together")
    const places = ["the red kettle", "red it is", "the green kettle", "green it is"].map((each) =>
      text.lastIndexOf(each),
    )
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect((await machine.run(["doctor", said.path])).code).toBe(0)
    expect(JSON.parse(textOf(said.manifest)).derivation).toMatchObject({ kind: "recovered" })
    expect(tree(machine.claude)).toEqual(before)
  })

  test("from a deleted file that a process still has open", async () => {
    const path = machine.transcript(id, { cwd, text: lines.join("") })
    const ready = join(machine.root, "ready")
    const holder = machine.start(["/bin/sh", "-c", `exec 9<'${path}'; : >'${ready}'; read -r _`])
    await until("the file to be open", () => existsSync(ready))
    rmSync(path)
    const said = await recover()
    expect(said.remnants).toMatchObject([{ kind: "deleted file", gave: 4 }])
    expect(textOf(said.path)).toContain("green it is")
    await holder.end()
  })

  test("from another session's file, its own records only", async () => {
    machine.write(
      machine.transcriptPath(sessionId(12), cwd),
      [...lines, record({ ...talk, id: sessionId(12) }, 9, user("not this"))].join(""),
    )
    machine.write(join(machine.claude, "projects/-work-one", id, "tool-results/t.txt"), "kept")
    const said = await recover()
    expect(said).toMatchObject({ messages: 4, inPlace: [`projects/-work-one/${id}/tool-results/t.txt`] })
    expect(textOf(said.path)).not.toContain("not this")
  })

  test("from the index alone: words, and it says so", async () => {
    const path = machine.transcript(id, { cwd, text: lines.join("") })
    await machine.run(["cx", "--live"])
    rmSync(path)
    const said = await recover()
    expect(said).toMatchObject({ messages: 0, texts: 4 })
    expect(said.missing[0]).toContain("no record of the conversation survives")
    expect(textOf(said.path)).toContain("[recovered from the index] green it is")
  })

  test("from history.jsonl alone: the prompts", async () => {
    const entry = { display: "the blue kettle", timestamp: 1_770_000_000_000, project: cwd, sessionId: id }
    machine.write(join(machine.claude, "history.jsonl"), `${JSON.stringify(entry)}\n`)
    const said = await recover()
    expect(said).toMatchObject({ messages: 0, texts: 1 })
    expect(textOf(said.path)).toContain("[recovered from the list of prompts] the blue kettle")
  })

  test("from all of them; the result is restored, and found by its client's rules", async () => {
    const path = await exported(lines.slice(0, 2))
    rmSync(path)
    machine.write(machine.transcriptPath(sessionId(12), cwd), lines[2] ?? "")
    const entry = {
      display: "and the blue kettle",
      timestamp: talk.at.getTime() + 60_000,
      project: cwd,
      sessionId: id,
    }
    machine.write(join(machine.claude, "history.jsonl"), `${JSON.stringify(entry)}\n`)
    const said = await recover()
    expect(said).toMatchObject({ messages: 3, texts: 1 })
    const restored = await machine.run(["restore", said.path, "--json"])
    expect([restored.code, restored.json.restore.resume.command]).toEqual([0, expect.stringContaining(id)])
    const doctor = await machine.run(["doctor", path, "--json"])
    expect(doctor.json.transcript).toMatchObject({ needsRepair: false, messages: 5, reached: 5 })
  })

  test("from subagents, tool results and file history alone: they are in the export, and it says what is missing", async () => {
    const files = {
      [`projects/-work-one/${id}/subagents/agent-1.jsonl`]: lines.join(""),
      [`projects/-work-one/${id}/tool-results/t.txt`]: "a result",
      [`file-history/${id}/aaaa@v1`]: "as it was",
    }
    for (const [relative, text] of Object.entries(files)) machine.write(join(machine.claude, relative), text)
    const said = await recover()
    expect(said).toMatchObject({ partial: true, messages: 0, texts: 0, confirmed: true })
    expect(said.missing).toContain("no word of the main conversation survives, only files beside it")
    expect(said.remnants.map(({ kind, gave }: { kind: string; gave: number }) => [kind, gave])).toEqual([
      ["subagents", 1],
      ["tool results", 1],
      ["file history", 1],
    ])
    const { files: kept } = JSON.parse(textOf(said.manifest))
    const texts = kept.map(({ relative, path }: { relative: string; path: string }) => [
      relative,
      textOf(join(machine.data, "recovered", path)),
    ])
    expect(Object.fromEntries(texts.slice(1))).toEqual(files)
    expect((await machine.run(["verify", said.path])).code).toBe(0)
  })

  test("side files that only an export has come back with what went on", async () => {
    const result = join(machine.claude, "projects/-work-one", id, "tool-results/t.txt")
    machine.write(result, "a result")
    const path = await exported(lines.slice(0, 2))
    rmSync(result)
    machine.write(path, lines.slice(2).join(""))
    const said = await recover()
    expect(said.remnants).toContainEqual(expect.objectContaining({ kind: "tool results", gave: 1 }))
    const restored = await machine.run(["restore", said.path, "--force", "--json"])
    expect([restored.code, textOf(result)]).toEqual([0, "a result"])
  })

  test.each([
    ["codex", (more: Machine) => addRollout(more, { id: thread, cwd }), thread],
    ["copilot", (more: Machine) => addCopilot(more, { id, cwd }), id],
    ["gemini", addChat, id],
  ] as const)("%s: from an older export and what went on", async (_, add, own) => {
    const path = add(machine)
    const whole = textOf(path).split(/(?<=\n)/)
    machine.write(path, whole.slice(0, -2).join(""))
    expect((await machine.run(["export", own])).code).toBe(0)
    machine.write(path, [whole[0], ...whole.slice(-2)].join(""))
    const said = (await machine.run(["recover", own, "--json"])).json.sessions[0]
    expect(said).toMatchObject({ partial: true, confirmed: true })
    const text = textOf(said.path)
    for (const line of whole) expect(text).toContain(line.trimEnd())
    expect(text).toContain("PARTIAL: this conversation was put together")
    expect(text.split("\n")[0]).toBe(whole[0]?.trimEnd() ?? "")
    expect((await machine.run(["doctor", said.path])).code).toBe(0)
  })

  test("two equal records of a rollout are two", async () => {
    const path = addRollout(machine, { id: thread, cwd })
    const [head = "", ...rest] = textOf(path).split(/(?<=\n)/)
    const twice = `{"timestamp":"2026-01-31T12:00:00.000Z","type":"event_msg","payload":{"type":"token_count"}}\n`
    machine.write(path, [head, twice, twice, ...rest.slice(0, -2)].join(""))
    expect((await machine.run(["export", thread])).code).toBe(0)
    machine.write(path, [head, ...rest.slice(-2)].join(""))
    const said = (await machine.run(["recover", thread, "--json"])).json.sessions[0]
    expect(textOf(said.path).split(twice.trimEnd())).toHaveLength(3)
  })

  test("nothing survives", async () => {
    const said = await machine.run(["recover", sessionId(99)])
    expect([said.code, said.stderr]).toEqual([3, expect.stringContaining("nothing of")])
  })

  test("--all takes sessions that shrank or are gone, and a dry run writes nothing", async () => {
    const path = await exported(lines)
    machine.write(path, lines[0] ?? "")
    const said = await machine.run(["recover", "--all", "--dry-run", "--json"])
    expect(said.json.sessions).toMatchObject([{ id, path: null }])
    expect(existsSync(join(machine.data, "recovered"))).toBe(false)
  })
})

function addChat(more: Machine): string {
  const talk = { id, cwd, at: new Date("2026-01-31T12:00:00Z") }
  more.write(join(more.home, ".gemini/projects.json"), JSON.stringify({ projects: { [cwd]: "one" } }))
  return more.write(join(more.home, ".gemini/tmp/one/chats", chatName(talk)), chat(talk))
}

async function exported(text: readonly string[]): Promise<string> {
  const path = machine.transcript(id, { cwd, text: text.join("") })
  expect((await machine.run(["export", id])).code).toBe(0)
  return path
}
