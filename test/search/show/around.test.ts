/** What stands around a hit is shown from whatever file still holds it, and it is said which that is. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { appendFileSync, renameSync, rmSync } from "node:fs"
import { assistant, record, user } from "../../fixtures/talk/conversation.ts"
import { Talks } from "../conversations.ts"

let machine: Talks
beforeEach(() => {
  machine = new Talks()
})
afterEach(() => machine.dispose())

async function around(word: string, ...more: string[]): Promise<string> {
  const { json } = await machine.ask(word, ...more)
  const [hit] = json.hits
  const { stdout, code } = await machine.run(["show", hit.session, "--around", `${hit.part}`])
  expect(code).toBe(0)
  return stdout
}

test("a transcript that was only named is still there", async () => {
  const talk = machine.talk(1)
  const path = machine.write(
    `${machine.root}/elsewhere.jsonl`,
    record(talk, 0, user("far needle")) + record(talk, 1, assistant("an answer")),
  )
  await machine.run(["cx", path])
  expect(await around("needle")).toMatch(
    /read from .*\/elsewhere\.jsonl\n[\s\S]*→ the hit[\s\S]*far needle[\s\S]*an answer/,
  )
  rmSync(path)
  expect(await around("needle")).toMatch(
    /from the index: no longer in .*\/elsewhere\.jsonl\n[\s\S]*far needle/,
  )
  await machine.run(["cx", "--live"])
  expect(await around("needle")).toMatch(/from the index: its file no longer exists\n[\s\S]*far needle/)
})

test("in kept output that has grown since it was read", async () => {
  const talk = machine.talk(1)
  machine.say(talk, [user("go")])
  const path = machine.write(machine.beside(talk, "tool-results/k.txt"), `${"line\n".repeat(4000)}mid`)
  await machine.read()
  appendFileSync(path, `dle\n${"more\n".repeat(4000)}lateneedle\n`)
  await machine.read()
  expect(await around("lateneedle")).toMatch(/→ the hit[\s\S]*lateneedle/)
})

test("a file that was rewritten since, or whose folder was moved", async () => {
  const talk = machine.talk(1)
  const path = machine.say(talk, [user("early needle"), assistant("an answer")])
  await machine.read()
  machine.say(talk, [user("something else")])
  expect(await around("needle", "--no-refresh")).toMatch(
    /from the index: no longer in .*\n[\s\S]*early needle[\s\S]*an answer/,
  )
  machine.say(talk, [user("early needle"), assistant("an answer")])
  await machine.run(["export", "--all"])
  await machine.run(["cx", "--live"])
  renameSync(path, `${path}.gone`)
  expect(await around("needle")).toMatch(
    /read from the export .*\n[\s\S]*→ the hit[\s\S]*early needle[\s\S]*an answer/,
  )
})

test("a subagent's file that was named", async () => {
  const talk = machine.talk(1)
  machine.say(talk, [user("go")])
  const path = machine.subagent(talk, "x", [user("dig for a needle")])
  await machine.run(["cx", path])
  expect(await around("needle")).toMatch(
    /read from .*agent-x\.jsonl\n[\s\S]*→ the hit[\s\S]*dig for a needle/,
  )
})

test("a hit of another session: the line that shows it is said", async () => {
  const [one, two] = [machine.talk(1), machine.talk(2)]
  machine.say(one, [user("early needle")])
  machine.say(two, [user("hay")])
  await machine.read()
  const [hit] = (await machine.ask("needle")).json.hits
  const { stderr, code } = await machine.run(["show", two.id, "--around", `${hit.part}`])
  expect(code).toBe(2)
  expect(stderr).toContain(`Next: session-rescue show ${one.id} --around ${hit.part}`)
})
