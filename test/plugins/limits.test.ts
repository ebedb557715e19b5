/** What a plugin cannot do by being out of order: hold up a command, swell it, break what it prints, outstay it. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { openEnvironment } from "../../src/commands/framework/environment.ts"
import { endAtExit } from "../../src/plugin-host/running-workers.ts"
import { binary } from "../fixtures/machine.ts"
import { classifier, PluginMachine, postProcessor } from "../fixtures/plugins.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"

let machine: PluginMachine
beforeEach(() => {
  machine = new PluginMachine()
  machine.transcript(machine.id, {})
})
afterEach(() => machine.dispose())

async function warningsOf(args: readonly string[]): Promise<string[]> {
  const { code, json } = await machine.ask([...args, "--json"])
  expect(code).toBe(0)
  return json.warnings
}

test("one that has replaced the timers is late all the same", async () => {
  machine.configure('[plugins.still]\ntimeout = "500ms"\n')
  const body = "return new Promise(() => {})"
  machine.add("classify", "still", classifier("still", body, "globalThis.setTimeout = (() => 0) as never"))
  expect(await warningsOf(["status"])).toEqual([
    "the classify plugin still was left out: it did not return within 500 ms",
  ])
})

test("an answer that nobody can hold is not even sent", async () => {
  const body = 'return { state: "ORPHANED", detail: "x".repeat(100_000_000), evidence: [], flags: [] }'
  machine.add("classify", "big", classifier("big", body))
  expect(await warningsOf(["status"])).toEqual([
    "the classify plugin big was left out: its answer is larger than 64 MB",
  ])
})

test("what it says at length is cut before it is sent", async () => {
  machine.add("classify", "long", classifier("long", 'ctx.warn("x".repeat(100_000_000)); return null'))
  expect(await warningsOf(["status"])).toEqual([`long: ${"x".repeat(1000)}…`])
})

test("what it rejects has to be a process", async () => {
  const body =
    'ctx.reject({ toString: 1, valueOf: 1 } as never, "x"); ctx.reject(4242 as never, "y"); return null'
  machine.add("classify", "odd", classifier("odd", body))
  const { code, stdout } = await machine.ask(["status", "--explain"])
  expect([code, stdout]).toEqual([0, expect.stringContaining("odd: y")])
})

test("one that hangs after an export is waited for once in a run, and asked again by the next", async () => {
  for (const number of [2, 3]) machine.transcript(sessionId(number), {})
  machine.configure('[plugins.slow]\ntimeout = "300ms"\n')
  machine.add("post-process", "slow", postProcessor("slow", "return new Promise(() => {})"))
  const first = await warningsOf(["export", "--all"])
  expect(first.filter((each) => each.includes("failed on"))).toEqual([
    expect.stringContaining("(try 1 of 3): it did not answer within 300 ms"),
  ])
  expect(first).toContain("the plugin slow is skipped for the rest of this run: it timed out")
  const { json } = await machine.ask(["queue", "--json"])
  const attempts = json.exports.flatMap((each: { plugins: { attempts: number }[] }) =>
    each.plugins.map((plugin) => plugin.attempts),
  )
  expect(attempts).toEqual([1])
})

test("one that leaves a program behind, which holds its output open, keeps nobody from ending", async () => {
  const start = 'import { spawn } from "node:child_process"'
  const body =
    'spawn("sleep", ["20"], { stdio: "inherit" }).on("spawn", () => process.exit(0)); return new Promise(() => {})'
  machine.add("classify", "leaves", classifier("leaves", body, start))
  expect(await warningsOf(["status"])).toEqual([
    "the classify plugin leaves was left out: it exited (exit code 0)",
  ])
}, 15_000)

test("Ctrl-C while a plugin works on an export is an interruption, and the export is whole", async () => {
  const working = join(machine.root, "working")
  const body = `await ctx.run(["touch", ${JSON.stringify(working)}]); await new Promise(() => {})`
  machine.add("post-process", "slow", postProcessor("slow", body))
  const done = Bun.spawn([binary, "export", "--all", "--json"], {
    env: { HOME: machine.home, SESSION_RESCUE_DATA: machine.data, ...machine.bareTools },
    stdio: ["ignore", "pipe", "ignore"],
  })
  await until("the plugin to work", () => existsSync(working))
  done.kill("SIGINT")
  const said = JSON.parse(await new Response(done.stdout).text())
  expect([await done.exited, said.exports[0].status]).toEqual([130, "verified"])
  expect(said.warnings).toEqual([expect.stringContaining("run with the next export, kill or cx")])
})

test("SESSION_RESCUE_NO_PLUGINS and --no-plugins hold for doctor as well", async () => {
  const mark = join(machine.root, "ran")
  const load = `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(mark)}, "")`
  machine.add("classify", "mark", classifier("mark", "return null", load))
  await machine.ask(["doctor"], { SESSION_RESCUE_NO_PLUGINS: "1" })
  const { stdout } = await machine.ask(["doctor", "--no-plugins"])
  expect([existsSync(mark), stdout]).toEqual([false, expect.stringContaining("plugins are not loaded")])
  await machine.ask(["doctor"])
  expect(existsSync(mark)).toBe(true)
})

test("those of one look are ended by the next: a menu looks with every choice", async () => {
  let ended = 0
  endAtExit({ end: () => ended++ })
  await openEnvironment({ flags: new Map(), names: [] }, new AbortController().signal)
  expect(ended).toBe(1)
})
