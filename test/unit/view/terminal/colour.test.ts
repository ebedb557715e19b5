/** When text is coloured: no-color.org, force-color.org, bixense.com/clicolors. */
import { expect, test } from "bun:test"
import { terminal, unicode } from "../stream.ts"

type Row = readonly [environment: Record<string, string>, terminal: boolean, pipe: boolean]

const rows: readonly Row[] = [
  [{}, true, false],
  [{ NO_COLOR: "1" }, false, false],
  [{ NO_COLOR: "0" }, false, false],
  [{ NO_COLOR: "" }, true, false],
  [{ FORCE_COLOR: "1" }, true, true],
  [{ FORCE_COLOR: "3" }, true, true],
  [{ FORCE_COLOR: "" }, true, false],
  [{ FORCE_COLOR: "0" }, false, false],
  [{ FORCE_COLOR: "false" }, false, false],
  [{ FORCE_COLOR: "1", NO_COLOR: "1" }, true, true],
  [{ FORCE_COLOR: "0", CLICOLOR_FORCE: "1" }, false, false],
  [{ CLICOLOR_FORCE: "1" }, true, true],
  [{ CLICOLOR_FORCE: "0" }, true, false],
  [{ CLICOLOR_FORCE: "1", NO_COLOR: "1" }, false, false],
  [{ CLICOLOR: "0" }, false, false],
  [{ CLICOLOR: "0", CLICOLOR_FORCE: "1" }, true, true],
  [{ TERM: "dumb" }, false, false],
  [{ TERM: "dumb", FORCE_COLOR: "1" }, true, true],
]

test.each(rows)("with %j: on a terminal %p, on a pipe %p", (more, onTerminal, onPipe) => {
  for (const [columns, expected] of [
    [80, onTerminal],
    [null, onPipe],
  ] as const) {
    const { out, text } = terminal(columns, { environment: { ...unicode, ...more } })
    out.print(out.paint.red("lost"))
    const both = out.paint.yellow("note:")
    out.note(both)
    expect([columns, out.coloured, text()]).toEqual([
      columns,
      expected,
      expected ? "\u001b[31mlost\u001b[39m\n\u001b[33mnote:\u001b[39m\n" : "lost\nnote:\n",
    ])
  }
})

test("a JSON document is never coloured", () => {
  const { out } = terminal(80, { json: true, environment: { ...unicode, FORCE_COLOR: "1" } })
  expect(out.coloured).toBe(false)
})

test("what is noted on a pipe beside a terminal has no colours", () => {
  const { out, text } = terminal(80, { errorOnPipe: true })
  out.note(out.paint.yellow("note:"))
  expect(text()).toBe("note:\n")
})
