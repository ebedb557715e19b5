/** Whether a document that its client writes whole holds all that an older one did. */
import { expect, test } from "bun:test"
import { holdsRecords } from "../../../src/rescue/verify/documents.ts"

const bytes = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value))
const holds = (newer: unknown, older: unknown) => holdsRecords(bytes(newer), bytes(older))
const [hi, there] = [
  { id: "1", text: "hi" },
  { id: "2", text: "there" },
]
const at = (second: number) => `2026-01-31T23:59:0${second}.000Z`

test.each([
  ["is the same", { messages: [hi] }, { messages: [hi] }],
  ["has gained a record", { messages: [hi, there] }, { messages: [hi] }],
  ["has gained one in the middle", { messages: [hi, { id: "3" }, there] }, { messages: [hi, there] }],
  [
    "has a record that has gained something",
    { messages: [{ ...hi, calls: [{ id: "c" }] }] },
    { messages: [hi] },
  ],
  [
    "was updated later",
    { lastUpdated: at(9), n: 2, messages: [hi] },
    { lastUpdated: at(1), n: 1, messages: [hi] },
  ],
  ["is a list", [hi, there], [there]],
  ["is spaced in another way", { messages: [hi] }, '{ "messages" : [ {"text":"hi","id":"1"} ] }'],
] as const)("one that %s holds it", (_, newer, older) => {
  expect(holds(newer, older)).toBe(true)
})

test.each([
  ["has lost a record", { messages: [there] }, { messages: [hi, there] }],
  ["says something else in one", { messages: [{ ...hi, text: "ho" }] }, { messages: [hi] }],
  ["has them in another order", { messages: [there, hi] }, { messages: [hi, there] }],
  ["has one once that was there twice", { messages: [hi] }, { messages: [hi, hi] }],
  ["has lost a field", { messages: [hi] }, { summary: "a title", messages: [hi] }],
  ["has another title", { summary: "b", messages: [hi] }, { summary: "a", messages: [hi] }],
  ["has no lists, and a field that differs", { prompt: 2 }, { prompt: 1 }],
  ["breaks off", '{"messages":[{"id":"1","text":"hi"}', { messages: [hi] }],
  ["comes after one that breaks off", { messages: [hi] }, '{"messages":[{"id":"1"'],
] as const)("one that %s does not", (_, newer, older) => {
  expect(holds(newer, older)).toBe(false)
})

test("one that is nested too deep to compare counts as another", () => {
  const deep = `{"messages":${"[".repeat(200_000)}${"]".repeat(200_000)}}`
  expect(holds(deep, deep)).toBe(false)
})
