/** `watch --once`: what a timer, cron or a hook does. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { appendFileSync, chmodSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { postProcessor } from "../fixtures/plugins.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { talkOf, WatchMachine } from "./watch-harness.ts"

setDefaultTimeout(60_000)

let machine: WatchMachine
beforeEach(() => {
  machine = new WatchMachine()
  machine.withTelling()
})
afterEach(() => machine.dispose())

/** A running session, as the client leaves it after an answer. */
async function session(number: number, tokens: number, more: Record<string, unknown> = {}) {
  const cwd = `/work/p${number}`
  const id = sessionId(number)
  const transcript = machine.transcript(id, { cwd, text: talkOf(number, [{ tokens, ...more }], { cwd }) })
  const client = await machine.client({
    cwd: machine.root,
    program: `c${number}/claude-code-linux-x64/claude`,
  })
  machine.registry(client, id, { cwd })
  return { id, transcript, client }
}

test("a context above 75 per cent is saved, told with what to know, and told once", async () => {
  const { transcript } = await session(1, 150_000)
  const { code, stdout } = await machine.once()
  expect(code).toBe(0)
  expect(stdout).toMatch(/saved {3}p1 a0000001: context 75% of 200k; saved .*-LOSSLESS-session\.jsonl/)
  expect(machine.copies.map((path) => readFileSync(path, "utf8"))).toEqual([readFileSync(transcript, "utf8")])
  expect(machine.notified).toEqual([
    "-a|session-rescue|-u|critical|--|session-rescue: a context is nearly full|p1 a0000001: context 75% of 200k; saved|",
  ])
  const [told] = machine.commanded
  expect(told).toMatchObject({
    schemaVersion: 1,
    title: "session-rescue: a context is nearly full",
    sessions: [
      { id: sessionId(1), reason: "context", saved: "saved", contextPercent: 75, path: machine.copies[0] },
    ],
  })
  expect(await machine.once()).toMatchObject({ code: 0, stdout: "", stderr: "" })
  expect(machine.notified).toHaveLength(1)
})

test("a context below 75 per cent, or with an unknown window, is left alone", async () => {
  await session(1, 149_000)
  await session(2, 900_000, { model: "claude-next-9" })
  expect(await machine.once()).toMatchObject({ code: 0, stdout: "" })
  expect(machine.copies).toEqual([])
  const { json } = await machine.status()
  const shares = json.sessions.map(({ id, usedPercent }: Record<string, unknown>) => [id, usedPercent])
  expect(Object.fromEntries(shares)).toEqual({ [sessionId(1)]: 75, [sessionId(2)]: null })
})

test("the newer copy takes the place of the older one that it contains", async () => {
  const { transcript } = await session(1, 150_000)
  await machine.once()
  appendFileSync(transcript, talkOf(1, [{ tokens: 181_000 }], { cwd: "/work/p1", age: 1000 }))
  expect((await machine.once()).stdout).toContain("context 90% of 200k; saved")
  expect(machine.copies.map((path) => readFileSync(path, "utf8"))).toEqual([readFileSync(transcript, "utf8")])
})

test("a killed client is saved and told, a hung one too, and not ended", async () => {
  const killed = await session(1, 10_000)
  const hung = await session(2, 10_000)
  writeFileSync(
    hung.transcript,
    talkOf(2, [{ tokens: 10_000 }], { cwd: "/work/p2", age: 3_600_000, open: true }),
  )
  machine.registry(hung.client, hung.id, { cwd: "/work/p2", status: "busy" })
  process.kill(hung.client.pid, "SIGSTOP")
  await machine.once()
  await killed.client.end("SIGKILL")
  await machine.once()
  const reasons = (await machine.state()).told.map(({ sessions }: { sessions: unknown }) => sessions)
  expect(reasons).toMatchObject([
    [{ id: hung.id, reason: "hung", saved: "saved" }],
    [{ id: killed.id, reason: "crashed", saved: "saved" }],
  ])
  process.kill(hung.client.pid, 0)
  expect(machine.copies).toHaveLength(2)
})

test("a session that its client deletes within seven days is saved and told, once", async () => {
  const day = 86_400_000
  const transcript = machine.transcript(sessionId(1), { cwd: "/work/p1", age: 24 * day })
  machine.transcript(sessionId(2), { cwd: "/work/p2", age: 5 * day })
  expect((await machine.once()).stdout).toContain(
    "p1 a0000001: its client deletes it within seven days; saved",
  )
  expect(machine.commanded).toMatchObject([{ sessions: [{ id: sessionId(1), reason: "purge" }] }])
  expect(machine.copies.map((path) => readFileSync(path, "utf8"))).toEqual([readFileSync(transcript, "utf8")])
  expect(await machine.once()).toMatchObject({ code: 0, stdout: "" })
})

test("what follows an export follows here, too: a plugin of the user's gets the copy", async () => {
  const body = `await ctx.run(["sh", "-c", "echo " + exported.manifest.session.id + " >> '${machine.root}/noted'"]); throw new Error("no luck")`
  const folder = join(machine.home, ".config/session-rescue/plugins/post-process")
  chmodSync(machine.write(join(folder, "noted.ts"), postProcessor("noted", body)), 0o644)
  for (let path = folder; path !== dirname(machine.root); path = dirname(path)) chmodSync(path, 0o755)
  await session(1, 150_000)
  expect((await machine.once()).code).toBe(0)
  expect(readFileSync(join(machine.root, "noted"), "utf8")).toBe(`${sessionId(1)}\n`)
  expect((await machine.status()).json.errors).toMatchObject([
    { message: expect.stringContaining("the plugin noted failed on") },
  ])
})

test("forty sessions that fill up at once are forty copies and one notification", async () => {
  for (let number = 1; number <= 40; number++) await session(number, 185_000)
  expect((await machine.once()).code).toBe(0)
  expect(machine.copies).toHaveLength(40)
  expect(machine.notified).toHaveLength(1)
  expect(machine.notified[0]).toContain("session-rescue: 40 sessions|")
})

test("above watch.max_bytes nothing is copied, and that is told", async () => {
  machine.withTelling("[watch]\nmax_bytes = 100\n")
  await session(1, 150_000)
  expect((await machine.once()).code).toBe(1)
  expect(machine.copies).toEqual([])
  expect(machine.notified[0]).toContain("NOT SAVED: unprocessed copies take all of watch.max_bytes")
  expect((await machine.once()).stdout).toBe("")
})

test("no transcript text is in what is told, and none in a command line", async () => {
  const { transcript } = await session(1, 150_000)
  writeFileSync(transcript, readFileSync(transcript, "utf8").replaceAll("mend it", "the secret prompt"))
  await machine.once()
  expect(JSON.stringify([machine.notified, machine.commanded])).not.toContain("secret")
})

test("without a program that shows notifications everything is saved, and kept for watch --status", async () => {
  await session(1, 150_000)
  const env = { ...machine.watchEnv, PATH: "/nonexistent" }
  machine.config('notify_command = ["/nonexistent/told"]\n')
  expect(await machine.run(["watch", "--once"], { env })).toMatchObject({ code: 0 })
  const { json } = await machine.status()
  expect(json.told).toMatchObject([{ by: [], text: "p1 a0000001: context 75% of 200k; saved" }])
  expect(json.errors).toMatchObject([{ message: expect.stringContaining("/nonexistent/told failed") }])
})

test("a state file that is damaged, or from the future, keeps nothing from being saved", async () => {
  await session(1, 150_000)
  machine.write(join(machine.data, "watch/state.json"), '{"version":1,')
  expect((await machine.once()).stdout).toContain("saved")
  machine.write(join(machine.data, "watch/state.json"), '{"version":2}')
  expect((await machine.once()).code).toBe(0)
})

test("wrong values are refused with what to type", async () => {
  for (const [args, says] of [
    [["--at", "120%"], 'invalid value for --at: "120%"'],
    [["--hung-after", "soon"], 'invalid duration for --hung-after: "soon"'],
    [["--once", "--status"], "--once and --status cannot be combined"],
  ] as const) {
    const { code, stderr } = await machine.run(["watch", ...args])
    expect([code, stderr]).toEqual([2, expect.stringContaining(says)])
  }
})
