import { afterEach, beforeEach, expect, test } from "bun:test"
import { join } from "node:path"
import { Machine } from "../fixtures/machine.ts"
import { record, sessionId, type Talk, toolResult, user } from "../fixtures/talk/conversation.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

interface Answered {
  readonly model: string
  readonly requestedModel?: string
  readonly input?: number
  readonly output?: number
}

const talk: Talk = {
  id: sessionId(1),
  cwd: "/work/one",
  at: new Date(Date.now() - 60_000),
  version: "2.1.332",
}

function answer(number: number, { model, requestedModel, input = 50_000, output = 400 }: Answered): string {
  const usage = {
    input_tokens: 10,
    cache_creation_input_tokens: input - 20,
    cache_read_input_tokens: 10,
    output_tokens: output,
  }
  const content = [{ type: "text", text: "done" }]
  const message = { id: `msg_${number}`, model, role: "assistant", content, stop_reason: "end_turn", usage }
  return record(talk, number, { type: "assistant", message, ...(requestedModel && { requestedModel }) })
}

const boundary = (number: number) =>
  record(talk, number, {
    type: "system",
    subtype: "compact_boundary",
    compactMetadata: { trigger: "auto", preTokens: 150_000 },
  })

async function contextOf(text: string, args: readonly string[] = []) {
  machine.transcript(talk.id, { text })
  const { json } = await machine.run(["status", "--json", ...args])
  const { model, contextTokens, contextWindow, contextPercent } = json.sessions[0]
  return { model, contextTokens, contextWindow, contextPercent }
}

const question = record(talk, 0, user("mend it"))

test("the window is the one of the model that answered last, and the per cent count as the status line's", async () => {
  const text =
    question +
    answer(1, {
      model: "claude-sonnet-4-5-20250929",
      requestedModel: "sonnet",
      input: 178_000,
      output: 9_000,
    })
  expect(await contextOf(text)).toEqual({
    model: "claude-sonnet-4-5-20250929",
    contextTokens: 187_000,
    contextWindow: 200_000,
    contextPercent: 89,
  })
  const moved =
    text + answer(3, { model: "claude-opus-5-5", requestedModel: "claude-opus-5-5", input: 178_000 })
  expect(await contextOf(moved)).toMatchObject({
    model: "claude-opus-5-5",
    contextWindow: 1_000_000,
    contextPercent: 18,
  })
})

test("a model chosen with [1m] has the long window", async () => {
  const long = answer(1, { model: "claude-opus-4-6", requestedModel: "claude-opus-4-6[1m]", input: 50_000 })
  expect(await contextOf(question + long)).toMatchObject({
    model: "claude-opus-4-6[1m]",
    contextWindow: 1_000_000,
    contextPercent: 5,
  })
  const usual = answer(1, { model: "claude-opus-4-6", requestedModel: "claude-opus-4-6", input: 50_000 })
  expect(await contextOf(question + usual)).toMatchObject({ contextWindow: 200_000, contextPercent: 25 })
})

test("a client that does not record [1m] leaves the window unknown, until more is in it than the smaller one holds", async () => {
  const model = "claude-sonnet-4-6"
  expect(await contextOf(question + answer(1, { model }))).toMatchObject({
    model,
    contextWindow: null,
    contextPercent: null,
  })
  const grown = question + answer(1, { model, input: 250_000 })
  expect(await contextOf(grown)).toMatchObject({ contextWindow: 1_000_000, contextPercent: 25 })
  const shrunk = grown + boundary(2) + answer(3, { model, input: 30_000 })
  expect(await contextOf(shrunk)).toMatchObject({
    contextTokens: 30_400,
    contextWindow: 1_000_000,
    contextPercent: 3,
  })
})

test("an unknown model has an unknown window, and its tokens are counted", async () => {
  const text =
    question + answer(1, { model: "claude-next-9", requestedModel: "claude-next-9", input: 70_000 })
  expect(await contextOf(text)).toEqual({
    model: "claude-next-9",
    contextTokens: 70_400,
    contextWindow: null,
    contextPercent: null,
  })
})

test("other providers' names of a model have its window", async () => {
  for (const model of [
    "us.anthropic.claude-opus-4-5-20251101-v1:0",
    "claude-opus-4-5@20251101",
    "claude-opus-4-20250514",
  ]) {
    expect(await contextOf(question + answer(1, { model }))).toMatchObject({ model, contextWindow: 200_000 })
  }
})

test("after a compaction the tokens are unknown until the next answer", async () => {
  const text = question + answer(1, { model: "claude-opus-5-5", input: 150_000 }) + boundary(2)
  expect(await contextOf(text)).toMatchObject({
    model: "claude-opus-5-5",
    contextTokens: null,
    contextPercent: null,
  })
})

test("what the client writes in place of an answer is none", async () => {
  const text =
    question +
    answer(1, { model: "claude-opus-5-5", input: 150_000 }) +
    answer(3, { model: "<synthetic>", input: 20, output: 0 })
  expect(await contextOf(text)).toMatchObject({
    model: "claude-opus-5-5",
    contextTokens: 150_400,
    contextPercent: 15,
  })
})

test("the last answer is found behind megabytes of results and a failed request", async () => {
  const long = [2, 3, 4, 5].map((number) => record(talk, number, toolResult("toolu_1", "x".repeat(700_000))))
  const failed = { model: "<synthetic>", input: 20, output: 0 }
  const end = record(talk, 6, user("go on")) + answer(7, failed)
  const text = question + answer(1, { model: "claude-opus-5-5", input: 150_000 }) + long.join("") + end
  expect(await contextOf(text)).toMatchObject({ contextTokens: 150_400, contextPercent: 15 })
})

test("the environment and the settings of a running client limit the window", async () => {
  const text =
    question + answer(1, { model: "claude-opus-5-5", requestedModel: "claude-opus-5-5", input: 50_000 })
  const cwd = join(machine.root, "work")
  const client = await machine.client({ cwd, env: { CLAUDE_CODE_DISABLE_1M_CONTEXT: "1" } })
  machine.registry(client, talk.id, { cwd })
  expect(await contextOf(text)).toMatchObject({ contextWindow: 200_000, contextPercent: 25 })
  const env = {
    CLAUDE_CODE_DISABLE_1M_CONTEXT: "0",
    DISABLE_COMPACT: "1",
    CLAUDE_CODE_MAX_CONTEXT_TOKENS: "100000",
  }
  machine.write(join(cwd, ".claude/settings.json"), JSON.stringify({ env }))
  expect(await contextOf(text)).toMatchObject({ contextWindow: 100_000, contextPercent: 50 })
})
