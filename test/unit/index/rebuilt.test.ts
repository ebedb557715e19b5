/** Whatever happens to the files in whatever order, an index that followed says what one that is made anew says. */
import { afterEach, expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { readParts } from "../../../plugins/detect/claude-code/parts/parts.ts"
import { type IndexedPart, IndexReader, rebuildIndex } from "../../../src/index/index.ts"
import { silentProgress } from "./index-harness.ts"
import { RandomEvents } from "./random-events.ts"
import { resetLimits, setLimits } from "./small-limits.ts"

const seeds = Number(process.env.WEATHER_SEEDS ?? 25)
const first = Number(process.env.WEATHER_FIRST ?? 1)

interface Said {
  readonly parts: readonly IndexedPart[]
  readonly answers: number
  readonly false: readonly string[]
}

/** Everything in an index; and what it says of where that lies that is not so. */
function all(path: string): Said {
  const index = new IndexReader(path)
  try {
    const parts = index.recent({}, 100_000)
    const lies = parts.flatMap(({ part, text, source }) =>
      [...(source.gone ? [] : [source]), ...index.locations(part)].flatMap(({ path, offset, length }) =>
        readFileSync(path)
          .toString("utf8", offset, offset + length)
          .includes(text)
          ? []
          : [`${text} in ${path}`],
      ),
    )
    const answers = index.tokens("session", { limit: 9 }).reduce((sum, each) => sum + each.answers, 0)
    return { parts, answers, false: lies }
  } finally {
    index.close()
  }
}

/** Without the tool of a result: whoever read the call before it was lost knows more. */
const known = ({ session, kind, role, text }: IndexedPart) => `${session} ${kind} ${role} ${text}`

afterEach(resetLimits)

/** As if each record were one of many MB. */
const small = {
  lineBytes: 60,
  stringBytes: 16,
  headBytes: 8,
  chunkBytes: 32,
  textChars: 12,
  rowChars: 12,
  overlapChars: 6,
  heavyChars: 4,
  heavyTotalChars: 64,
}

for (let seed = first; seed < first + 2 * seeds; seed++) {
  const isSmall = seed >= first + seeds
  test(`seed ${seed}${isSmall ? ", every line a long one" : ""}`, async () => {
    if (isSmall) setLimits(small)
    const events = new RandomEvents(seed)
    try {
      for (let step = 0; step < 60; step++) await events.happens()
      await events.settle()
      if (events.sources().length > 0) await events.read(...events.sources())
      const followed = all(events.database)
      const anew = `${events.root}/anew/index.db`
      await rebuildIndex(anew, async (index) => {
        for (const source of events.sources()) await index.update(source, readParts, silentProgress)
      })
      const rebuilt = all(anew)
      const story = events.happened.join(" ")
      expect({ story, false: [...followed.false, ...rebuilt.false] }).toEqual({ story, false: [] })
      expect({ story, twice: twice(followed.parts) }).toEqual({ story, twice: [] })
      const there = followed.parts.filter(({ source }) => !source.gone)
      expect({ story, there: there.map(known).toSorted() }).toEqual({
        ...{ story, there: rebuilt.parts.map(known).toSorted() },
      })
      const answered = followed.parts.filter(({ output }) => output !== null)
      expect({ story, answers: followed.answers }).toEqual({ story, answers: answered.length })
    } finally {
      events.dispose()
    }
  })
}

function twice(parts: readonly IndexedPart[]): readonly string[] {
  const seen = parts.map(known)
  return seen.filter((each, index) => seen.indexOf(each) !== index)
}
