/** CODITECT's own extractor beside ours: called as it is documented, and never able to hold anything up. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { chmodSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { namesIn } from "../export/export-invariants.ts"
import { user } from "../fixtures/talk/conversation.ts"
import { Talks } from "../search/conversations.ts"

let machine: Talks
beforeEach(async () => {
  machine = new Talks()
  machine.say(machine.talk(1), [user("the word of it is needle1")])
  await machine.run(["export", "--all"])
})
afterEach(() => machine.dispose())

/** Its Python is a shell script that gets the extractor's path and what that is given. */
function install(script: string, name = "context-extractor.py"): void {
  const python = machine.write(join(machine.home, ".coditect/.venv/bin/python3"), `#!/bin/sh\n${script}\n`)
  chmodSync(python, 0o755)
  machine.write(join(machine.home, `.coditect/scripts/${name}`), "# not run here\n")
}

const configure = (text: string) =>
  machine.write(join(machine.home, ".config/session-rescue/config.toml"), text)

async function outcome(...args: string[]) {
  const answer = await machine.run(["cx", "--json", ...args])
  const [each] = answer.json.exports
  const [ours, theirs] = each.plugins
  return { code: answer.code, archived: each.archived, ours, theirs, failure: each.failure }
}

test("it is given the export, and told to leave it where it is; what it printed is kept", async () => {
  install('echo "$@" > "$HOME/called"; test -s "$3" && echo extracted 12; echo careful >&2')
  const name = namesIn(machine.pending).find((each) => each.endsWith(".jsonl")) ?? ""
  const { code, archived, theirs } = await outcome()
  expect([code, archived]).toEqual([0, expect.any(String)])
  expect(theirs).toMatchObject({ plugin: "coditect-extractor", status: "done" })
  expect(theirs.result).toEqual({ code: 0, stdout: "extracted 12\n", stderr: "careful\n" })
  const script = join(machine.home, ".coditect/scripts/context-extractor.py")
  expect(readFileSync(join(machine.home, "called"), "utf8")).toBe(
    `${script} --jsonl ${join(machine.pending, name)} --llm claude --no-archive\n`,
  )
})

test("the newer script is preferred", async () => {
  install('echo "$1"')
  install('echo "$1"', "unified-message-extractor.py")
  expect((await outcome()).theirs.result.stdout).toEndWith("/unified-message-extractor.py\n")
})

test("failing, it keeps its exit code and output in the queue, and the export is archived all the same", async () => {
  install('echo half done; echo "no such table: messages" >&2; exit 3')
  const kept = await outcome("--no-archive")
  expect([kept.code, kept.failure]).toEqual([0, null])
  const queue = await machine.run(["queue", "--json"])
  const state = queue.json.exports[0].plugins.find(({ plugin }: { plugin: string }) =>
    plugin.startsWith("coditect"),
  )
  expect(state).toMatchObject({
    status: "failed",
    attempts: 1,
    error: expect.stringContaining("ended with exit code 3: no such table: messages"),
    result: { code: 3, stdout: "half done\n", stderr: "no such table: messages\n" },
  })
  const said = await machine.run(["cx"])
  expect([said.code, namesIn(machine.pending)]).toEqual([0, []])
  expect(said.stdout).toMatch(/coditect-extractor failed \(try 3\): .*exit code 3/)
  expect(await machine.texts("needle1")).toHaveLength(1)
})

test("hanging, it is ended after its time, once, and holds up nothing", async () => {
  install('echo $$ >> "$HOME/pids"; trap "" TERM; while :; do sleep 0.1; done')
  configure('[plugins.coditect-extractor]\ntimeout = "500ms"\n')
  const { code, archived, theirs } = await outcome()
  expect([code, archived]).toEqual([0, expect.any(String)])
  expect(theirs).toMatchObject({ status: "failed", why: "it took longer than 500 ms", attempts: 1 })
  const pids = readFileSync(join(machine.home, "pids"), "utf8").trim().split("\n")
  expect(pids).toHaveLength(1)
  expect(() => process.kill(Number(pids[0]), 0)).toThrow()
  expect(await machine.texts("needle1")).toHaveLength(1)
})

test("only the built-in one holds back the archive", async () => {
  install("exit 0")
  // the index cannot be made: its folder is a file
  machine.write(join(machine.data, "context-storage"), "in the way")
  const { code, archived, ours, failure } = await outcome()
  expect([code, archived, ours.status]).toEqual([1, null, "failed"])
  expect(failure.message).toContain("context-extractor")
  expect(namesIn(machine.pending).some((name) => name.endsWith(".jsonl"))).toBe(true)
  const said = await machine.run(["cx"])
  expect([said.code, said.stdout]).toEqual([
    1,
    expect.stringMatching(/FAILED {3}the index: .*context-storage/),
  ])
})
