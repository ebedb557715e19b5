import { describe, expect, test } from "bun:test"
import { shellQuote } from "../../../src/domain/shell-quote.ts"
import { fitColumns, pad, sanitize } from "../../../src/view/terminal/sanitize.ts"

describe("no escape sequence reaches the terminal", () => {
  test.each([
    ["a colour", "a\u001b[31;1mb", "ab"],
    ["an 8-bit colour", "a\u009b31mb", "ab"],
    ["an unfinished one", "a\u001b[31", "a"],
    ["a window title", "a\u001b]0;owned\u0007b", "ab"],
    ["a window title that ends otherwise", "a\u001b]0;owned\u001b\\b", "ab"],
    ["a link", "\u001b]8;;http://x\u0007b\u001b]8;;\u0007", "b"],
    ["a device string", "a\u001bPq#0;2\u001b\\b", "ab"],
    ["a character set", "a\u001b(0b", "ab"],
    ["a reset", "a\u001bcb", "ab"],
    ["one that only remains once another was taken out", "\u001b\u001b[0m[31mx", "[31mx"],
    ["line breaks and tabs", "a\r\n\tb\n\nc", "a b c"],
    ["what turns text round", "user\u202egpj.exe\u2066x\u2069", "usergpj.exex"],
    ["what cannot be seen", "a\u200b\u200d\ufeff\u00adb\u{e0041}", "a\u00adb"],
    ["half a character", "a\ud800b", "a\ufffdb"],
  ])("%s", (_, text, expected) => expect(sanitize(text)).toBe(expected))

  test("no single character below the blank, no C1, no bidi control, in any position", () => {
    for (let code = 0; code < 0x3000; code++) {
      const shown = sanitize(`a${String.fromCodePoint(code)}b${String.fromCodePoint(code)}`)
      expect(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(shown)).toBe(false)
    }
  })

  test("what people write stays as it is", () => {
    const text = "Grüße, 日本語 — e\u0301 «so» 👍🏽 ½ #[x] ;31m"
    expect(sanitize(text)).toBe(text)
  })
})

test("a quoted folder is printed exactly as it has to be pasted, whatever it is called", () => {
  const codes = [...Array(0x3000).keys(), 0xfeff, 0xfffd, 0xfff9, 0xe0041, 0x1f600, 0xd800]
  for (const code of codes) {
    const line = `cd ${shellQuote(`/a${String.fromCodePoint(code)}b`)}`
    expect([code, sanitize(line)]).toEqual([code, line])
  }
})

describe("a text is cut to the terminal's width", () => {
  test("in columns, not in characters", () => {
    expect(fitColumns("short", 5)).toBe("short")
    expect(fitColumns("too long", 5)).toBe("too …")
    expect(fitColumns("日本語", 5)).toBe("日本…")
    expect(fitColumns("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 5)).toBe("👩‍👩‍👧👩‍👩‍👧…")
    for (const width of [1, 0, -3]) expect(fitColumns("too long", width)).toBe("…")
    expect(fitColumns("x".repeat(500), Number.POSITIVE_INFINITY)).toHaveLength(500)
  })

  test("and filled up in columns", () => {
    expect(pad("日本", 6)).toBe("日本  ")
    expect(pad("longer", 3)).toBe("longer")
  })
})
