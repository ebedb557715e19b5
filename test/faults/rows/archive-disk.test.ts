/** Broken: the disk that the archive is on. Injected: a tmpfs that is too small, and one more page each time. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdirSync, rmSync, symlinkSync } from "node:fs"
import { ArchiveFixtures, failures } from "../../archive/archive-fixtures.ts"
import { namesIn } from "../../export/export-invariants.ts"
import { tree } from "../../fixtures/machine.ts"
import { injected } from "../harness/counters.ts"
import { mount, sh, tmpfs } from "../harness/mounts.ts"
import { able } from "../tools.ts"

const ready = able("archive", "mounts", "mount", "umount", "zstd")
const row = "archive"
const kib = 1024

let machine: ArchiveFixtures
beforeAll(async () => {
  machine = new ArchiveFixtures()
  if (ready) await machine.stock(3)
})
afterAll(() => machine.dispose())

function choose(archiver: string): void {
  machine.write(`${machine.home}/.config/session-rescue/config.toml`, `archiver = "${archiver}"\n`)
}

/** An archive on a disk of that size, by a link, and once more after room was made. */
async function squeezed(size: number): Promise<{ wrong: string[]; failed: boolean }> {
  const disk = tmpfs(`size=${size}`)
  try {
    machine.restock()
    symlinkSync(disk.folder, machine.archive)
    const before = tree(machine.pending)
    const answer = await machine.run(["archive", "--json"])
    const failed = failures(answer)
    const wrong = machine.broken()
    for (const { code, message, hint } of failed) {
      const clear =
        code === "DISK_FULL" &&
        message.includes("not enough space to archive") &&
        hint.includes("nothing is lost")
      if (!clear) wrong.push(`not called a full disk: ${code} ${message} ${hint}`)
    }
    if (answer.code !== (failed.length > 0 ? 1 : 0)) wrong.push(`exit ${answer.code}`)
    const temporary = namesIn(machine.archive).filter((name) => name.startsWith("."))
    if (temporary.length > 0) wrong.push(`left: ${temporary}`)
    if (failed.length === machine.names.length && Bun.deepEquals(tree(machine.pending), before) === false)
      wrong.push("the exports are not as they were")
    sh("mount", "-o", "remount,size=64m", disk.folder)
    wrong.push(...(await machine.wrongAgain()))
    return { wrong: wrong.map((what) => `${size}: ${what}`), failed: failed.length > 0 }
  } finally {
    disk.dispose()
  }
}

test.if(ready).each([
  ["archive-zstd", 24, 900],
  ["archive-move", 150, 3600],
])(
  "%s: a full disk is said to be full, the exports stay, and nothing half lies there",
  async (archiver, step, most) => {
    choose(archiver)
    const wrong: string[] = []
    let failures = 0
    let fits = false
    for (let size = 4; size < most && !fits; size += step) {
      const result = await squeezed(size * kib)
      wrong.push(...result.wrong)
      fits = !result.failed
      if (!fits) injected(row, 1, result.wrong.length > 0 ? 1 : 0)
      if (!fits) failures++
    }
    expect(wrong).toEqual([])
    expect(failures).toBeGreaterThan(10)
    expect(fits).toBe(true)
  },
  300_000,
)

test.if(ready).each(["archive-zstd", "archive-move"])(
  "%s: an archive folder that is another disk's is as good as any",
  async (archiver) => {
    choose(archiver)
    machine.restock()
    rmSync(machine.archive, { recursive: true, force: true })
    mkdirSync(machine.archive, { mode: 0o700 })
    const disk = mount(["mount", "-t", "tmpfs", "-o", "mode=700,size=64m", "tmpfs"], {
      over: machine.archive,
    })
    try {
      const { code, json } = await machine.run(["archive", "--json"])
      expect([code, json.warnings]).toEqual([0, []])
      expect([...machine.broken(), ...machine.leftOver()]).toEqual([])
      const again = await machine.run(["export", "--all", "--json"])
      expect(again.json.exports.map((each: { status: string }) => each.status)).toEqual(
        Array(3).fill("unchanged"),
      )
    } finally {
      disk.dispose()
    }
  },
)
