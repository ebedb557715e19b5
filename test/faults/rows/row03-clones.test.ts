/** Rows 1–3 where the disk can clone (XFS) and files are large: FICLONE and the cut to L that follows it. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { type Mount, onLoop } from "../harness/mounts.ts"
import { brokenByAny, stepsOf } from "../harness/steps.ts"
import { FaultTarget } from "../harness/target.ts"
import { able } from "../tools.ts"

const row = "3 (clones)"
const ready = able(row, "mounts", "mount", "umount", "mkfs.xfs", "strace")
const effects = ["signal=SIGKILL", "error=EIO", "error=ENOSPC", "error=EOPNOTSUPP", "error=EXDEV", "retval=0"]
let disk: Mount | undefined
let machine: FaultTarget

beforeAll(() => {
  if (!ready) return
  disk = onLoop("xfs")
  machine = new FaultTarget({ bytes: 5 << 20, home: `${disk.folder}/claude`, data: `${disk.folder}/data` })
})
afterAll(async () => {
  if (disk === undefined) return
  await machine.dispose()
  disk.dispose()
})

test.if(ready).each(["ioctl", "ftruncate"])(
  "every %s of a cloned export fails, lies, or is the last",
  async (name) => {
    const steps = await stepsOf(machine, [name])
    const faults = steps.flatMap(({ when }) => effects.map((effect) => ({ call: name, when, effect })))
    expect(await brokenByAny(row, machine, faults)).toEqual([])
  },
)
