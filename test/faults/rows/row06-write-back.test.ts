/** Row 6. Broken: a disk that takes writes and loses them later: ext4 in a file on a tmpfs that is too small for it. */
import { expect, test } from "bun:test"
import { committed } from "../../export/export-invariants.ts"
import { injected } from "../harness/counters.ts"
import { onLoop, sh, tmpfs } from "../harness/mounts.ts"
import { documentOf, faultTarget, wrongAfter, wrongAgain } from "../harness/target.ts"
import { able } from "../tools.ts"

const row = "6 (write-back)"
const kib = 1024
const bytes = 2_000_000

/** How much of the disk exists beyond what it needs when it is empty, and what an export to it then says. */
async function failing(spare: number): Promise<{ wrong: string[]; failed: boolean }> {
  const below = tmpfs("size=64m")
  const disk = onLoop("ext4", { megabytes: 32, below: below.folder })
  const machine = faultTarget({ bytes, data: `${disk.folder}/data` })
  try {
    sh("sync", "-f", disk.folder)
    const used = Number(Bun.spawnSync(["du", "-sk", below.folder]).stdout.toString().split("\t")[0])
    sh("mount", "-o", `remount,size=${(used + spare) * kib}`, below.folder)
    const answer = await machine.export()
    const failed = !["verified", "unchanged"].includes(documentOf(answer)?.exports?.[0]?.status)
    const wrong = wrongAfter(machine, answer)
    if (failed) injected(row, 1, wrong.length > 0 ? 1 : 0)
    if (failed && answer.code === 0) wrong.push("exit 0, and nothing is saved")
    sh("mount", "-o", "remount,size=64m", below.folder)
    disk.down()
    Bun.spawnSync(["fsck.ext4", "-fy", machineImage(below.folder)]) // a lost journal is the filesystem's to mend
    disk.up()
    wrong.push(...(committed(machine).length > 0 && !failed ? wrongAfter(machine, answer) : []))
    wrong.push(...(await wrongAgain(machine)))
    return { wrong: wrong.map((what) => `${spare} KiB to spare: ${what}`), failed }
  } finally {
    await machine.dispose()
    disk.dispose()
    below.dispose()
  }
}

const machineImage = (folder: string) =>
  [...new Bun.Glob("*/ext4").scanSync({ cwd: folder, absolute: true })][0] ?? ""

test.if(able(row, "mounts", "mount", "umount", "mkfs.ext4"))(
  "data that the disk loses when it is flushed is never called verified",
  async () => {
    const wrong: string[] = []
    let failures = 0
    for (let spare = 0; spare <= 2400; spare += 150) {
      const result = await failing(spare)
      wrong.push(...result.wrong)
      if (result.failed) failures++
    }
    expect(wrong).toEqual([])
    expect(failures).toBeGreaterThan(8)
  },
)
