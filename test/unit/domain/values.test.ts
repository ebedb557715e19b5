import { describe, expect, test } from "bun:test"
import {
  diskPath,
  joinPath,
  pathBytes,
  readShown,
  samePath,
  showPath,
} from "../../../src/domain/disk-path.ts"
import { day, formatDuration, parseDuration } from "../../../src/domain/duration.ts"
import { exitCodes, RescueError } from "../../../src/domain/errors.ts"
import { commonFlags, isPurgeSoon } from "../../../src/domain/session/flags.ts"
import { now, session } from "../../fixtures/session.ts"

describe("a time", () => {
  test.each([
    ["90s", 90_000],
    ["10m", 600_000],
    ["1.5h", 5_400_000],
    [" 7d ", 7 * day],
    ["250ms", 250],
    ["0s", 0],
  ])("%p is understood", (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds))

  test.each(["", "10", "m", "-1m", "1 m", "1e3s", "ten minutes", "10M", "1y", "1m30s", "Infinitys"])(
    "%p is not",
    (text) => expect(parseDuration(text)).toBeNull(),
  )

  test.each([
    [-5_000, "0 s"],
    [59_999, "59 s"],
    [60_000, "1 min"],
    [3_599_999, "59 min"],
    [3_600_000, "1 h"],
    [47 * 3_600_000, "47 h"],
    [3 * day, "3 days"],
  ])("%d ms is said as %s", (milliseconds, said) => expect(formatDuration(milliseconds)).toBe(said))
})

describe("a path whose name is not UTF-8", () => {
  const odd = diskPath(Buffer.from([0x2f, 0xff, 0x61, 0xc3, 0xa9, 0xe2, 0x82]))

  test("keeps its bytes, and is shown with them", () => {
    expect(typeof odd).toBe("object")
    expect(showPath(odd)).toBe("/\\xffaé\\xe2\\x82")
    expect([...pathBytes(joinPath(odd, "b"))]).toEqual([...pathBytes(odd), 0x2f, 0x62])
    expect(showPath(joinPath("/a", odd))).toBe("/a//\\xffaé\\xe2\\x82")
  })

  test("is the same as its own bytes only", () => {
    expect(samePath(odd, Buffer.from(pathBytes(odd)))).toBe(true)
    expect(samePath(odd, showPath(odd))).toBe(false)
    expect(samePath("/a", "/a")).toBe(true)
  })

  test("is read back from what is shown of it", () => {
    expect(samePath(readShown(showPath(odd)), odd)).toBe(true)
    expect(samePath(readShown(showPath(joinPath("/a\\x", odd))), joinPath("/a\\x", odd))).toBe(true)
    expect([readShown("/a/é"), readShown("/\\xzz")]).toEqual(["/a/é", "/\\xzz"])
  })

  test("a name that is UTF-8 is a plain string", () => expect(diskPath(Buffer.from("/é"))).toBe("/é"))
})

test("each kind of error has its exit code", () => {
  const exit = (code: ConstructorParameters<typeof RescueError>[0]) => new RescueError(code, "", "").exitCode
  expect(exit("USAGE")).toBe(exitCodes.usage)
  expect(exit("AMBIGUOUS")).toBe(exitCodes.usage)
  expect(exit("SESSION_NOT_FOUND")).toBe(exitCodes.notFound)
  expect(exit("DISK_FULL")).toBe(exitCodes.failed)
  expect(exit("INTERRUPTED")).toBe(exitCodes.interrupted)
})

describe("flags that any agent's session can have", () => {
  test("large is a transcript above 50 MB", () => {
    expect(commonFlags(session({ transcriptSize: 50 * 1024 ** 2 }), now)).toEqual([])
    expect(commonFlags(session({ transcriptSize: 50 * 1024 ** 2 + 1 }), now)).toEqual(["large"])
  })

  test("purge-soon is within seven days, or overdue; never when it is not known", () => {
    const purged = (days: number | null) =>
      isPurgeSoon(session({ purgeAt: days === null ? null : now + days * day }), now)
    expect([null, 8, 6.9, 0, -400].map(purged)).toEqual([false, false, true, true, true])
  })
})
