import { expect, test } from "bun:test"
import { hasOwnerExited, ownTag } from "../../../src/rescue/io/owner-tag.ts"

test("a run that is alive is not taken for dead", async () => {
  expect(await hasOwnerExited(await ownTag())).toBe(false)
})

test("a dead run is known by its pid, and a reused pid by its start", async () => {
  const [host, pid, start] = (await ownTag()).split("-")
  expect(await hasOwnerExited(`${host}-4194300-${start}`)).toBe(true)
  expect(await hasOwnerExited(`${host}-${pid}-1${start}`)).toBe(true)
})

test("nothing is known about a run on another machine, or from a damaged name", async () => {
  const [host] = (await ownTag()).split("-")
  for (const tag of ["00000000-4194300-1", `${host}-0-1`, `${host}--1`, `${host}-x-1`, host ?? "", ""]) {
    expect(await hasOwnerExited(tag)).toBe(false)
  }
})

test("a pid of another container is not looked for among ours", async () => {
  const own = (await ownTag()).split("-")[0]
  const script = `import { ownTag } from "${import.meta.dir}/../../../src/rescue/io/owner-tag.ts"; console.log(await ownTag())`
  const apart = ["unshare", "--pid", "--fork", "--mount-proc", process.execPath, "-e", script]
  const { stdout, exitCode } = Bun.spawnSync(apart)
  if (exitCode !== 0) return console.error("\n!!! NO PID NAMESPACES HERE: one test is SKIPPED\n")
  expect(stdout.toString()).toMatch(/^[0-9a-f]{8}-\d+-\d+\n$/)
  expect(stdout.toString().slice(0, 8)).not.toBe(own ?? "")
})
