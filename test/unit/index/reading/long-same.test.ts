/** What is read piece by piece says the same as what is read as a whole. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import type { IndexedPart } from "../../../../src/index/index.ts"
import { hash53 } from "../../../../src/index/store/hashing.ts"
import { assistant, record, toolResult, user } from "../../../fixtures/talk/conversation.ts"
import { seeded } from "../../../fixtures/talk/random.ts"
import { IndexHarness } from "../index-harness.ts"
import { resetLimits, setLimits } from "../small-limits.ts"

let desks: IndexHarness[] = []
beforeEach(() => {
  desks = [new IndexHarness(), new IndexHarness()]
})
afterEach(() => {
  resetLimits()
  for (const harness of desks) harness.dispose()
})

const small = {
  lineBytes: 300,
  stringBytes: 60,
  headBytes: 40,
  chunkBytes: 64,
  textChars: 160,
  rowChars: 160,
  overlapChars: 80,
}
const words = [
  "alpha",
  "fooBar_baz",
  "Été",
  "日本語",
  "テキスト",
  "src/a-b.ts",
  "E0308",
  "한국어",
  "e\u0301t",
  "x",
]
const signs = [
  '"',
  "\\",
  "\n",
  "\t",
  "\0",
  "\u0001",
  "😀",
  "𠀀",
  "\ud83d",
  "\udc00",
  "/",
  "é",
  "\\n",
  "\\u00e9",
  "{",
  "]",
]

type Random = ReturnType<typeof seeded>

function text(random: Random, length: number): string {
  let made = ""
  while (made.length < length) {
    if (random.between(0, 3) === 0) made += random.pick(signs as [string, ...string[]])
    made += `${random.pick(words as [string, ...string[]])}${random.between(0, 40)}`
    made += random.between(0, 5) === 0 ? "" : " "
  }
  return made
}

/** As other serialisers may write it: what need not be escaped is, and blanks are between. */
function written(random: Random, line: string): string {
  const escaped = line.replace(/[^\x00-\x7f]/g, (sign) =>
    random.between(0, 1) === 0 ? sign : `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
  return random.between(0, 2) === 0 ? escaped.replaceAll('":', '" : ').replaceAll(',"', ' ,\t"') : escaped
}

function lines(random: Random): string {
  const { talk } = desks[0] as IndexHarness
  return Array.from({ length: 12 }, (_, number) => {
    const long = () => text(random, random.pick([20, 200, 900, 3000]))
    const said = random.pick([
      () => user(long()),
      () => toolResult(`toolu_${number}`, long()),
      () => assistant(long()),
      () => ({
        ...{
          type: "user",
          message: { role: "user", content: Array.from({ length: 4 }, () => piece(random, long())) },
        },
      }),
    ])()
    const line = record(talk, number, said).trimEnd()
    return `${random.between(0, 5) === 0 ? "\0\0" : ""}${plainly(random, line)}\n`
  }).join("")
}

/** Texts of such a kind would be changed by blanks put into them. */
function plainly(random: Random, line: string): string {
  return line.includes('\\"') ? line : written(random, line)
}

function piece(random: Random, long: string): object {
  return random.pick<() => object>([
    () => ({ type: "text", text: long }),
    () => ({ type: "thinking", thinking: long }),
    () => ({
      type: "tool_use",
      id: "t1",
      name: "Bash",
      input: { command: long, description: long.slice(9) },
    }),
    () => ({
      type: "tool_use",
      id: "t2",
      name: "Edit",
      input: { file_path: "/a/b", edits: [long, 5, long] },
    }),
    () => ({
      type: "tool_result",
      tool_use_id: "t1",
      content: [{ type: "text", text: long }],
      is_error: true,
    }),
    () => ({
      type: "image",
      source: { media_type: "image/png", data: "aGk5".repeat(random.between(1, 3000)) },
    }),
    () => ({
      type: "tool_use",
      id: "t3",
      name: "Put",
      input: { data: "aGk5".repeat(random.between(400, 3000)) },
    }),
  ])()
}

const about = ({ kind, role, text, tool, command, isError, source, answers }: IndexedPart) => {
  const { offset, length } = source
  return { kind, role, text, tool, command, isError, offset, length, answered: answers !== null }
}

for (let seed = 1; seed <= 30; seed++) {
  test(`seed ${seed}`, async () => {
    const random = seeded(seed)
    const all = lines(random)
    const [whole, pieces] = desks as [IndexHarness, IndexHarness]
    const reports = [await whole.read(whole.write(all))]
    setLimits(small)
    reports.push(await pieces.read(pieces.write(all)))
    expect(reports[1]?.skipped).toEqual(reports[0]?.skipped as never)
    const recent = (harness: IndexHarness) => harness.ask((index) => index.recent({}, 999).map(about))
    expect(recent(pieces)).toEqual(recent(whole))
    const texts = recent(whole).map((part) => part.text)
    for (let count = 0; count < 40; count++) {
      const every = random.pick(texts as [string, ...string[]]).split(/[\s"]+/)
      const from = every.filter((word) => word.length < small.overlapChars) // longer ones are cut where rows end
      const at = random.between(0, Math.max(0, from.length - 3))
      const quoted = `"${from.slice(at, at + random.between(1, 3)).join(" ")}"`
      const other = random.pick(words as [string, ...string[]]) + random.between(0, 40)
      const query = random.pick([
        quoted,
        `${quoted} ${other}`,
        `${quoted} -${other}`,
        `${quoted} OR ${other}`,
      ])
      const found = (harness: IndexHarness) =>
        harness.ask((index) => {
          const { hits, total } = index.search(query, {}, 500)
          return { query, total, hits: hits.map((hit) => hash53(hit.text)).toSorted((a, b) => a - b) }
        })
      expect(found(pieces)).toEqual(found(whole))
    }
  })
}
