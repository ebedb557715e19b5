/** The folders of the background service: whose a job is, stands in its state.json. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { mkdirSync, rmSync } from "node:fs"
import { isOfSession } from "../../plugins/detect/claude-code/footprint/footprint.ts"
import { parseSessionId } from "../../src/domain/session/session-id.ts"
import { Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { contents } from "../restore/rescued.ts"
import { committed, manifestOf } from "./export-invariants.ts"

const id = sessionId(1)
const short = id.slice(0, 8)
const other = sessionId(2)
let machine: Machine
beforeEach(() => {
  machine = new Machine()
  machine.transcript(id)
})
afterEach(() => machine.dispose())

const job = (name: string, state: unknown) => {
  const folder = `${machine.claude}/jobs/${name}`
  if (state !== undefined) machine.write(`${folder}/state.json`, JSON.stringify(state))
  machine.write(`${folder}/timeline.jsonl`, `{"of":"${name}"}\n`)
  machine.write(`${folder}/tmp/report.md`, "the final report\n")
}

async function jobsSaved(name = id): Promise<string[]> {
  expect((await machine.run(["export", name, "--json"])).json.failures).toEqual([])
  const { files } = manifestOf(committed(machine).at(-1) ?? "")
  const places = files.map(({ relative }: { relative: string }) => relative.split("/"))
  const jobs = places.filter(([top]: string[]) => top === "jobs").map(([, name]: string[]) => name ?? "")
  return [...new Set<string>(jobs)].sort()
}

const states: [string, string, unknown, boolean][] = [
  ["named by it", short, { sessionId: id, resumeSessionId: id }, true],
  ["by its name, without a state", short, undefined, true],
  ["by its name, with a state that names none", short, { state: "working" }, true],
  ["by its name, with a state that is no object", short, null, true],
  ["that another one's name is on (/clear)", "0badcafe", { sessionId: id }, true],
  ["that it is resumed from", "0badcafe", { sessionId: other, resumeSessionId: id }, true],
  ["by its name, but its state names another", short, { sessionId: other }, false],
  ["another one's", "0badcafe", { sessionId: other }, false],
  ["nobody's", "0badcafe", undefined, false],
]
test.each(states)("a job %s", async (_, name, state, saved) => {
  job(name, state)
  expect(await jobsSaved()).toEqual(saved ? [name] : [])
})

test("a torn state.json is none, and the job is saved by its name", async () => {
  job(short, undefined)
  machine.write(`${machine.claude}/jobs/${short}/state.json`, `{"sessionId":"${other}`)
  expect(await jobsSaved()).toEqual([short])
})

test("the whole folder comes back, byte for byte", async () => {
  job(short, { sessionId: other, daemonShort: short })
  job("0badcafe", { sessionId: id })
  mkdirSync(`${machine.claude}/jobs/${short}/empty`)
  machine.write(`${machine.claude}/jobs/pins.json`, "[]")
  expect(await jobsSaved()).toEqual(["0badcafe"])
  const before = contents(`${machine.claude}/jobs/0badcafe`)
  rmSync(machine.claude, { recursive: true })
  expect((await machine.run(["restore", id])).code).toBe(0)
  expect(contents(`${machine.claude}/jobs`)).toEqual(
    new Map([...before].map(([path, bytes]) => [`0badcafe/${path}`, bytes])),
  )
})

test("a restore puts nothing else below jobs", () => {
  const parsed = parseSessionId(id)
  if (parsed === null) throw new Error("no id")
  const allowed = (relative: string) => isOfSession(relative, parsed)
  expect(["0badcafe/state.json", "0badcafe/tmp/x", `${id}/x`].map((each) => allowed(`jobs/${each}`))).toEqual(
    [true, true, true],
  )
  const others = ["pins.json", "0badcafe", "0badcafex/y", "0badcaf/y", "../settings.json/x", `${other}/x`]
  expect(others.filter((each) => allowed(`jobs/${each}`))).toEqual([])
})
