/** Questions on streams of a test's own: keys in, frames out. */
import { describe, expect, test } from "bun:test"
import { PassThrough } from "node:stream"
import { type Screen, screenOn } from "../../../src/system/terminal/screen.ts"
import { menuQuestions } from "../../../src/view/menu/menu.ts"
import { asciiOnly } from "../../../src/view/terminal/output.ts"
import type { Reply } from "../../../src/view/terminal/prompts.ts"
import { createPrompts } from "../../../src/view/terminal/terminal-prompts.ts"
import { now } from "../../fixtures/session.ts"
import { until } from "../../fixtures/until.ts"
import { classified } from "../../menu/script.ts"
import { terminal } from "./stream.ts"
import { forbidden, untrustedSamples, untrustedText, withoutColours } from "./untrusted-samples.ts"

const up = "\u001b[A"
const down = "\u001b[B"
const left = "\u001b[D"
const tab = "\t"
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
  return { prompts, answer, stop, input, asker: menuQuestions(prompts, paint), shown: () => frames.join("") }
}

const choices = ["one", "two", "three"].map((value) => ({ value, label: value, words: value }))
const list = [...choices, { value: "all", label: "All", words: "all", alone: true }]

describe("a list", () => {
  test.each([
    [[enter], ["one"]],
    [[down, enter], ["two"]],
    [
      [tab, down, down, tab, enter],
      ["one", "three"],
    ],
    [[down, tab, tab, enter], ["two"]],
    [["t", "h", enter], ["three"]],
    [[up, enter], ["all"]],
    [[tab, up, enter], ["all"]],
    [["a", enter], ["all"]],
    [["x", "\u007f", down, enter], ["two"]],
  ])("%j gives %j", async (keys, expected) => {
    const { prompts, answer } = stage()
    expect(await answer(prompts.pick("Which?", list), keys)).toEqual({ answer: expected })
  })

  test("does not lead to what is alone by a letter in the middle of it", async () => {
    const { prompts, answer } = stage()
    expect(await answer(prompts.pick("Which?", list), ["l", enter, esc])).toBe("back")
  })
})

describe.each(["pick", "select", "confirm"] as const)("%s", (kind) => {
  const ask = (prompts: ReturnType<typeof stage>["prompts"]): Promise<Reply<unknown>> =>
    kind === "pick"
      ? prompts.pick("Which?", list)
      : kind === "select"
        ? prompts.select("Which?", choices)
        : prompts.confirm("Sure?", "Yes", "No")

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

describe("hostile text in a question", () => {
  const session = (text: string) => classified(1, { title: text, cwd: text, detail: text, state: "HUNG" })
  const cursor = /\u001b\[\??[0-9;]*[A-HJKSTfhlsu]/g // what clack moves and erases with

  test.each([true, false])("draws nothing of its own, Unicode %p", async (unicode) => {
    for (const text of [...untrustedSamples, untrustedText]) {
      const { asker, answer, shown } = stage(unicode)
      const view = { sessions: [session(text)], notShown: 0, now, home: "/home/me" }
      await answer(asker.pick(view), [down, enter])
      await answer(asker.act(session(text), new Set()), [down, esc])
      const seen = withoutColours(shown().replace(cursor, "")).replaceAll("\r", "")
      expect([text, forbidden.exec(seen)]).toEqual([text, null])
    }
  })
})
