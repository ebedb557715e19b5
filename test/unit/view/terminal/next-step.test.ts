import { expect, test } from "bun:test"
import { nextForReal } from "../../../../src/view/terminal/next-step.ts"
import { terminal } from "../stream.ts"

const next = (...typed: string[]) => nextForReal({ ...terminal(80).out, typed })

test("after a dry run the line that does it is the one that was typed", () => {
  expect(next("kill", "01e5af14", "--dry-run", "--tree")).toBe("Next: session-rescue kill 01e5af14 --tree")
  expect(next("restore", "--dry-run", "the 'auth' bug", "--to", "/a b")).toBe(
    `Next: session-rescue restore 'the '\\''auth'\\'' bug' --to '/a b'`,
  )
})

test("what cannot be shown raw is written so that it can be pasted", () => {
  const line = next("restore", "a\u001b[31mb", "--dry-run")
  expect(line).toStartWith('Next: session-rescue restore "$(printf')
  expect(line).not.toContain("\u001b")
})

test("where nobody typed it, no line is made up", () => {
  expect(next("menu")).toBe("Next: the same without --dry-run")
})
