/** Rows 4 and 5. Broken: a really full disk. Injected: a tmpfs with too few pages, or inodes, one more each time. */
import { expect, test } from "bun:test"
import { injected } from "../harness/counters.ts"
import { type Mount, sh, tmpfs } from "../harness/mounts.ts"
import { documentOf, faultTarget, wrongAfter, wrongAgain } from "../harness/target.ts"
import { able } from "../tools.ts"

const ready = able("4, 5", "mounts", "mount", "umount")
const kib = 1024
const roomy = "size=16m,nr_inodes=1000"

/** An export to a disk of that size, then one after room was made. */
async function squeezed(row: string, options: string): Promise<{ wrong: string[]; failed: boolean }> {
  const disk: Mount = tmpfs(options)
  const machine = faultTarget({ data: `${disk.folder}/data` })
  try {
    const answer = await machine.export()
    const report = documentOf(answer)
    const wrong = wrongAfter(machine, answer)
    const failed = answer.code !== 0
    if (failed && (report?.failures ?? [report?.error])[0]?.code !== "DISK_FULL")
      wrong.push(`not called a full disk: ${answer.stdout}`)
    sh("mount", "-o", `remount,${roomy}`, disk.folder)
    wrong.push(...(await wrongAgain(machine)))
    if (failed) injected(row, 1, wrong.length > 0 ? 1 : 0)
    return { wrong: wrong.map((what) => `${options}: ${what}`), failed }
  } finally {
    await machine.dispose()
    disk.dispose()
  }
}

/** From nothing to enough: every size but the last is too small at another place. */
async function fromNothing(
  row: string,
  least: number,
  most: number,
  step: number,
  name: (n: number) => string,
) {
  const wrong: string[] = []
  let failures = 0
  let fits = false
  for (let size = least; size <= most && !fits; size += step) {
    const result = await squeezed(row, name(size))
    wrong.push(...result.wrong)
    if (result.failed) failures++
    fits = !result.failed
  }
  return { wrong, failures, fits }
}

test.if(ready)("a full disk is said to be full, and holds no half export", async () => {
  const beginning = await fromNothing("4", 4, 44, 4, (size) => `size=${size * kib}`)
  const middle = await fromNothing("4", 48, 700, 36, (size) => `size=${size * kib}`)
  expect([...beginning.wrong, ...middle.wrong]).toEqual([])
  expect(beginning.failures + middle.failures).toBeGreaterThan(20)
  expect(middle.fits).toBe(true)
})

test.if(ready)("so is a disk without inodes", async () => {
  const { wrong, failures, fits } = await fromNothing("5", 2, 40, 1, (count) => `size=16m,nr_inodes=${count}`)
  expect(wrong).toEqual([])
  expect(failures).toBeGreaterThan(10)
  expect(fits).toBe(true)
})

test.if(ready)("an answer that cannot be written is no success", async () => {
  const machine = faultTarget()
  const { code } = await machine.export(["sh", "-c", 'exec "$@" > /dev/full', "sh"])
  await machine.dispose()
  expect(code).toBe(1)
})
