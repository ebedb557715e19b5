/** Help on a narrow terminal: no word is torn, and what explains a flag stays beside it. */
import { expect, test } from "bun:test"
import { commands } from "../../src/cli/commands.ts"
import { showHelp } from "../../src/cli/help.ts"
import { layOutHelp } from "../../src/view/terminal/help-layout.ts"
import { terminal } from "../unit/view/stream.ts"

const words = (text: string) =>
  Bun.stripANSI(text)
    .split(/\s+/)
    .filter((word) => word !== "")

async function help(command: string | null, columns: number | null): Promise<string> {
  const { out, text } = terminal(columns)
  await showHelp(command, out)
  return text()
}

test.each([60, 80, 140])("every command's fits %i columns, word by word", async (columns) => {
  for (const command of [null, ...Object.keys(commands)]) {
    const [narrow, whole] = [await help(command, columns), await help(command, null)]
    expect([command, words(narrow)]).toEqual([command, words(whole)])
    const examples = new Set(whole.split("\n").filter((line) => line.startsWith("  session-rescue")))
    const wide = narrow.split("\n").filter((line) => Bun.stringWidth(line) > columns && !examples.has(line))
    expect([command, wide]).toEqual([command, []])
  }
})

test("what goes on in a second line stands under the first", () => {
  const line = "  --force    Replace what differs; it is saved first"
  expect(layOutHelp(line, 40)).toBe(
    ["  --force    Replace what differs; it is", "             saved first"].join("\n"),
  )
  const long = "  --very-long-flag=<WORD>    Replace what differs, saved first"
  expect(layOutHelp(long, 40)).toBe(
    ["  --very-long-flag=<WORD>", "      Replace what differs, saved first"].join("\n"),
  )
  expect(layOutHelp(`${line}   `, null)).toBe(line)
})
