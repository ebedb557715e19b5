/** Questions on streams of a test's own: keys in, frames out. */
import { describe, expect, test } from "bun:test"
import { PassThrough } from "node:stream"
import { type Screen, screenOn } from "../../../src/system/terminal/screen.ts"
import { asciiOnly } from "../../../src/view/terminal/output.ts"
import type { Reply } from "../../../src/view/terminal/prompts.ts"
import { sanitize } from "../../../src/view/terminal/sanitize.ts"
import { createPrompts } from "../../../src/view/terminal/terminal-prompts.ts"
import { until } from "../../fixtures/until.ts"
import { terminal } from "./stream.ts"
import { forbidden, untrustedSamples, untrustedText, withoutColours } from "./untrusted-samples.ts"

const left = "\u001b[D"
const enter = "\r"
const esc = "\u001b"
const ctrlC = "\u0003"
const ctrlD = "\u0004"

function stage(unicode = true) {
  const input = new PassThrough()
  const frames: string[] = []
  const ends = new PassThrough() as PassThrough & { columns: number; rows: number }
  Object.assign(ends, { columns: 80, rows: 24, write: (text: string) => frames.push(text) > 0 })
  const output: Screen = screenOn(ends as never, unicode ? (text) => text : asciiOnly)
  const stop = new AbortController()
  const { paint } = terminal(80).out
  const prompts = createPrompts({ input, output, signal: stop.signal, unicode, paint })
  /** Asks, and presses each key once the one before has been drawn. */
  const answer = async <T>(question: Promise<Reply<T>>, keys: readonly string[]) => {
    await until("the question", () => frames.length > 0)
    for (const key of keys) {
      const before = frames.length
      input.write(key)
      await until(`an answer to ${JSON.stringify(key)}`, () => frames.length > before)
    }
    return question
  }
  return { prompts, answer, stop, input, shown: () => frames.join("") }
}

describe("a question", () => {
  const ask = (prompts: ReturnType<typeof stage>["prompts"]) => prompts.confirm("Sure?", "Yes", "No")

  test.each([
    ["Escape", esc, "back"],
    ["Ctrl-D", ctrlD, "back"],
    ["Ctrl-C", ctrlC, "leave"],
  ] as const)("%s", async (_, key, expected) => {
    const { prompts, answer } = stage()
    expect(await answer(ask(prompts), [key])).toBe(expected)
  })

  test("being told to end, and a terminal that goes away", async () => {
    const told = stage()
    const question = ask(told.prompts)
    await until("the question", () => told.shown() !== "")
    told.stop.abort()
    expect(await question).toBe("leave")
    expect(await ask(told.prompts)).toBe("leave")
    const gone = stage()
    const another = ask(gone.prompts)
    await until("the question", () => gone.shown() !== "")
    gone.input.end()
    expect(await another).toBe("leave")
  })
})

test("a confirmation is No unless Yes is chosen", async () => {
  for (const [keys, yes] of [
    [[enter], false],
    [[left, enter], true],
    [["y"], true],
    [["n"], false],
  ] as const) {
    const { prompts, answer } = stage()
    expect(await answer(prompts.confirm("End it?", "Yes", "No"), keys)).toEqual({ answer: yes })
  }
})

test("a cancelled one shows that, and neither answer", async () => {
  for (const key of [esc, ctrlD]) {
    const { prompts, answer, shown } = stage()
    await answer(prompts.confirm("End it?", "Yes, end it", "No"), [left, key])
    const last = shown().slice(shown().lastIndexOf("End it?"))
    expect(last).toContain("cancelled")
    expect(last).not.toMatch(/Yes, end it|No/)
  }
})

describe("hostile text in a question", () => {
  const cursor = /\u001b\[\??[0-9;]*[A-HJKSTfhlsu]/g // what clack moves and erases with

  test.each([true, false])("draws nothing of its own, Unicode %p", async (unicode) => {
    for (const text of [...untrustedSamples, untrustedText]) {
      const { prompts, answer, shown } = stage(unicode)
      await answer(prompts.confirm(sanitize(text), "Yes", "No"), [left, esc])
      const seen = withoutColours(shown().replace(cursor, "")).replaceAll("\r", "")
      expect([text, forbidden.exec(seen)]).toEqual([text, null])
    }
  })
})
