/** A conversation as its client shows it: nothing of the client's own words, a line for each call, the end of it. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { namesIn } from "../../export/export-invariants.ts"
import { binary } from "../../fixtures/machine.ts"
import { clientSession, ownWords } from "../../fixtures/talk/client-words.ts"
import { assistant, toolResult, user } from "../../fixtures/talk/conversation.ts"
import { seeded } from "../../fixtures/talk/random.ts"
import { calls, ran, Talks } from "../conversations.ts"

let machine: Talks
beforeEach(() => {
  machine = new Talks()
})
afterEach(() => machine.dispose())

const talk = () => machine.talk(1)
const show = (...args: string[]) => machine.run(["show", talk().id.slice(0, 4), ...args])

/** A session of today's client, with what it writes by itself. */
function today(said: readonly string[]): string {
  const text = clientSession(seeded(1), talk(), ownWords(), said)
  machine.transcript(talk().id, { cwd: talk().cwd, text })
  return text
}

test("one question and one answer of today's client fit a screen", async () => {
  expect(today(["where is the wombat?", "In the shed."]).length).toBeGreaterThan(150_000)
  const { stdout, code } = await show()
  expect([code, stdout.split("\n").length < 24]).toEqual([0, true])
  expect(stdout).toMatch(
    /you · .*\n {2}where is the wombat\?[\s\S]*● Bash ls 0 → ok[\s\S]*claude · .*\n {2}In the shed\./,
  )
  const everything = await show("--all-parts")
  expect(everything.stdout.length).toBeGreaterThan(80_000)
  expect(everything.stdout).toContain("the client")
})

test("results are folded, and opened by --tools", async () => {
  const output = Array.from({ length: 40 }, (_, n) => `line ${n}`).join("\n")
  machine.say(talk(), [
    ...ran("seq", "c1", output),
    ...ran("false", "c2", "a\nb\nc\nd", { failed: true }),
    assistant("ok"),
  ])
  const { stdout } = await show()
  expect(stdout).toContain("● Bash seq → ok\n  ⎿ line 0\n  ⎿ … +39 lines\n")
  expect(stdout).toContain("● Bash false → FAILED\n  ⎿ a\n  ⎿ b\n  ⎿ c\n  ⎿ … +1 lines\n")
  const opened = await show("--tools")
  expect(opened.stdout).toContain("the tool answered")
  expect(opened.stdout).toContain("  line 39\n")
  expect((await show("--tools", "--no-tools")).code).toBe(2)
})

test("calls side by side have each their own outcome; one without a result says so", async () => {
  machine.say(talk(), [
    calls("Read", "c1", { file_path: "/a" }),
    calls("Read", "c2", { file_path: "/b" }),
    calls("Bash", "c3", { command: "sleep 9" }),
    toolResult("c2", "of b"),
    toolResult("c1", "of a"),
  ])
  expect((await show()).stdout).toMatch(
    /● Read \/a → ok\n {2}⎿ of a\n\n● Read \/b → ok\n {2}⎿ of b\n\n● Bash sleep 9 → no result\n/,
  )
})

describe("a queued prompt", () => {
  const queue = (operation: string, content?: unknown) => ({
    type: "queue-operation",
    operation,
    content,
    uuid: undefined,
  })

  test("that the model got is shown once, where it did", async () => {
    machine.say(talk(), [
      user("begin"),
      queue("enqueue", "also the door"),
      queue("dequeue"),
      assistant("begun"),
      user("also the door"),
      assistant("the door too"),
    ])
    const { stdout } = await show()
    expect(stdout.match(/also the door/g)).toHaveLength(1)
    expect(stdout).toMatch(/begun[\s\S]*also the door[\s\S]*the door too/)
  })

  test("that it never got stands at the end, and says so", async () => {
    machine.say(talk(), [
      user("begin"),
      queue("enqueue", [{ type: "text", text: "the window" }]),
      assistant("begun"),
    ])
    expect((await show()).stdout).toMatch(
      /begun[\s\S]*you, queued: never sent to the model.*\n {2}the window\n/,
    )
  })

  test("a report of a task is none", async () => {
    machine.say(talk(), [user("begin"), queue("enqueue", "<task-notification>done</task-notification>")])
    expect((await show()).stdout).not.toContain("done")
  })
})

describe("--last", () => {
  beforeEach(() => {
    machine.say(talk(), [
      user("one"),
      assistant("two"),
      user("three"),
      ...ran("ls", "c1", "x"),
      assistant("four"),
    ])
    machine.subagent(talk(), "d4", [user("dig"), assistant("dug")])
  })

  test.each([
    ["1", ["four"]],
    ["2", ["three", "Bash", "four"]],
    ["3", ["two", "three", "Bash", "four"]],
    ["99", ["one", "two", "three", "Bash", "four"]],
  ])("%s: so many messages, with what lies between", async (count, expected) => {
    const { stdout } = await show("--last", count)
    const said = stdout.slice(stdout.indexOf("\n")).match(/\b(one|two|three|Bash|four|dig|dug)\b/g)
    expect([...(said ?? [])]).toEqual(expected)
  })

  test.each(["0", "x", "-1"])("%s is refused", async (count) => {
    expect((await show(`--last=${count}`, "--json")).json.error.code).toBe("USAGE")
  })
})

test("| head: ends as soon as nobody reads on: it never comes to the end, where the archive is broken", async () => {
  machine.say(
    talk(),
    Array.from({ length: 9000 }, (_, n) => user(`message ${n} ${Bun.hash(`${n}`)} ${Bun.hash(`x${n}`)}`)),
  )
  await machine.run(["export", "--all"])
  await machine.run(["cx", "--no-index"])
  rmSync(machine.claude, { recursive: true })
  const name = namesIn(machine.archive).find((each) => each.endsWith(".jsonl.zst")) ?? ""
  const path = join(machine.archive, name)
  const bytes = readFileSync(path)
  writeFileSync(path, bytes.fill(0, Math.floor((3 * bytes.length) / 4), Math.floor((4 * bytes.length) / 5)))
  for (const format of ["text", "json"]) {
    const script = 'set -o pipefail; "$0" show "$1" --format "$2" | head -c 300 >/dev/null'
    const program = machine.start(["bash", "-c", script, binary, talk().id, format], {
      env: { SESSION_RESCUE_DATA: machine.data },
    })
    expect([format, await program.exited]).toEqual([format, 0])
  }
  expect((await show()).code).toBe(1)
})
