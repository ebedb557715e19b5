import { afterAll, beforeAll, expect, test } from "bun:test"
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { cloneInto } from "../../../../src/system/native/clone.ts"
import { Machine } from "../../../fixtures/machine.ts"
import { sessionId } from "../../../fixtures/talk/conversation.ts"

/** A filesystem that can clone, on a loop device; null, loudly, where none can be made. */
function mountXfs(folder: string): boolean {
  const image = `${folder}.img`
  const steps = [
    ["truncate", "-s", "400M", image],
    ["mkfs.xfs", "-q", "-m", "reflink=1", image],
    ["mount", "-o", "loop", image, folder],
  ]
  const failed = steps.find((step) => Bun.which(step[0] ?? "") === null || Bun.spawnSync(step).exitCode !== 0)
  if (failed !== undefined) console.error(`SKIPPED: cloning on XFS, because this failed: ${failed.join(" ")}`)
  return failed === undefined
}

const folder = mkdtempSync(join(tmpdir(), "xfs-"))
const mounted = mountXfs(folder)
let machine: Machine

beforeAll(() => {
  machine = new Machine()
})
afterAll(async () => {
  await machine.dispose()
  if (mounted) Bun.spawnSync(["umount", folder])
  rmSync(folder, { recursive: true, force: true })
  rmSync(`${folder}.img`, { force: true })
})

test.if(mounted)(
  "on a filesystem that can clone, an export takes no space and is verified all the same",
  async () => {
    const line = `${JSON.stringify({ type: "user", message: { role: "user", content: "x".repeat(1000) } })}\n`
    const text = line.repeat(60_000)
    const home = join(folder, "claude")
    const path = join(home, "projects/-work-one", `${sessionId(1)}.jsonl`)
    mkdirSync(join(path, ".."), { recursive: true })
    writeFileSync(path, text)
    const env = { CLAUDE_CONFIG_DIR: home, SESSION_RESCUE_DATA: join(folder, "data") }
    const trace = join(machine.root, "trace")
    const { json } = await machine.run(["export", sessionId(1), "--json"], {
      env,
      program: ["strace", "-f", "-e", "trace=ioctl", "-o", trace],
    })
    expect(json.failures).toEqual([])
    expect(json.exports[0].status).toBe("verified")
    expect(readFileSync(json.exports[0].path).equals(Buffer.from(text))).toBe(true)
    expect(json.exports[0].sha256).toBe(new Bun.CryptoHasher("sha256").update(text).digest("hex"))
    expect(readFileSync(trace, "utf8")).toMatch(/ioctl\(\d+, (FICLONE|BTRFS_IOC_CLONE or FICLONE), \d+\) = 0/)
  },
)

test.if(mounted)("a clone of what has grown since ends where its length was taken", async () => {
  const length = 5 << 20
  const [source, target] = [join(folder, "grown"), join(folder, "clone")]
  writeFileSync(source, Buffer.alloc(length + 4096, "x"))
  const [from, to] = [openSync(source, "r"), openSync(target, "wx")]
  try {
    expect(await cloneInto(to, from, length)).toBe(true)
    expect(statSync(target).size).toBe(length)
  } finally {
    closeSync(from)
    closeSync(to)
  }
})
