/** What a real client records of tokens and models: each answer counts once, and windows are those of its own table. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { readFileSync } from "node:fs"
import { type Client, mayRun, openClient } from "../driving/client.ts"
import { subagentFiles, transcriptsOf } from "../driving/client-files.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

setDefaultTimeout(90_000)

interface Usage {
  readonly all: { readonly input: number; readonly output: number; readonly answers: number }
  readonly sessions: readonly { readonly id: string; readonly answers: number; readonly project: string }[]
  readonly live: readonly { readonly id: string; readonly contextPercent: number | null }[]
  readonly coverage: { readonly unread: readonly unknown[]; readonly damagedLines: number }
}

await eachClient("tokens of real sessions", withRegistry, (real) => {
  let scratch: ScratchHome
  let long: Client
  let usual: Client

  const usage = async () =>
    (await scratch.product("usage", "--json", "--data-dir", scratch.data)).json<Usage>()

  /** The ids of the answers in the transcripts of both folders, as they stand there. */
  function answers(): ReadonlySet<string> {
    const folders = [long.cwd, usual.cwd]
    const files = folders.flatMap((cwd) => [
      ...transcriptsOf(scratch.home, cwd),
      ...subagentFiles(scratch.home, cwd),
    ])
    const lines = files
      .flatMap((file) => readFileSync(file, "utf8").split("\n"))
      .filter((line) => line !== "")
    return new Set(
      lines
        .map((line) => JSON.parse(line))
        .filter(({ type, message }) => type === "assistant" && message.model !== "<synthetic>")
        .map(({ message }) => message.id),
    )
  }

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, ["long", "usual"])
    ;[long, usual] = await Promise.all([
      openClient(scratch, "long", `${mayRun} --model 'claude-opus-4-6[1m]'`),
      openClient(scratch, "usual", `${mayRun} --model claude-opus-4-5-20251101`),
    ])
    await long.chat("good morning @@usage 50000")
    await usual.chat("good evening @@usage 50000")
    await usual.chat(`delegate it @@tool ${real.subagentTool} {"description":"dig","prompt":"dig"}`)
    await usual.says("idle")
  })
  afterAll(() => scratch?.close())

  test("the window is the one the user chose, where the client records it", async () => {
    const chosen = { model: "claude-opus-4-6[1m]", contextWindow: 1_000_000, contextPercent: 5 }
    const unknown = { model: "claude-opus-4-6", contextWindow: null, contextPercent: null }
    const seen = real.requestedModel ? chosen : unknown
    expect(await scratch.entry(long)).toMatchObject({ contextTokens: 50_020, ...seen })
    expect(await scratch.entry(usual)).toMatchObject({
      model: "claude-opus-4-5-20251101",
      contextWindow: 200_000,
    })
  })

  test("each answer counts once, a subagent's for its session", async () => {
    const { all, sessions, coverage } = await usage()
    expect(all.answers).toBe(answers().size)
    expect(all.answers).toBeGreaterThanOrEqual(4) // two replies, a call, what the subagent said
    expect(all.output).toBe(20 * all.answers)
    expect(sessions.map(({ project }) => project).toSorted()).toEqual([long.cwd, usual.cwd].toSorted())
    expect(coverage).toMatchObject({ unread: [], damagedLines: 0 })
  })

  test("a fork has copies of the answers, and they count once", async () => {
    const before = await usage()
    const { sessionId } = await long.says("idle")
    await long.kill("SIGTERM")
    const fork = await openClient(scratch, "long", `${mayRun} --resume ${sessionId} --fork-session`)
    await fork.chat("and now a fork")
    const { all, sessions } = await usage()
    expect(all.answers).toBe(before.all.answers + 1)
    expect(all.answers).toBe(answers().size)
    const forked = await fork.says("idle")
    expect(forked.sessionId).not.toBe(sessionId)
    expect(sessions.find(({ id }) => id === forked.sessionId)?.answers).toBe(1)
  })
})
