/** Records that are packed for another thread become the same rows as records that are read at once. */
import { afterEach, describe, expect, test } from "bun:test"
import { readParts } from "../../../../plugins/detect/claude-code/parts/parts.ts"
import {
  type BatchMemory,
  FilePacker,
  type IndexSource,
  newBatchMemory,
  type ParsedStretch,
  stretchRecords,
} from "../../../../src/index/index.ts"
import { readRange } from "../../../../src/system/fs/read-range.ts"
import { sessionId } from "../../../fixtures/talk/conversation.ts"
import { contentsOf } from "../contents.ts"
import { IndexHarness, silentProgress } from "../index-harness.ts"
import { longText, oddTranscript } from "../odd-transcript.ts"

const harnesses: IndexHarness[] = []

function newHarness(): IndexHarness {
  const harness = new IndexHarness()
  harnesses.push(harness)
  return harness
}

afterEach(() => {
  for (const harness of harnesses.splice(0)) harness.dispose()
})

/** Packs the file of a source in this thread, in memory that is used again for each batch. */
function packedHere(source: IndexSource, memory: BatchMemory): IndexSource {
  async function* parsed(): AsyncGenerator<ParsedStretch> {
    const packer = new FilePacker()
    packer.use(memory)
    const { document, size, path } = source
    const file = { file: 1, document, size, read: readParts, open: () => readRange(path, 0) }
    for (const _ of packer.pack(file)) {
      yield* sent(packer)
      packer.use(memory)
    }
    yield* sent(packer)
  }
  function* sent(packer: FilePacker): Generator<ParsedStretch> {
    const batch = packer.take()
    for (const stretch of batch?.stretches ?? []) {
      batches.add(batch)
      if (stretch.records !== null) packed += stretch.records.count
      if (batch !== null) yield { ...stretch, records: stretchRecords(batch, stretch) }
    }
    memory.texts.fill(0x3f) // whoever reads a text later finds something else
  }
  return { ...source, parsed }
}

const batches = new Set<unknown>()
let packed = 0

const small: BatchMemory = { texts: new Uint8Array(8000), numbers: new Float64Array(400) }

describe.each([
  ["in one batch", newBatchMemory()],
  ["in many small batches", small],
])("%s", (_, memory) => {
  test.each([
    ["a transcript with everything in it", 1],
    ["several, and a fork of one of them", 3],
  ])("%s", async (_name, count) => {
    const [plain, other] = [newHarness(), newHarness()]
    batches.clear()
    packed = 0
    for (const harness of [plain, other]) {
      const paths = Array.from({ length: count }, (_each, index) => {
        const talk = { ...harness.talk, id: sessionId(index + 1) }
        return harness.write(oddTranscript(talk, `word${index}`, longText), `${index}.jsonl`)
      })
      if (count > 1) paths.push(harness.write(oddTranscript(harness.talk, "word0"), "fork.jsonl"))
      const writer = harness.writer()
      for (const [index, path] of paths.entries()) {
        const about = {
          path: `/home/${index}`,
          session: sessionId(index + 1),
          file: `${index}`,
          modifiedAt: 1,
        }
        const source = {
          ...harness.source(path),
          open: (from: number, length?: number) => readRange(path, from, length),
        }
        const read = harness === plain ? source : packedHere(source, memory)
        const report = await writer.update({ ...read, ...about }, readParts, silentProgress)
        expect(report.error).toBeNull()
        expect(report.skippedCount).toBeGreaterThan(0)
      }
      writer.close()
    }
    expect(contentsOf(other.database)).toEqual(contentsOf(plain.database))
    expect(packed).toBeGreaterThan(70 * count)
    expect(batches.size).toBeGreaterThanOrEqual(memory === small ? 3 * count : count)
  })
})

test("a file that becomes shorter while it is packed is reported, and what it had is in the index", async () => {
  const harness = newHarness()
  const path = harness.write(oddTranscript(harness.talk, "shrunk", longText))
  const source = harness.source(path)
  const writer = harness.writer()
  const report = await writer.update(
    packedHere({ ...source, size: source.size + 5000 }, newBatchMemory()),
    readParts,
    silentProgress,
  )
  writer.close()
  expect(report.state).toBe("broken-off")
  expect(report.error?.message).toBe("it became shorter while it was read")
  expect(harness.texts("shrunk first prompt")).toEqual(["first prompt, shrunk"])
})

test("a line that was left out and has changed since is an error, not another record", async () => {
  const harness = newHarness()
  const path = harness.write(oddTranscript(harness.talk, "moving", longText))
  const source = packedHere(harness.source(path), newBatchMemory())
  const writer = harness.writer()
  const open = (from: number) => readRange(harness.write("x".repeat(400_000), "other.jsonl"), from, 9)
  const report = await writer.update({ ...source, open }, readParts, silentProgress)
  writer.close()
  expect(report.state).toBe("broken-off")
  expect(report.error?.message).toBe("it changed while it was read")
})

test("an interrupted read keeps what it has, and the next one goes on from there", async () => {
  const [harness, plain] = [newHarness(), newHarness()]
  const text = oddTranscript(harness.talk, "later", longText)
  const [path, whole] = [harness.write(text), plain.write(text)]
  const end = new AbortController()
  const writer = harness.writer()
  const source = packedHere(harness.source(path), small)
  const parsed = source.parsed
  async function* interrupted(): AsyncGenerator<ParsedStretch> {
    let stretches = 0
    for await (const stretch of parsed?.() ?? []) {
      yield stretch
      if (++stretches === 2) end.abort()
    }
  }
  const progress = { signal: end.signal, advance() {} }
  const first = await writer.update({ ...source, parsed: interrupted }, readParts, progress)
  expect(first.state).toBe("broken-off")
  expect(first.error).toBeNull()
  const rest = await writer.update(harness.source(path), readParts, silentProgress)
  writer.close()
  expect(rest.state).toBe("appended")
  expect(first.parts).toBeGreaterThan(0)
  expect(first.parts + rest.parts).toBe((await plain.read(whole)).parts)
  expect(harness.texts("later")).toEqual(plain.texts("later"))
})
