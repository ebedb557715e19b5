/**
 * Files written whole. Broken: the source, rewritten by its client at any step of an export; and the process, killed there.
 * Held: an export is one whole state of the file, or absent; a rerun has the newest.
 */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { manifestOf, namesIn, sha256 } from "../../export/export-invariants.ts"
import { addChat } from "../../fixtures/gemini/client.ts"
import { oldChat } from "../../fixtures/gemini/talk.ts"
import { type Answer, Machine } from "../../fixtures/machine.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { until } from "../../fixtures/until.ts"
import { injected } from "../harness/counters.ts"
import { type Call, traced } from "../harness/inject.ts"
import { some } from "../harness/sample.ts"
import { documentOf } from "../harness/target.ts"
import { able } from "../tools.ts"

const row = "rewritten whole"
const ready = able(row, "strace")
const id = sessionId(1)
let machine: Machine
let path: string
let states: readonly string[]

/** The same conversation with one more turn, and of another length from the first byte on. */
beforeAll(() => {
  machine = new Machine()
  const cwd = join(machine.root, "work")
  mkdirSync(cwd)
  const prompt = "please mend it ".repeat(20_000)
  const talk = { id, cwd, at: new Date(Date.now() - 60_000), prompt }
  const later = { lastUpdated: new Date().toISOString() }
  states = [oldChat({ ...talk, last: "done" }), oldChat({ ...talk, last: "open" }, later)]
  path = addChat(machine, {
    id,
    cwd,
    text: states[0] ?? "",
    name: `session-2026-01-31T23-59-${id.slice(0, 8)}.json`,
  })
})
afterAll(() => machine.dispose())

const pending = () => join(machine.data, "sessions-export-pending-gemini")
const names = ["openat", "pread64", "pwrite64", "fsync", "link", "rename"]
const begin = () => {
  rmSync(machine.data, { recursive: true, force: true })
  writeFileSync(path, states[0] ?? "")
}
const rewrite = () => writeFileSync(path, states[1] ?? "")

async function steps(): Promise<readonly Call[]> {
  begin()
  const { answer, calls } = await traced(machine, ["export", id, "--json"], names)
  expect(documentOf(answer)?.exports[0]?.status).toBe("verified")
  const its = names.map((name) =>
    calls.filter(
      (call) => call.name === name && [path, machine.data].some((each) => call.line.includes(each)),
    ),
  )
  expect(its.every(({ length }) => length > 0)).toBe(true)
  return its.flatMap(some)
}

/** Every export on the disk is one state of the file, as its manifest says. */
function wrongOnDisk(): string[] {
  return namesIn(pending()).flatMap((name) => {
    if (!/^\d.*\.jsonl$/.test(name)) return []
    const base = join(pending(), name.slice(0, -6))
    const [copy, [file]] = [readFileSync(`${base}.jsonl`), manifestOf(base).files]
    const isWhole =
      states.includes(copy.toString()) && sha256(copy) === file.sha256 && file.store === "rewritten"
    return isWhole ? [] : [`${name} is no state of the file`]
  })
}

async function wrongAfter(answer: Answer): Promise<string[]> {
  const claimed = documentOf(answer)?.exports?.[0]
  const wrong = wrongOnDisk()
  if (answer.code === 0 && claimed?.status !== "verified") wrong.push(`exit 0, but ${claimed?.status}`)
  const again = await machine.run(["export", id, "--json"])
  const saved = documentOf(again)
  if (again.code !== 0 || saved.warnings.length > 0) wrong.push(`the rerun: ${again.stdout}${again.stderr}`)
  else if (readFileSync(saved.exports[0].path, "utf8") !== readFileSync(path, "utf8"))
    wrong.push("the rerun has not the newest")
  const left = namesIn(pending()).filter((name) => name.startsWith("."))
  return [...wrong, ...wrongOnDisk(), ...left.map((each) => `left over: ${each}`)]
}

test.if(ready)("rewritten at a step of its export, the copy is one of its states, whole", async () => {
  const wrong: string[] = []
  for (const { name, when } of await steps()) {
    begin()
    const log = join(machine.root, "stopped")
    rmSync(log, { force: true })
    const inject = `inject=${name}:signal=SIGSTOP:when=${when}`
    const program = ["strace", "-f", "-y", "-o", log, "-e", `trace=${name}`, "-e", inject]
    const running = machine.run(["export", id, "--json"], { program })
    const ended = running.then(() => true as const)
    const stopped = () =>
      /^(\d+) +--- stopped by SIGSTOP/m.exec(existsSync(log) ? readFileSync(log, "latin1") : "")?.[1]
    const pid = await until("it to stop, or to end", async (): Promise<string | true | null> => {
      return stopped() ?? (await Promise.race([ended, Bun.sleep(20).then(() => null)]))
    })
    rewrite()
    if (pid !== true) process.kill(Number(pid), "SIGCONT")
    const found = [...(await wrongAfter(await running)), ...(pid === true ? ["the fault missed"] : [])]
    injected(row, 1, found.length > 0 ? 1 : 0)
    wrong.push(...found.map((what) => `${name} #${when}: ${what}`))
  }
  expect(wrong).toEqual([])
})

test.if(ready)("killed at a step, and rewritten then: the next export is whole, and tidies up", async () => {
  const wrong: string[] = []
  for (const { name, when } of await steps()) {
    begin()
    const fault = { call: name, when, effect: "signal=SIGKILL" }
    const { answer, hit } = await traced(machine, ["export", id, "--json"], [name], [fault])
    rewrite()
    const found = [...(await wrongAfter(answer)), ...(hit ? [] : ["the fault missed"])]
    injected(row, 1, found.length > 0 ? 1 : 0)
    wrong.push(...found.map((what) => `killed at ${name} #${when}: ${what}`))
  }
  expect(wrong).toEqual([])
})
