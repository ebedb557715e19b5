/** The watcher beside real clients whose contexts fill up, that are killed, and that get no answer. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { type Client, openClient } from "../driving/client.ts"
import { binary } from "../harness/binary.ts"
import { eachClient } from "../harness/each-client.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"
import { inBrief } from "../harness/selected.ts"

setDefaultTimeout(180_000)

interface Told {
  readonly sessions: readonly {
    readonly id: string
    readonly reason: string
    readonly contextTokens: number
  }[]
}

interface Watched {
  readonly running: boolean
  readonly sessions: readonly {
    readonly id: string
    readonly contextTokens: number | null
    readonly contextPercent: number | null
    readonly compactsAt: number | null
    readonly usedPercent: number | null
    readonly reasons: readonly string[]
  }[]
}

await eachClient(
  "the watcher",
  ({ requestedModel }) => requestedModel,
  (real) => {
    let scratch: ScratchHome
    let watcher: Bun.Subprocess
    let usual: Client, long: Client, narrow: Client

    const hungAfter = 30_000
    const told = (): Told[] => {
      const file = join(scratch.root, "told")
      if (!existsSync(file)) return []
      const lines = readFileSync(file, "utf8").split("\n")
      return lines.filter((line) => line !== "").map((line) => JSON.parse(line))
    }
    const idOf = async (client: Client) => (await client.says("idle")).sessionId
    const status = async () =>
      (await scratch.product("watch", "--status", "--json", "--data-dir", scratch.data)).json<Watched>()
    /** What the watcher sees of a client, once it has seen that many tokens. */
    const seen = async (client: Client, tokens: number) => {
      const id = await idOf(client)
      const find = async () =>
        (await status()).sessions.find((each) => each.id === id && each.contextTokens === tokens + 20)
      return until(`the watcher to see ${tokens} tokens`, find)
    }
    const toldOf = (id: string, reason: string) =>
      told().filter(({ sessions }) => sessions.some((each) => each.id === id && each.reason === reason))
    const copyOf = (id: string) => {
      const pending = join(scratch.data, "sessions-export-pending-anthropic")
      const names = existsSync(pending) ? readdirSync(pending) : []
      const name = names
        .filter((each) => each.includes(id) && each.endsWith(".jsonl"))
        .toSorted()
        .at(-1)
      return name === undefined ? null : readFileSync(join(pending, name), "utf8")
    }

    beforeAll(async () => {
      scratch = await openScratchHome(real.executable, ["usual", "long", "narrow"])
      const tell = join(scratch.root, "tell")
      writeFileSync(tell, `#!/bin/sh\ncat >> '${scratch.root}/told'\n`)
      chmodSync(tell, 0o755)
      mkdirSync(join(scratch.home, ".config/session-rescue"), { recursive: true })
      writeFileSync(
        join(scratch.home, ".config/session-rescue/config.toml"),
        `notify_command = ["${tell}"]\n`,
      )
      mkdirSync(join(scratch.folder("narrow"), ".claude"))
      writeFileSync(
        join(scratch.folder("narrow"), ".claude/settings.local.json"),
        '{"env":{"CLAUDE_CODE_AUTO_COMPACT_WINDOW":"150000"}}\n',
      )
      watcher = Bun.spawn(
        [binary, "watch", "--hung-after", `${hungAfter / 1000}s`, "--data-dir", scratch.data],
        { env: scratch.env, cwd: scratch.root, stdio: ["ignore", "ignore", "ignore"] },
      )
      ;[usual, long, narrow] = await Promise.all([
        openClient(scratch, "usual", "--model claude-sonnet-4-5-20250929"),
        openClient(scratch, "long", "--model 'claude-opus-4-6[1m]'"),
        openClient(scratch, "narrow", "--model claude-sonnet-4-5-20250929"),
      ])
    })
    afterAll(async () => {
      watcher?.kill("SIGTERM")
      await watcher?.exited
      await scratch?.close()
    })

    test("saves before the client compacts, where its window is set lower", async () => {
      await narrow.chat("one @@usage 80000")
      expect(await seen(narrow, 80_000)).toMatchObject({
        ...{ contextPercent: 40, compactsAt: 117_000, usedPercent: 68, reasons: [] },
      })
      await narrow.chat("two @@usage 88000")
      const id = await idOf(narrow)
      await until("a copy", () => copyOf(id)?.includes("mock reply to two"))
      await narrow.chat("three @@usage 119100")
      await until("the next copy", () => copyOf(id)?.includes("mock reply to three"))
      await narrow.ask("the prompt that is too much") // no part of what another client is asked
      await until(
        "the compaction",
        () => readFileSync(narrow.transcript() ?? "", "utf8").includes("compact_boundary"),
        {
          show: narrow.terminal.screen,
          withinMs: 60_000,
        },
      )
      expect(copyOf(id)).not.toContain("compact_boundary")
    })

    // CI drives one context and the killed client; `npm run test:clients` all of it
    test.skipIf(inBrief)("saves at 75 and at 90 per cent of 200,000, and not before", async () => {
      await usual.chat("one @@usage 148000")
      expect(await seen(usual, 148_000)).toMatchObject({ contextPercent: 74, usedPercent: 74, reasons: [] })
      const id = await idOf(usual)
      expect(copyOf(id)).toBeNull()
      await usual.chat("two @@usage 150000")
      await until("it to be told", () => toldOf(id, "context").length === 1)
      expect(copyOf(id)).toContain("mock reply to two")
      await usual.chat("three @@usage 170000")
      await seen(usual, 170_000)
      expect(copyOf(id)).not.toContain("mock reply to three")
      await usual.chat("four @@usage 180000")
      await until("it to be told again", () => toldOf(id, "context").length === 2)
      expect(copyOf(id)).toContain("mock reply to four")
    })

    test.skipIf(inBrief)("takes a model with [1m] for what it is", async () => {
      await long.chat("one @@usage 190000")
      expect(await seen(long, 190_000)).toMatchObject({ contextPercent: 19, usedPercent: 19, reasons: [] })
      await long.chat("two @@usage 750000")
      const id = await idOf(long)
      await until("it to be told", () => toldOf(id, "context").length === 1)
      expect(copyOf(id)).toContain("mock reply to two")
    })

    test("saves and tells within 35 seconds that a client was killed", async () => {
      await usual.chat("what was said last")
      const id = await idOf(usual)
      await usual.kill("SIGKILL")
      await until("it to be told", () => toldOf(id, "crashed").length === 1, { withinMs: 35_000 })
      expect(copyOf(id)).toBe(readFileSync(usual.transcript() ?? "", "utf8"))
    })

    test.skipIf(inBrief)("saves and tells that a client hangs, and does not end it", async () => {
      const id = await idOf(long)
      await long.ask("think @@hang")
      await until("it to be told", () => toldOf(id, "hung").length === 1, { withinMs: hungAfter + 60_000 })
      expect(copyOf(id)).toContain("think @@hang")
      process.kill(long.pid, 0)
    })

    test("ends on TERM, and says that it does not run", async () => {
      watcher.kill("SIGTERM")
      expect(await watcher.exited).toBe(0)
      expect((await status()).running).toBe(false)
    })
  },
)
