import { afterEach, beforeEach, expect, test } from "bun:test"
import { record } from "../../../fixtures/talk/conversation.ts"
import { IndexHarness } from "../index-harness.ts"

let harness: IndexHarness
beforeEach(() => {
  harness = new IndexHarness()
})
afterEach(() => harness.dispose())

/** One record of an answer that the client writes down piece by piece. */
function piece(text: string, output: number) {
  const usage = { input_tokens: 10, output_tokens: output }
  const message = { id: "msg_1", role: "assistant", model: "m", content: [{ type: "text", text }], usage }
  return { type: "assistant", message }
}

const spent = () =>
  harness
    .ask((index) => index.tokens("model", { limit: 9 }))
    .map(({ input, output, answers }) => [input, output, answers])

test("an answer that an export cut in two costs once", async () => {
  const first = record(harness.talk, 0, piece("one", 3))
  const saved = harness.write(first, "saved.jsonl")
  await harness.read(harness.source(saved, { place: "pending", export: "an export", file: "sum" }))
  await harness.read(harness.write(first + record(harness.talk, 1, piece("two", 8))))
  expect(spent()).toEqual([[10, 8, 1]])
})

test("and once where the file was only added to", async () => {
  await harness.read(harness.write(record(harness.talk, 0, piece("one", 3))))
  await harness.read(harness.append(record(harness.talk, 1, piece("two", 8))))
  expect(spent()).toEqual([[10, 8, 1]])
})
