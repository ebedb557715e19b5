import { expect, test } from "bun:test"
import { join } from "node:path"

test("the bench runs and prints every figure; how good they are is for a person to judge", () => {
  const bench = Bun.spawnSync([process.execPath, "run", join(import.meta.dir, "run.ts"), "--small", "--json"])
  expect(bench.exitCode, bench.stderr.toString()).toBe(0)
  const { rows } = JSON.parse(bench.stdout.toString())
  expect(rows.length).toBeGreaterThanOrEqual(11)
  for (const { ours, theirs, against } of rows) {
    expect(ours).toBeGreaterThan(0)
    if (against !== null) expect(theirs).toBeGreaterThan(0)
  }
}, 120_000)
