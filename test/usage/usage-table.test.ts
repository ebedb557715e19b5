import { expect, test } from "bun:test"
import { formatTokens, usageTable } from "../../src/view/usage/usage-table.ts"
import { terminal } from "../unit/view/stream.ts"
import { withoutColours } from "../unit/view/untrusted-samples.ts"

test("token counts have three significant digits", () => {
  const shown = [0, 7, 999, 1000, 9994, 9996, 99_949, 99_960, 999_499, 999_500, 45_210_000, 2.45e9, 1e15]
  expect(shown.map(formatTokens)).toEqual(
    "0 7 999 1.00k 9.99k 10.0k 99.9k 100k 999k 1.00M 45.2M 2.45G 1000T".split(" "),
  )
})

const use = { input: 3, cacheWrite: 20_000, cacheRead: 130_000, output: 1500, answers: 2 }
const priced = { cost: 1234.5, isPartlyPriced: true }
const rows = [
  { label: "claude-sonnet-4-5-20250929", use, ...priced },
  { label: "/日本語/の/とても/長い/フォルダ/名", keepsEnd: true, use: { ...use, output: 0 }, ...priced },
  { label: "x", use: { ...use, cacheRead: 0, cacheWrite: 0, output: 0 }, ...priced },
]

test.each([40, 50, 71, 72, 80, 120, 200])("a table fits %d columns, its numbers in line", (columns) => {
  for (const hasCosts of [false, true]) {
    const { out } = terminal(columns)
    const lines = usageTable(rows, { hasCosts, hasBars: true }, out).map(withoutColours)
    for (const line of lines) expect([line, Bun.stringWidth(line) <= columns]).toEqual([line, true])
    const ends = lines.map((line) => Bun.stringWidth(line.replace(/ █*$/, "")))
    expect(new Set(ends).size).toBe(1)
    expect(lines.filter((line) => line.includes("█"))).toHaveLength(3)
  }
})

test("the end of a folder is kept, the beginning of anything else", () => {
  const { out } = terminal(40)
  const [, model = "", folder = ""] = usageTable(rows, { hasCosts: true, hasBars: true }, out).map(
    withoutColours,
  )
  expect(model).toStartWith("claude-")
  expect(folder).toMatch(/^….*名 /)
})

test("nothing is cut on a pipe", () => {
  const { out } = terminal(null)
  const text = usageTable(rows, { hasCosts: true, hasBars: true }, out).join("\n")
  for (const { label } of rows) expect(text).toContain(label)
})
