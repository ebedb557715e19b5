/** Help of every command in the table: purpose, examples that work, exit codes. A new command is tested by being there. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { commands } from "../../src/cli/commands.ts"
import { binary, Machine } from "../fixtures/machine.ts"
import { conversation, record, sessionId, toolCall, user } from "../fixtures/talk/conversation.ts"
import { client, type KnownClient, writesOnTerm } from "../kill/harness/clients.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

/** Examples that end otherwise where there is no terminal, or nothing of what they name; all others end with 0. */
const otherwise: Readonly<Record<string, number>> = {
  "session-rescue kill pts/3": 4, // nobody can be asked
  "session-rescue uninstall --purge": 4,
  "session-rescue reap 3354": 4, // a living client
  "session-rescue doctor 01e5af14": 1, // a record is lost in it
  "session-rescue restore 01e5af14 --before compaction": 3, // there was none
  "session-rescue repair ./damaged.jsonl --to /tmp/repaired": 3,
  "session-rescue repair ~/.local/share/opencode/opencode.db": 3,
  "session-rescue diff ./before.jsonl ./after.jsonl --all": 3,
  "session-rescue unpack shop.tar.zst": 3, // there is none
  "session-rescue unpack shop.tar.zst --folder ~/work/shop": 3,
  "session-rescue menu --all": 2, // there is nothing to draw on
  "session-rescue menu --agent codex": 2,
  "session-rescue watch --status": 3, // it does not run
  "session-rescue setup --watcher": 1, // there is no service manager
}

/** Examples that run until they are told to end. */
const resident = new Set(["session-rescue watch", "session-rescue watch --at 60%,80%,90% --hung-after 20m"])

/** No team is set up here. */
const needsTeam = /^session-rescue (push|pull|team|forget)\b|--remote/

/** What has to be there before an example can work; "end" ends the client. */
const before: readonly (readonly [RegExp, string])[] = [
  [/^session-rescue (restore|resume .*--folder) /, "end"],
  [/^session-rescue archive /, "cx --no-archive"],
  [/^session-rescue (cxq|show) /, "cx --live"],
  [/^session-rescue plugin check /, "plugin new notify --stage post-process"],
  [/^session-rescue act /, "plugin new note --stage act"],
]

async function prepare(example: string): Promise<KnownClient> {
  const running = await exampleMachine()
  mkdirSync(join(machine.home, "work/shop"), { recursive: true })
  for (const [, step] of before.filter(([fits]) => fits.test(example))) {
    if (step === "end") await running.end()
    else expect([step, (await machine.run(step.split(" "))).code]).toEqual([step, 0])
  }
  return running
}

/** The session that the examples name by id, terminal and pid; it has an export, too. */
async function exampleMachine(): Promise<KnownClient> {
  const id = `01e5af14${sessionId(1).slice(8)}`
  const running = await client(machine, id, writesOnTerm, { cwd: "/work/shop" })
  const prompt = "the login page: error E0308, please mend it"
  const talk = { id, cwd: "/work/shop", at: new Date(), prompt }
  const failed = user([{ type: "tool_result", tool_use_id: "t1", content: "exit 1", is_error: true }])
  const more = record(talk, 3, toolCall("Bash", "t1")) + record(talk, 4, failed)
  machine.transcript(id, { text: conversation(talk) + more, cwd: "/work/shop" })
  expect((await machine.run(["export", "01e5af14"])).code).toBe(0)
  return running
}

function manifest(): string {
  const pending = join(machine.data, "sessions-export-pending-anthropic")
  const name = readdirSync(pending).find((each) => each.endsWith(".manifest.json"))
  return join(pending, name ?? "none")
}

function wordsOf(example: string, running: KnownClient): string[] {
  const real = {
    "pts/3": String(running.pid),
    "pts/4": String(running.pid),
    "3354": String(running.pid),
    "/mnt/usb": join(machine.root, "usb"),
    "/tmp/look": join(machine.root, "look"),
    "./2026-01-31T23-59-58Z-….manifest.json": manifest(),
  }
  const words = [...example.replace(/ > \S+$/, "").matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, a, b, c]) => a ?? b ?? c ?? "",
  )
  return words.slice(1).map((word) => real[word as keyof typeof real] ?? word)
}

/** It goes on until it is interrupted; no browser is opened, and no port is taken that somebody may use. */
async function serveAndStop(words: readonly string[]): Promise<void> {
  const child = Bun.spawn([binary, ...words, "--no-open", "--port", "0"], {
    env: { HOME: machine.home, PATH: process.env.PATH ?? "", SESSION_RESCUE_DATA: machine.data },
    stdio: ["ignore", "pipe", "pipe"],
  })
  const { value } = await child.stdout.getReader().read()
  expect(new TextDecoder().decode(value)).toContain("#t=")
  child.kill("SIGINT")
  expect(await child.exited).toBe(130)
}

describe.each(Object.keys(commands))("%s --help", (name) => {
  test("says in one line what it is for, how it is called, and its exit codes", async () => {
    const { code, stdout, stderr } = await machine.run([name, "--help"])
    expect([code, stderr]).toEqual([0, ""])
    const [purpose = "", ...rest] = stdout.split("\n")
    expect(purpose).toMatch(new RegExp(`^[A-Z].{10,79}[^.] \\(session-rescue ${name}\\)$`))
    expect(rest.join("\n")).toContain(`USAGE session-rescue ${name}`)
    expect(stdout).toContain("Examples:\n  session-rescue")
    expect(stdout).toMatch(/Exit codes: 0 done .* 130 interrupted\n$/s)
    expect((await machine.run(["help", name])).stdout).toBe(stdout)
  })

  test("gives examples that work", async () => {
    const { stdout } = await machine.run([name, "--help"])
    const examples = [...stdout.matchAll(/^ {2}(session-rescue(?: .*)?)$/gm)].map(([, words = ""]) => words)
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) {
      await machine.dispose()
      machine = new Machine()
      const running = await prepare(example)
      const own =
        name === "uninstall" ? machine.copy(binary, join(machine.root, "bin/session-rescue")) : binary
      const program = resident.has(example) ? ["timeout", "--preserve-status", "8"] : []
      const words = wordsOf(example, running)
      if (name === "serve") {
        await serveAndStop(words)
        continue
      }
      const { code, stdout, stderr } = await machine.run(words, { binary: own, program })
      expect([example, code, stderr]).toEqual([
        example,
        otherwise[example] ?? (needsTeam.test(example) ? 2 : 0),
        expect.any(String),
      ])
      if (code !== 0 && !example.includes("--json")) expect(stdout + stderr).toContain("Next: ")
    }
  })
})

test("help alone lists every command once, in groups, the four that are flags too first", async () => {
  const { code, stdout } = await machine.run(["--help"])
  const listed = [...stdout.matchAll(/^ {2}([a-z]+) {2,}[A-Z]/gm)].map(([, name = ""]) => name)
  expect([code, listed.slice(0, 4)]).toEqual([0, ["status", "export", "kill", "resume"]])
  expect(listed.toSorted()).toEqual(Object.keys(commands).toSorted())
  expect(stdout.match(/^[A-Z]+( [A-Z]+)?$/gm)).toEqual([
    "RESCUE",
    "FIND",
    "KEEP",
    "TEAM",
    "BRING BACK",
    "SET UP",
  ])
})
