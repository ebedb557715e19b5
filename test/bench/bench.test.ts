import { expect, test } from "bun:test"
import { join } from "node:path"
import { benches } from "./rows/index.ts"

const bench = (...args: string[]) =>
  Bun.spawnSync([process.execPath, "run", join(import.meta.dir, "run.ts"), "--tiny", ...args])

/** Minutes even when they are tiny; `BENCH=whole bun test test/bench` runs them, too. */
const slow = ["growth", "index", "hard", "team"]
const some = benches.filter(({ name }) => process.env.BENCH === "whole" || !slow.includes(name))

test("the bench runs and prints every figure; how good they are is for a person to judge", () => {
  const { exitCode, stdout, stderr } = bench("--json", ...some.map(({ name }) => name))
  expect(exitCode, stderr.toString()).toBe(0)
  const { rows } = JSON.parse(stdout.toString())
  expect(new Set(rows.map((row: { bench: string }) => row.bench))).toEqual(
    new Set(some.map(({ name }) => name)),
  )
  for (const { what, against, ours, theirs, ratio, skipped } of rows) {
    expect([what, ours.best > 0]).toEqual([what, true])
    if (against !== null && skipped === null)
      expect([what, against, theirs.best > 0, ratio > 0]).toEqual([what, against, true, true])
  }
}, 240_000)

test("rows are chosen by name, and a name that is none is an error that names them all", () => {
  const one = bench("start")
  expect(one.stdout.toString()).toMatch(/\| --version \|.*\| an empty program \|/)
  expect(one.stdout.toString()).not.toContain("status")
  const none = bench("nonsense")
  expect([none.exitCode, none.stdout.toString()]).toEqual([2, ""])
  for (const { name } of benches) expect(none.stderr.toString()).toContain(name)
}, 60_000)
