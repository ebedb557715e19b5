/** The hooks that save, before a compaction and at a session's end: one at a time, and as far as there is room. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { appendFileSync, existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { takeTurn } from "../../src/operations/auto-save/turn.ts"
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

const never = new AbortController().signal
const cwd = "/work/p1"
const transcriptOf = (number: number) =>
  machine.transcript(sessionId(number), { cwd, text: talkOf(number, [{ tokens: 20_000 }], { cwd }) })
const log = () => {
  const file = join(machine.data, "hook.log")
  return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : []
}

/** What the hook leaves to a process in the background; returns what it adds to the log. */
async function hook(event: string, transcript: string, number = 1): Promise<string> {
  const before = log().length
  const input = { session_id: sessionId(number), transcript_path: transcript, cwd, trigger: "auto" }
  const child = Bun.spawn([binary, "hook", event, "--now"], {
    env: { HOME: machine.home, ...machine.watchEnv },
    stdin: Buffer.from(JSON.stringify(input)),
    stdout: "ignore",
    stderr: "ignore",
  })
  expect(await child.exited).toBe(0)
  return log().slice(before).join("\n")
}

test.each([
  ["PreCompact", "its client compacts it"],
  ["SessionEnd", "has ended"],
])(
  "%s above watch.max_bytes: not copied, told once until it is saved, and the log says where it still is",
  async (event, happened) => {
    machine.withTelling("[watch]\nmax_bytes = 100\n")
    const transcript = transcriptOf(1)
    const first = await hook(event, transcript)
    const words = "NOT SAVED: unprocessed copies take all of watch.max_bytes"
    expect(first).toContain(
      `${event} (auto) ${sessionId(1)} ${words}; its client keeps it: ${transcript}. Next: session-rescue cx, then session-rescue export · told: desktop, command · `,
    )
    expect(machine.copies).toEqual([])
    expect(machine.commanded).toMatchObject([
      {
        title: "session-rescue: a session is NOT SAVED",
        text: `p1 a0000001: ${happened}; ${words}. Next: session-rescue cx, then session-rescue export`,
        sessions: [{ id: sessionId(1), saved: "limit", path: null }],
      },
    ])
    expect(await hook(event, transcript)).toContain(" · told before · ")
    machine.withTelling()
    expect(await hook(event, transcript)).toContain(" verified · ")
    machine.withTelling("[watch]\nmax_bytes = 100\n")
    appendFileSync(transcript, talkOf(1, [{ tokens: 30_000 }], { cwd }))
    expect(await hook(event, transcript)).toContain(" · told: desktop, command · ")
    expect([machine.copies.length, machine.commanded.length]).toEqual([1, 2])
  },
)

test("a session of which a copy holds everything is not called unsaved, however full it is", async () => {
  const [one, two] = [transcriptOf(1), transcriptOf(2)]
  await hook("PreCompact", one)
  await hook("PreCompact", two, 2)
  machine.withTelling("[watch]\nmax_bytes = 100\n")
  expect(await hook("SessionEnd", one)).toContain(" unchanged · ")
  expect(machine.commanded).toEqual([])
})

test("two hooks of one session at once make one copy", async () => {
  const transcript = transcriptOf(1)
  await Promise.all([hook("PreCompact", transcript), hook("SessionEnd", transcript)])
  expect(
    log()
      .map((line) => / (verified|unchanged) /.exec(line)?.[1])
      .toSorted(),
  ).toEqual(["unchanged", "verified"])
  expect(machine.copies).toHaveLength(1)
})

test("many that end at once are all saved, and stay within the limit together", async () => {
  const transcripts = [1, 2, 3, 4, 5, 6].map(transcriptOf)
  const size = readFileSync(transcripts[0] ?? "").length
  machine.withTelling(`[watch]\nmax_bytes = ${4 * size + 10}\n`)
  await Promise.all(transcripts.map((each, index) => hook("SessionEnd", each, index + 1)))
  expect(machine.copies).toHaveLength(4)
  expect(log().filter((line) => line.includes("NOT SAVED"))).toHaveLength(2)
})

test("another copy that takes long is waited for, and then this one is made beside it", async () => {
  const turn = await takeTurn({ data: machine.data }, { waitMs: 0, signal: never })
  const transcript = transcriptOf(1)
  expect(await hook("PreCompact", transcript)).toContain(" · beside another copy that takes long · ")
  expect(machine.copies.map((path) => readFileSync(path, "utf8"))).toEqual([readFileSync(transcript, "utf8")])
  turn.end()
})

test("a process that was killed in its turn keeps nobody waiting", async () => {
  const script = `
    const { takeTurn } = await import(${JSON.stringify(join(import.meta.dir, "../../src/operations/auto-save/turn.ts"))})
    await takeTurn({ data: ${JSON.stringify(machine.data)} }, { waitMs: 0, signal: new AbortController().signal })
    setInterval(() => {}, 1e6)`
  const holder = Bun.spawn([process.execPath, "-e", script], { stdio: ["ignore", "ignore", "ignore"] })
  await until("its turn", () => existsSync(join(machine.data, "watch/.locks")))
  holder.kill("SIGKILL")
  await holder.exited
  const said = await hook("PreCompact", transcriptOf(1))
  expect([said.includes(" verified · "), said.includes("beside another")]).toEqual([true, false])
  expect(existsSync(join(machine.data, "watch/.locks"))).toBe(false)
})
