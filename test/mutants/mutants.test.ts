/** The list cannot rot: every safety step named in the source can be taken out, and every entry names one. */
import { describe, expect, test } from "bun:test"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { checkout } from "./copy.ts"
import { mutants, without } from "./mutants.ts"
import { allCaught, closing, type Result, type Verdict } from "./report.ts"
import { firstFailure } from "./trial.ts"

const sources = [...new Bun.Glob("{src,plugins}/**/*.ts").scanSync({ cwd: checkout })].toSorted()
const textOf = (file: string) => readFileSync(join(checkout, file), "utf8")
const named = sources.flatMap((file) =>
  [...textOf(file).matchAll(/\/\/ safety: (.*)$/gm)].map(([, name]) => `${file} ${name}`),
)

test("every safety step in the source has its mutant, once, and every mutant its step", () => {
  expect(named.length).toBeGreaterThan(80)
  expect(mutants.map(({ file, name }) => `${file} ${name}`).toSorted()).toEqual(named.toSorted())
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
})

test("names are words, and nothing stands behind them", () => {
  expect(named.filter((each) => !/^\S+ [a-z]+(-[a-z]+)*$/.test(each))).toEqual([])
})

describe("taken out of its file", () => {
  const parser = new Bun.Transpiler({ loader: "ts" })
  test.each(mutants.map((mutant) => [mutant.name, mutant] as const))("%s leaves code", (name, mutant) => {
    expect(mutant.find).toContain(`// safety: ${name}`)
    const rest = without(mutant, textOf(mutant.file))
    expect(rest).not.toContain(`// safety: ${name}\n`)
    // comments alone would be no difference
    expect(parser.transformSync(rest)).not.toBe(parser.transformSync(textOf(mutant.file)))
    expect(mutant.tests.filter((file) => !existsSync(join(checkout, file)))).toEqual([])
    expect(mutant.tests.length).toBeGreaterThan(0)
  })
})

test("a step that is not there, or twice, stops the run", () => {
  const [mutant] = mutants
  if (mutant === undefined) throw new Error("no mutants")
  expect(() => without(mutant, "nothing")).toThrow("exactly once")
  expect(() => without(mutant, mutant.find.repeat(2))).toThrow("exactly once")
})

test("who noticed is read off the test runner's own words", () => {
  const text =
    "test/a.test.ts:\n(pass) one [1.00ms]\n\ntest/b.test.ts:\n(fail) two > three [0.33ms]\n(fail) four\n"
  expect(firstFailure(text)).toBe("test/b.test.ts: two > three")
  expect(firstFailure("test/a.test.ts:\n(fail) takes long [1.20s]\n")).toBe("test/a.test.ts: takes long")
  expect(firstFailure("test/a.test.ts:\n(fail) (unnamed) [2.00ms]\nerror: Cannot find module\n")).toBeNull()
  expect(firstFailure("test/a.test.ts:\n(fail) before all of these > (unnamed) [2.00ms]\n")).toBeNull()
})

test("a survivor, a broken one and one that was not tried are never a success", () => {
  const result = (verdict: Verdict): Result => ({ name: "n", file: "f", tests: [], verdict, seconds: 1 })
  const caught = result({ kind: "caught", by: "test/a.test.ts: one" })
  expect(allCaught([caught], 1)).toBe(true)
  expect(closing([caught], 1)).toEqual(["  1 by test/a.test.ts", "1 caught, 0 survived"])
  for (const verdict of [{ kind: "survived" }, { kind: "broken", why: "" }] as const)
    expect(allCaught([caught, result(verdict)], 2)).toBe(false)
  expect(allCaught([caught], 2)).toBe(false)
  expect(closing([caught, result({ kind: "survived" })], 2).at(-1)).toBe("1 caught, 1 survived")
})
