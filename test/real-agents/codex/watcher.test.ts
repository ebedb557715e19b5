/** The watcher beside the real Codex: a context that fills up, its compaction, and a client that is killed. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { binary } from "../../real-client/harness/binary.ts"
import type { SessionEntry } from "../../real-client/harness/contract.ts"
import type { Terminal } from "../../real-client/harness/terminal.ts"
import type { AgentHome } from "../harness/agent-home.ts"
import { type CodexHome, codexProgram, codexVersion, openCodexHome } from "../harness/codex.ts"

setDefaultTimeout(120_000)

interface Watched {
  readonly sessions: readonly {
    readonly id: string
    readonly contextTokens: number
    readonly contextWindow: number
    readonly compactsAt: number
    readonly usedPercent: number
    readonly reasons: readonly string[]
  }[]
}

describe.skipIf(codexProgram === null)(`the watcher, Codex ${codexVersion}`, () => {
  let home: CodexHome
  let its: AgentHome
  let watcher: Bun.Subprocess
  let window: Terminal
  let thread: SessionEntry

  beforeAll(async () => {
    home = await openCodexHome(["alone"])
    its = home.its
    mkdirSync(join(its.home, ".config/session-rescue"), { recursive: true })
    writeFileSync(
      join(its.home, ".config/session-rescue/config.toml"),
      `notify_command = ["sh", "-c", "cat >> '${its.root}/told'"]\n`,
    )
    watcher = Bun.spawn([binary, "watch"], { env: its.env, stdio: ["ignore", "ignore", "ignore"] })
    window = await its.terminal("alone")
    await window.line("codex --no-daemon")
    await window.shows("Ask Codex to do anything")
  })
  afterAll(async () => {
    watcher?.kill("SIGTERM")
    await watcher?.exited
    await home?.close()
  })

  async function say(prompt: string): Promise<void> {
    await window.line(prompt)
    await window.shows(`mock reply to ${prompt}`)
  }
  /** What the watcher sees, once it has seen that many tokens. */
  const seen = (tokens: number) =>
    until(
      `the watcher to see ${tokens} tokens`,
      async () => {
        const { json } = await its.product("watch", "--status", "--json")
        return json<Watched>().sessions.find(({ contextTokens }) => contextTokens === tokens + 20)
      },
      { show: window.screen, withinMs: 40_000 },
    )
  const told = (reason: string) => {
    const file = join(its.root, "told")
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : []
    return lines.filter((line) => line.includes(`"reason":"${reason}"`)).length
  }
  const copy = () => {
    const pending = join(its.data, "sessions-export-pending-codex")
    const names = existsSync(pending) ? readdirSync(pending).filter((name) => name.endsWith(".jsonl")) : []
    const last = names.toSorted().at(-1)
    return last === undefined ? null : readFileSync(join(pending, last), "utf8")
  }
  const transcript = () => readFileSync(thread.transcript ?? "", "utf8")

  // CI fills one context; `npm run test:agents` does all of it
  const inFull = test.skipIf(Boolean(process.env.CI))

  inFull("below 75 per cent of what fits before it compacts nothing is copied", async () => {
    await say("one @@usage 130000")
    expect(await seen(130_000)).toMatchObject({
      ...{ contextWindow: 190_000, compactsAt: 180_000, usedPercent: 72, reasons: [] },
    })
    expect(copy()).toBeNull()
  })

  test("above it the thread is saved and told", async () => {
    await say("two @@usage 140000")
    await until("it to be told", () => told("context") === 1, { withinMs: 40_000 })
    const [found] = await its.sessions()
    thread = found as SessionEntry
    expect(copy()).toContain("mock reply to two")
  })

  inFull("it compacts where the watcher says that it does, and was saved again before", async () => {
    await say("three @@usage 179000")
    await until("the next copy", () => copy()?.includes("mock reply to three"), { withinMs: 40_000 })
    await say("four @@usage 180500")
    expect(transcript()).not.toContain('"type":"compacted"')
    await window.line("five")
    await until("the compaction", () => transcript().includes('"type":"compacted"'), { show: window.screen })
    expect(copy()).not.toContain('"type":"compacted"')
    await window.shows("mock reply to five")
  })

  // where the turn is over, nothing in its files tells a killed client from one that was left
  inFull("killed in the middle of a turn, it is saved and told", async () => {
    await window.line("what was said last @@hang")
    await until("the prompt", () => transcript().includes("what was said last"), { show: window.screen })
    process.kill(thread.pid ?? 0, "SIGKILL")
    await until("it to be told", () => told("crashed") === 1, { withinMs: 60_000, show: window.screen })
    expect(copy()).toBe(transcript())
  })
})
