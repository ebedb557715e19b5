/** What is left before a client compacts: each agent's own limit, as its files tell it, reaches the watcher. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { readFileSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { addCopilot, copilot } from "../fixtures/agents/copilot.ts"
import * as qwenChats from "../fixtures/agents/qwen.ts"
import { addRollout, codex, threadId } from "../fixtures/codex.ts"
import * as geminiChats from "../fixtures/gemini/client.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { talkOf, WatchMachine } from "./watch-harness.ts"

setDefaultTimeout(60_000)

let machine: WatchMachine
let cwd: string
beforeEach(() => {
  machine = new WatchMachine()
  machine.withTelling()
  cwd = join(machine.root, "work")
})
afterEach(() => machine.dispose())

const id = sessionId(1)

/** The conversation of a running client; returns how its last answer is given another number of tokens. */
interface Running {
  readonly path: string
  readonly tokens: (number: number) => readonly (readonly [RegExp, string])[]
}

async function claude(settings: object): Promise<Running> {
  machine.write(join(cwd, ".claude/settings.json"), JSON.stringify(settings))
  const path = machine.transcript(id, { cwd, text: talkOf(1, [{ tokens: 1020 }], { cwd }) })
  machine.registry(await machine.client({ cwd }), id, { cwd })
  return { path, tokens: (number) => [[/"input_tokens":\d+/g, `"input_tokens":${number - 20}`]] }
}

async function ofCodex(config: string): Promise<Running> {
  machine.write(join(machine.home, ".codex/config.toml"), config)
  const path = addRollout(machine, { id: threadId(1), cwd })
  await codex(machine, { words: ["resume"], open: [path], cwd })
  return { path, tokens: (number) => [[/"total_tokens":\d+/g, `"total_tokens":${number}`]] }
}

async function ofGemini(settings: object): Promise<Running> {
  machine.write(join(machine.home, ".gemini/settings.json"), JSON.stringify(settings))
  const path = geminiChats.addChat(machine, { id, cwd })
  await geminiChats.gemini(machine, { cwd, words: ["--resume", id] })
  return { path, tokens: (number) => [[/"total":\d+/g, `"total":${number}`]] }
}

async function ofQwen(settings: object, window: number | null): Promise<Running> {
  machine.write(join(machine.home, ".qwen/settings.json"), JSON.stringify(settings))
  const path = qwenChats.addChat(machine, { id, cwd })
  const size = window === null ? "" : `"contextWindowSize":${window},`
  writeFileSync(path, readFileSync(path, "utf8").replaceAll('"usageMetadata":', `${size}"usageMetadata":`))
  const client = await qwenChats.qwen(machine, { chat: path, cwd })
  qwenChats.register(machine, { pid: client.pid, tick: client.procStart, id, cwd })
  return { path, tokens: (number) => [[/"totalTokenCount":\d+/g, `"totalTokenCount":${number}`]] }
}

async function ofCopilot(): Promise<Running> {
  const path = addCopilot(machine, { id, cwd })
  await copilot(machine, { id, cwd })
  const tokens = (number: number) => [
    [/"inputTokens":\d+/g, `"inputTokens":${number}`] as const,
    [/"outputTokens":\d+/g, '"outputTokens":0'] as const,
  ]
  return { path, tokens }
}

const env = { CLAUDE_CODE_AUTO_COMPACT_WINDOW: "150000" }

test.each<[string, number, number, () => Promise<Running>]>([
  ["Claude Code with a compaction window", 200_000, 117_000, () => claude({ env })],
  [
    "Claude Code with a share of it",
    200_000,
    65_000,
    () => claude({ env: { ...env, CLAUDE_AUTOCOMPACT_PCT_OVERRIDE: "50" } }),
  ],
  [
    "Claude Code with a share that is above it",
    200_000,
    117_000,
    () => claude({ env: { ...env, CLAUDE_AUTOCOMPACT_PCT_OVERRIDE: "99" } }),
  ],
  ["Codex", 190_000, 180_000, () => ofCodex('model = "x"\n')],
  [
    "Codex with a limit",
    190_000,
    100_000,
    () => ofCodex("model_auto_compact_token_limit = 100_000\n[x]\nmodel_auto_compact_token_limit = 5\n"),
  ],
  ["Gemini CLI", 1_048_576, 524_288, () => ofGemini({})],
  ["Gemini CLI with a share", 1_048_576, 209_715, () => ofGemini({ model: { compressionThreshold: 0.2 } })],
  ["Qwen Code", 131_072, 98_072, () => ofQwen({}, 131_072)],
  ["Qwen Code with a long window", 1_000_000, 850_000, () => ofQwen({}, 1_000_000)],
  [
    "Qwen Code with a share",
    131_072,
    52_429,
    () => ofQwen({ context: { autoCompactThreshold: 0.4 } }, 131_072),
  ],
  ["Copilot", 128_000, 102_400, ofCopilot],
])(
  "%s: of a window of %d it compacts at %d, and is saved at 75 per cent of that",
  async (_, window, limit, start) => {
    const { path, tokens } = await start()
    const fill = (number: number) => {
      let text = readFileSync(path, "utf8")
      for (const [pattern, count] of tokens(number)) text = text.replaceAll(pattern, count)
      writeFileSync(path, text)
      const at = new Date(Date.now() - 60_000)
      utimesSync(path, at, at)
    }
    fill(Math.floor(0.74 * limit))
    expect((await machine.once()).stdout).toBe("")
    const [seen] = (await machine.status()).json.sessions
    expect(seen).toMatchObject({ contextWindow: window, compactsAt: limit, usedPercent: 74, reasons: [] })
    fill(Math.ceil(0.75 * limit))
    expect((await machine.once()).stdout).toContain("saved   work ")
    expect((await machine.state()).told).toMatchObject([
      { sessions: [{ reason: "context", saved: "saved" }] },
    ])
  },
)

test("Qwen Code that does not record its window has no per cent, and is not guessed", async () => {
  await ofQwen({}, null)
  await machine.once()
  const [seen] = (await machine.status()).json.sessions
  expect(seen).toMatchObject({
    contextTokens: 1020,
    contextWindow: null,
    compactsAt: null,
    usedPercent: null,
  })
})
