import { describe, expect, test } from "bun:test"
import { selectedBy } from "./selected.ts"
import { clientVersion, inCi, versions } from "./versions.ts"

const names = (words: string) => selectedBy(words).map(({ name }) => name)

describe("which clients a run drives", () => {
  test("a binary through each of its entries, a Node script through its one", () => {
    expect(names("2.1.197 2.0.60")).toEqual(["2.1.197", "2.1.197 as npm starts it", "2.0.60"])
    expect(names("2.1.197:npm")).toEqual(["2.1.197 as npm starts it"])
    expect(names("2.1.197:native,2.1.197")).toEqual(["2.1.197", "2.1.197 as npm starts it"])
  })

  test("all: every listed version", () => {
    const all = selectedBy("all")
    expect([...new Set(all.map(({ version }) => version))]).toEqual(versions.map(({ version }) => version))
    expect(all.filter(({ start }) => start === "native").every(({ ships }) => ships === "binary")).toBe(true)
  })

  test("CI takes the newest through both entries, and one of each kind", () => {
    const chosen = selectedBy(inCi)
    const newest = chosen.filter(({ version }) => version === versions[0]?.version)
    expect(newest.map(({ start }) => start)).toEqual(["native", "npm"])
    expect(new Set(chosen.map(({ ships }) => ships))).toEqual(new Set(["binary", "script"]))
  })

  test("what is no version is refused, not passed over", () => {
    expect(() => selectedBy("2.1.197 newest")).toThrow('"newest" is no version')
    expect(() => selectedBy("2.1.197:yarn")).toThrow("2.1.332:npm")
  })

  test("a version that is not listed has what the one before it has", () => {
    expect(clientVersion("2.1.999")).toEqual({ ...versions[0], version: "2.1.999" } as never)
    expect(clientVersion("2.1.200")).toMatchObject({ version: "2.1.200", registry: true, autoMode: false })
    expect(clientVersion("0.2.9")).toMatchObject({ version: "0.2.9", ships: "script" })
  })
})
