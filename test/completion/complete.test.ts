/** What a shell is told may come next. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { commands, flagCommands } from "../../src/cli/commands.ts"
import { Machine, tree } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { client } from "../kill/harness/clients.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

async function words(...typed: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await machine.run(["complete", "--", ...typed])
  expect([code, stderr]).toEqual([0, ""])
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split("\t")[0] ?? "")
}

test("every command of the table, and every flag of every command", async () => {
  expect(await words("")).toEqual([...Object.keys(commands), "help"])
  expect(await words("help", "")).toEqual(Object.keys(commands))
  for (const [name, load] of Object.entries(commands)) {
    const { args } = (await load()).default
    const flags = Object.keys(args).filter((key) => args[key]?.type !== "positional")
    expect([name, await words(name, "--")]).toEqual([name, [...flags.map((flag) => `--${flag}`), "--help"]])
    expect(await words(name.slice(0, -1))).toContain(name)
  }
})

test("the first commands as flags, too, and the flags of the one that runs without a name", async () => {
  const all = await words("--")
  for (const flag of [...flagCommands.map((name) => `--${name}`), "--sort", "--help", "--version"]) {
    expect(all).toContain(flag)
  }
  expect(await words("--kill", "--fo")).toEqual(["--force"])
  expect(await words("--sort", "")).toEqual(["need", "activity", "size", "memory"])
})

describe("values", () => {
  test.each([
    [
      ["status", "--sort", ""],
      ["need", "activity", "size", "memory"],
    ],
    [["status", "--sort", "s"], ["size"]],
    [["status", "--sort", "m"], ["memory"]],
    [["status", "--sort=s"], ["--sort=size"]],
    [
      ["status", "--sort", "="],
      ["need", "activity", "size", "memory"],
    ],
    [["status", "--sort", "=", "a"], ["activity"]],
    [["resume", "--state", "h"], ["hung"]],
    [["resume", "--state", "hung,or"], ["hung,orphaned"]],
    [
      ["resume", "--state=hung,c"],
      ["--state=hung,current", "--state=hung,completed", "--state=hung,crashed", "--state=hung,closed"],
    ],
    [
      ["kill", "--state", ""],
      ["hung", "active", "asking", "waiting", "working"],
    ],
    [["export", "--agent", ""], ["claude-code"]],
    [["status", "--agent", ""], ["claude-code"]],
    [["export", "--data-dir", ""], [":FOLDER"]],
    [
      ["kill", "--grace", "1"],
      ["10s", "10m", "1h"],
    ],
    [
      ["completions", ""],
      ["bash", "zsh", "fish"],
    ],
    [["status", "--all", "--al"], []],
    [["frobnicate", ""], []],
    [["doctor", ""], []],
    [["status", ""], ["a0000001"]],
  ])("%j", async (typed, expected) => {
    machine.transcript(sessionId(1))
    expect(await words(...typed)).toEqual(expected)
  })
})

test("sessions as they are now: running ones first, and only those where one is to be ended", async () => {
  const live = await client(machine, sessionId(1))
  machine.transcript(sessionId(2), { age: 1000 })
  expect(await words("export", "")).toEqual(["a0000001", String(live.pid), "a0000002"])
  expect(await words("kill", "")).toEqual(["a0000001", String(live.pid)])
  expect(await words("kill", "a0000001", "")).toEqual([String(live.pid)])
  expect(await words("resume", "a0000002")).toEqual(["a0000002"])
  const { stdout } = await machine.run(["complete", "--", "kill", "a"])
  expect(stdout).toMatch(new RegExp(`^a0000001\\trunning \\(pid ${live.pid}\\), \\d+ B, 1 min ago\\n$`))
})

test("nothing of it writes anywhere, and a home that cannot be read is no error", async () => {
  machine.write(`${machine.claude}/projects`, "a file")
  const before = tree(machine.root)
  expect(await words("export", "")).toEqual([])
  expect(tree(machine.root)).toEqual(before)
})
