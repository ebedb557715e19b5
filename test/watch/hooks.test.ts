/** The client's hooks at the end of a turn: the watcher's look where no watcher runs. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { chmodSync, existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { binary } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { talkOf, WatchMachine } from "./watch-harness.ts"

setDefaultTimeout(60_000)

let machine: WatchMachine
beforeEach(() => {
  machine = new WatchMachine()
  machine.withTelling()
})
afterEach(() => machine.dispose())

const id = sessionId(1)
const input = () => Buffer.from(JSON.stringify({ session_id: id, cwd: "/work/p1" }))
const env = () => ({ HOME: machine.home, ...machine.watchEnv })

async function session(tokens: number, more: Record<string, unknown> = {}): Promise<void> {
  const cwd = "/work/p1"
  machine.transcript(id, { cwd, text: talkOf(1, [{ tokens }], { cwd }) })
  machine.registry(await machine.client({ cwd: machine.root }), id, { cwd, ...more })
}

/** What setup registered for an event, and nothing else. */
async function registered(event: string, program = binary): Promise<string> {
  expect((await machine.run(["setup", "--hooks"], { binary: program })).code).toBe(0)
  const { hooks } = JSON.parse(readFileSync(join(machine.claude, "settings.json"), "utf8"))
  return hooks[event][0].hooks[0].command
}

/** The look itself, which the hook leaves to a process in the background. */
async function look(event: string): Promise<void> {
  const child = Bun.spawn([binary, "hook", event, "--now"], {
    env: env(),
    stdin: input(),
    stdout: "ignore",
    stderr: "ignore",
  })
  expect(await child.exited).toBe(0)
}

const log = () => {
  const file = join(machine.data, "hook.log")
  return existsSync(file) ? readFileSync(file, "utf8") : ""
}

test("a turn that ends above 75 per cent is saved and told; the client sees nothing of it", async () => {
  await session(150_000)
  const command = await registered("Stop")
  const called = Bun.spawnSync(["sh", "-c", command], { env: env(), stdin: input() })
  expect([called.exitCode, called.stdout.toString(), called.stderr.toString()]).toEqual([0, "", ""])
  await until("it to be told", () => machine.commanded.length === 1, { show: log })
  await until("the log", () => log().includes(" Stop told: p1 a0000001: context 75% of 200k; saved"), {
    show: log,
  })
  expect(log()).toMatch(/ Stop saved · a0000001-\S+ · .*-LOSSLESS-session\.jsonl\n/)
  expect(machine.copies).toHaveLength(1)
  await look("Stop")
  expect(machine.commanded).toHaveLength(1)
})

test("the client's turn does not wait for a program that never answers, which gets its input all the same", async () => {
  const program = join(machine.root, "placed/session-rescue")
  machine.copy(binary, program)
  const command = await registered("Stop", program)
  machine.write(program, `#!/bin/sh\ncat > '${machine.root}/input'\nexec sleep 300\n`)
  chmodSync(program, 0o755)
  const client = machine.start(["sh", "-c", `${command}; echo over > '${machine.root}/over'; exec sleep 300`])
  client.say(`${input()}\n`)
  await until("the turn to go on", () => existsSync(join(machine.root, "over")))
  await until("the input", () => existsSync(join(machine.root, "input")))
})

test("a program that is gone is no error of the client's", async () => {
  const command = (await registered("Stop")).replace(binary, "/nonexistent/session-rescue")
  const called = Bun.spawnSync(["sh", "-c", command], { env: env(), stdin: input() })
  expect([called.exitCode, called.stdout.toString(), called.stderr.toString()]).toEqual([0, "", ""])
})

test("a client that says that it waits for its user is told at once, though no minute has passed", async () => {
  await session(10_000, { status: "waiting", waitingFor: "permission prompt" })
  await look("Stop")
  expect(machine.commanded).toEqual([])
  await look("Notification")
  expect(machine.commanded).toMatchObject([{ text: expect.stringContaining("waits for your answer") }])
})

test("the start of a session looks once a day, for what clients delete soon", async () => {
  await session(10_000)
  await look("SessionStart")
  const { lastLookAt } = await machine.state()
  await look("SessionStart")
  expect((await machine.state()).lastLookAt).toBe(lastLookAt)
  await look("Notification")
  expect((await machine.state()).lastLookAt).toBeGreaterThan(lastLookAt)
})

test("turns of many sessions that end at once leave none of them out", async () => {
  for (let number = 1; number <= 4; number++) {
    const cwd = `/work/p${number}`
    const text = talkOf(number, [{ tokens: 150_000 }], { cwd })
    machine.transcript(sessionId(number), { cwd, text })
    const program = `c${number}/claude-code-linux-x64/claude`
    machine.registry(await machine.client({ program }), sessionId(number), { cwd })
  }
  await Promise.all([1, 2, 3, 4].map(() => look("Stop")))
  expect(machine.copies).toHaveLength(4)
  expect(machine.commanded.flatMap(({ sessions }) => sessions)).toHaveLength(4)
})

test("where a watcher runs, the hooks leave it all to that", async () => {
  const watcher = await machine.watch()
  const before = (await machine.state()).lastLookAt
  await look("Stop")
  process.kill(watcher.pid, "SIGSTOP") // it looks at nothing from here on
  await session(190_000)
  await look("Stop")
  expect([(await machine.state()).lastLookAt === before, machine.copies]).toEqual([true, []])
  expect(log()).toBe("")
})
