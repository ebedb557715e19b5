/** Threads that parse transcripts while another writes the index: the index is the same as without them. */
import { afterEach, expect, test } from "bun:test"
import { readParts } from "../../../plugins/detect/claude-code/parts/parts.ts"
import type { IndexSource } from "../../../src/index/index.ts"
import { IndexIngest } from "../../../src/pipeline/indexing/index-work.ts"
import { Lookahead } from "../../../src/pipeline/indexing/lookahead.ts"
import { ParseAhead } from "../../../src/pipeline/indexing/parse-ahead.ts"
import { readRange } from "../../../src/system/fs/read-range.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { contentsOf } from "../index/contents.ts"
import { IndexHarness, silentProgress } from "../index/index-harness.ts"
import { longText, oddTranscript } from "../index/odd-transcript.ts"

const harnesses: IndexHarness[] = []
const running: ParseAhead[] = []
const fileCount = 24

function newHarness(): IndexHarness {
  const harness = new IndexHarness()
  harnesses.push(harness)
  return harness
}

afterEach(() => {
  for (const ahead of running.splice(0)) ahead.close()
  for (const harness of harnesses.splice(0)) harness.dispose()
})

async function started(threads: number): Promise<ParseAhead> {
  const ahead = new ParseAhead(threads)
  running.push(ahead)
  await ahead.allReady()
  return ahead
}

/** The same paths and times in every harness. */
function sourcesIn(harness: IndexHarness): IndexSource[] {
  return Array.from({ length: fileCount }, (_, index) => {
    const id = sessionId(index % 20)
    const long = index % 20 === 1 ? longText : undefined
    const text = oddTranscript({ ...harness.talk, id }, `word${index % 20}`, long)
    const disk = harness.write(text, `${index}.jsonl`)
    const open = (from: number, length?: number) => readRange(disk, from, length)
    const about = {
      path: `/home/${index}`,
      file: `${index}`,
      modifiedAt: 1,
      session: id,
      diskPath: disk,
      open,
    }
    return { ...harness.source(disk), ...about }
  })
}

/** Indexes the files; `before` is called before each, with its number. */
async function contents(
  request: (sources: readonly IndexSource[]) => readonly IndexSource[],
  before: (number: number) => unknown = () => {},
): Promise<Record<string, string>> {
  const harness = newHarness()
  const writer = harness.writer()
  for (const [number, source] of request(sourcesIn(harness)).entries()) {
    await before(number)
    const report = await writer.update(source, readParts, silentProgress)
    expect(report.error).toBeNull()
  }
  writer.close()
  return contentsOf(harness.database)
}

const alone = () => contents((sources) => sources)

test.each([1, 2])("with %d threads every row is the same as without", async (threads) => {
  const ahead = await started(threads)
  let parsed = 0
  const found = await contents((sources) =>
    ahead.request(sources).map((source) => ({
      ...source,
      async *parsed() {
        for await (const stretch of source.parsed?.() ?? []) {
          if (stretch.records !== null) parsed++
          yield stretch
        }
      },
    })),
  )
  expect(found).toEqual(await alone())
  expect(parsed).toBeGreaterThan(fileCount)
})

test("a thread that ends in the middle of the work leaves nothing out", async () => {
  const ahead = await started(1)
  const found = await contents(
    (sources) => ahead.request(sources),
    (number) => number === 3 && ahead.close(),
  )
  expect(found).toEqual(await alone())
})

test("a thread that ends in the middle of a file leaves nothing out", async () => {
  const ahead = await started(1)
  const found = await contents((sources) =>
    ahead.request(sources).map((source, number) =>
      number !== 2
        ? source
        : {
            ...source,
            async *parsed() {
              let stretches = 0
              for await (const stretch of source.parsed?.() ?? []) {
                yield stretch
                if (++stretches === 2) ahead.close()
              }
            },
          },
    ),
  )
  expect(found).toEqual(await alone())
})

test("files that are requested but not read hold nothing up", async () => {
  const ahead = await started(1)
  const harness = newHarness()
  const writer = harness.writer()
  const sources = ahead.request([...sourcesIn(harness), ...sourcesIn(harness), ...sourcesIn(harness)])
  const last = sources.at(-1)
  if (last === undefined) throw new Error("no source")
  const report = await writer.update(last, readParts, silentProgress)
  writer.close()
  expect(report.error).toBeNull()
  expect(report.parts).toBeGreaterThan(70)
})

test("small increments start no thread", async () => {
  const harness = newHarness()
  const index = new IndexIngest(harness.writer())
  const lookahead = new Lookahead(index, 1)
  for (const source of sourcesIn(harness))
    for await (const { sources } of lookahead.through([{ label: "", sources: [source] }]))
      expect(sources.map(({ parsed }) => parsed)).toEqual([undefined])
  expect(lookahead.hasStarted).toBe(false)
  index.close()
})

test("with much to read, later files are parsed by a thread; none starts where there is one processor", async () => {
  for (const threads of [0, 1]) {
    const harness = newHarness()
    const index = new IndexIngest(harness.writer())
    const lookahead = new Lookahead(index, threads)
    const seen: string[] = []
    let parsed = 0
    const groups = Array.from({ length: 60 }, (_, round) => ({
      label: `${round}`,
      sources: sourcesIn(harness).map((source) => ({ ...source, path: `${source.path}/${round}` })),
    }))
    for await (const { label, sources } of lookahead.through(groups)) {
      seen.push(label)
      parsed += sources.filter((source) => source.parsed !== undefined).length
      await lookahead.ready()
    }
    lookahead.close()
    index.close()
    expect(seen).toEqual(groups.map(({ label }) => label))
    expect(parsed > 0).toBe(threads > 0)
    expect(lookahead.hasStarted).toBe(threads > 0)
  }
})
