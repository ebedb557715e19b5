/**
 * The workflows of the README, run as they stand there: code blocks behind `<!-- workflow: NAME -->`. `pts/3` and
 * `01e5af14` stand for a terminal and an id; where a person would be asked, the question is answered by --force.
 */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { type Answer, type FakeClient, Machine } from "./fixtures/machine.ts"
import { conversation, sessionId } from "./fixtures/talk/conversation.ts"

setDefaultTimeout(60_000)
const readme = readFileSync(
  process.env.SESSION_RESCUE_README ?? join(import.meta.dir, "../README.md"),
  "utf8",
)
const blocks = new Map(
  [...readme.matchAll(/<!-- workflow: (.+?) -->\n```sh\n([\s\S]*?)```/g)].map(([, name = "", text = ""]) => [
    name,
    text.split("\n").flatMap((line) => line.replace(/\s+#.*$/, "") || []),
  ]),
)
const names = ["hung session", "context exhaustion", "stale sessions", "resume an old one"]
if (blocks.size === 0) console.warn("\nSKIPPED: README.md has no marked workflows yet\n")

let machine: Machine
let cwd: string
beforeEach(() => {
  machine = new Machine()
  cwd = join(machine.root, "shop")
  mkdirSync(cwd)
})
afterEach(() => machine.dispose())

const id = sessionId(1)
const text = () => conversation({ id, cwd, at: new Date(), prompt: "please mend the login page" })

/** One after another; every one has to succeed. */
async function follow(name: string, client?: FakeClient): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const line of blocks.get(name) ?? []) {
    const typed = line.replaceAll("pts/3", String(client?.pid)).replaceAll("01e5af14", id.slice(0, 8))
    const [program, ...args] = (typed.match(/"[^"]*"|\S+/g) ?? []).map((word) =>
      word.replace(/^"(.*)"$/, "$1"),
    )
    expect(program).toBe("session-rescue")
    const asks = args.includes("--kill") || args.includes("kill")
    const answer = await machine.run([...args, ...(asks ? ["--force"] : [])], { cwd: machine.root })
    expect([line, answer.code, answer.stderr]).toEqual([line, 0, expect.any(String)])
    answers.push(answer)
  }
  return answers
}

/** What the demonstration on top shows as printed. */
const shown = (/^```\n(\$ session-rescue[\s\S]*?)^```/m.exec(readme)?.[1] ?? "")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("$"))

/** A line without what differs from session to session. */
const shapeOf = (line: string) =>
  line
    .trim()
    .replace(/ — .*/, " — TITLE")
    .replace(/(?:please mend|fix) the login page/, "TITLE")
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "ID")
    .replace(/\b[0-9a-f]{8}\b/g, "SHORT")
    .replace(/\bpts\/\d+|no terminal/g, "TERMINAL")
    .replace(/(^|'|in |· )[~/][\w/.~-]+/g, "$1FOLDER")
    .replace(/\b[\d.]+ ?([KMG]?B|min|min ago|k tokens)\b/g, "N")
    .replace(/\bpid \d+/g, "pid N")
    .replace(/\b\d+ files?\b/g, "N files")

const folder = (name: string) => readdirSync(join(machine.data, `sessions-export-${name}-anthropic`))

describe.skipIf(blocks.size === 0)("the README", () => {
  test("shows a demonstration first", () => {
    expect(shown.length).toBeGreaterThanOrEqual(6)
  })

  test("has the four workflows, and no other", () => {
    expect([...blocks.keys()]).toEqual(names)
  })

  test("a session hangs: it is shown, saved, ended, and its resume line given", async () => {
    // its process is as young as this test, and silence is counted from its start
    machine.write(join(machine.home, ".config/session-rescue/config.toml"), 'hung_after = "1ms"\n')
    const client = await machine.client({ cwd })
    const old = Date.now() - 1_800_000
    machine.registry(client, id, { cwd, status: "busy", statusUpdatedAt: old, updatedAt: old })
    const open = conversation({ id, cwd, at: new Date(old), ended: false })
    machine.transcript(id, { cwd, text: open, age: 1_800_000 })
    const answers = await follow("hung session", client)
    expect(answers[0]?.stdout).toMatch(/^HUNG .*silent mid-turn/m)
    expect(existsSync(`/proc/${client.pid}/exe`)).toBe(false)
    expect(folder("pending").filter((name) => name.endsWith(".jsonl"))).toHaveLength(1)
    expect(answers.at(-1)?.stdout).toContain(`claude --resume ${id}`)
    const printed = answers.flatMap(({ stdout }) => stdout.split("\n").map(shapeOf))
    expect(shown.filter((line) => !printed.includes(shapeOf(line)))).toEqual([])
  })

  test("the context is full: what was said last is there for the new session", async () => {
    machine.transcript(id, { cwd, text: text(), age: 0 })
    const answers = await follow("context exhaustion")
    expect(answers.at(-1)?.stdout).toContain("please mend the login page")
    expect(folder("archive").length).toBeGreaterThan(0)
  })

  test("old sessions pile up: all are archived and listed", async () => {
    machine.transcript(id, { cwd, text: text(), age: 25 * 86_400_000 })
    machine.transcript(sessionId(2), { age: 20 * 86_400_000 })
    const answers = await follow("stale sessions")
    expect(answers[0]?.stdout).toContain("deleted within 7 days")
    expect(folder("pending").filter((name) => name.endsWith(".jsonl"))).toEqual([])
    for (const each of [id, sessionId(2)]) expect(answers.at(-1)?.stdout).toContain(each.slice(0, 8))
  })

  test("an old one is found, put back where its client finds it, and resumed", async () => {
    const path = machine.transcript(id, { cwd, text: text(), age: 0 })
    const before = readFileSync(path)
    expect((await machine.run(["export", id])).code).toBe(0)
    expect((await machine.run(["cx"])).code).toBe(0)
    rmSync(path)
    const answers = await follow("resume an old one")
    expect(answers[0]?.stdout).toContain("login page")
    expect(readFileSync(path)).toEqual(before)
    expect(answers.at(-1)?.stdout).toContain(`claude --resume ${id}`)
  })
})
