import { describe, expect, test } from "bun:test"
import { exportName, parseExportName } from "../../../src/domain/export/export.ts"
import { parseEndablePid, parsePid } from "../../../src/domain/session/pid.ts"
import {
  hasIdPrefix,
  parseIdPrefix,
  parseSessionId,
  parseUuid,
  shortId,
  uuidIn,
} from "../../../src/domain/session/session-id.ts"
import { parseTerminal, terminalDevice } from "../../../src/domain/session/terminal.ts"
import { parseStagingName } from "../../../src/rescue/export/staging.ts"

const id = "01e5af14-1111-4222-8333-444444444444"

describe("an id", () => {
  const others = ["ses_4f8aBcD01234567890AbCdEfGh", `session_${id}`, "1764318000000_ab12c", "talk-7"]

  test("is what its agent's files spell, and a safe part of a path", () => {
    for (const value of [id, id.toUpperCase(), id.replace("af", "aF"), ...others])
      expect(parseSessionId(value) as string).toBe(value)
    const unsafe = [
      `${id}/`,
      `../${id}`,
      `${id}\n`,
      "..",
      ".ses_1",
      "-ses_1",
      "_ses1",
      "a.b.c",
      "ses 1",
      "sés_1",
    ]
    for (const value of [...unsafe, "abc", "a".repeat(97), "", null, 7, [id]])
      expect([value, parseSessionId(value)]).toEqual([value, null])
  })

  test("is a UUID where the agent's are", () => {
    for (const value of [id, id.toUpperCase()]) expect(parseUuid(value) as string).toBe(value)
    for (const value of [...others, `${id}/`, id.replaceAll("-", ""), null])
      expect(parseUuid(value)).toBeNull()
  })

  test.each(others)("%s names an export and a staging folder", (other) => {
    const own = parseSessionId(other)
    if (own === null) throw new Error("no id")
    expect(parseExportName(exportName(own, new Date(0)))?.id).toBe(own)
    expect(parseStagingName(`.${own}.0123abcd-77-12345.89abcdef.tmp`)?.id).toBe(own)
    expect(hasIdPrefix(own, parseIdPrefix(shortId(own)) ?? "?")).toBe(true)
  })

  test.each([
    [id, "01e5af14"],
    ["019abcde-1111-7222-8333-444444444444", "019abcde-1111"],
    [`session_${id}`, "session_01e5af14"],
    ["ses_4f8aBcD01234567890AbCdEfGh", "ses_4f8aBcD01234"],
    ["1764318000000_ab12c", "1764318000000_ab12c"],
    ["talk-7", "talk-7"],
  ])("%s is shown as %s", (whole, short) => expect(shortId(whole)).toBe(short))

  test("in capitals keeps its spelling in an export's name, and is found by what is typed in any", () => {
    const capital = parseSessionId(id.toUpperCase())
    if (capital === null) throw new Error("no id")
    const name = exportName(capital, new Date(0))
    expect(parseExportName(name)?.id).toBe(capital)
    expect(uuidIn(`.${name}.x`)).toBe(capital)
    expect(
      ["01E5AF14", "01e5af14", id].map((typed) => hasIdPrefix(capital, parseIdPrefix(typed) ?? "?")),
    ).toEqual([true, true, true])
    expect(hasIdPrefix(null, "01e5")).toBe(false)
  })

  test.each([
    ["01e5", "01e5"],
    ["01E5AF14", "01e5af14"],
    ["01e5af14-", "01e5af14-"],
    ["01e5af14-11", "01e5af14-11"],
    ["01e5af1411", "01e5af14-11"],
    [id.replaceAll("-", ""), id],
    [id, id],
    ["ses_4f8aB", "ses_4f8ab"],
    ["talk-7", "talk-7"],
  ])("may be typed as %s", (typed, prefix) => expect(parseIdPrefix(typed)).toBe(prefix))

  test.each(["01e", "", "rescue", "-01e5af14", "01e5/", `../${id}`, "*"])("is not %p", (typed) =>
    expect(parseIdPrefix(typed)).toBeNull(),
  )
})

test("a pid that may be signalled is above 1", () => {
  expect(Number(parseEndablePid("2"))).toBe(2)
  for (const value of ["0", "1", "-1", 1, 0, -1])
    expect([value, parseEndablePid(value)]).toEqual([value, null])
})

test("a pid is above 0: no 0 or -1 is taken for a process", () => {
  expect(Number(parsePid("1"))).toBe(1)
  expect(Number(parsePid("2"))).toBe(2)
  expect(Number(parsePid(4_194_304))).toBe(4_194_304)
  for (const value of [
    "0",
    "-1",
    "+2",
    " 2",
    "2 ",
    "2.0",
    "1e3",
    "0x10",
    "",
    "9999999999",
    0,
    -1,
    2.5,
    Number.NaN,
  ])
    expect(parsePid(value)).toBeNull()
})

describe("a terminal", () => {
  test.each([
    ["pts/3", "pts/3", "/dev/pts/3"],
    ["/dev/pts/12", "pts/12", "/dev/pts/12"],
    ["tty1", "tty1", "/dev/tty1"],
    ["/dev/ttyS0", "ttyS0", "/dev/ttyS0"],
    ["s013", "s013", "/dev/ttys013"],
    ["ttys013", "s013", "/dev/ttys013"],
    ["/dev/ttys013", "s013", "/dev/ttys013"],
    ["console", "console", "/dev/console"],
  ])("%s", (typed, name, device) => {
    const terminal = parseTerminal(typed)
    expect([terminal as string | null, terminal && terminalDevice(terminal)]).toEqual([name, device])
  })

  test.each([
    "pts",
    "pts/",
    "pts/3/..",
    "/dev/../etc/passwd",
    "../pts/3",
    "pts/3\n",
    "?",
    "??",
    "null",
    "sda1",
    "",
  ])("is not %p", (typed) => expect(parseTerminal(typed)).toBeNull())
})

test("an export's name says when and what, and only such a name is one", () => {
  const name = exportName(parseSessionId(id) ?? (id as never), new Date("2026-01-31T23:59:58.999Z"))
  expect(name).toBe(`2026-01-31T23-59-58Z-${id}-LOSSLESS-session`)
  expect(parseExportName(name)).toEqual({ timestamp: "2026-01-31T23-59-58Z", id })
  for (const other of [`${name}.jsonl`, `.${name}`, name.replace("Z-", "-"), "", id])
    expect(parseExportName(other)).toBeNull()
})
