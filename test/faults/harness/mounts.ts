/** Mounts that are certainly undone: made only inside the sandbox's own mount namespace, on folders made here. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { isolated } from "../../guard.ts"

export interface Mount {
  readonly folder: string
  /** Unmounts; what was mounted can be mounted again. */
  down(): void
  up(): void
  /** Unmounts and removes the folder and the image. */
  dispose(): void
}

export function sh(...command: readonly string[]): void {
  const { exitCode, stderr, stdout } = Bun.spawnSync([...command])
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: exit ${exitCode}: ${stderr}${stdout}`)
}

/** Runs `command … folder`. A namespace's mounts, and loop devices with autoclear, end with its last process. */
export function mount(
  command: readonly string[],
  { image, over }: { image?: string; over?: string } = {},
): Mount {
  if (!isolated) throw new Error("refused: no mount namespace of our own, run it with test/sandbox.sh")
  if (over !== undefined && !resolve(over).startsWith(`${tmpdir()}/`))
    throw new Error(`refused: ${over} is not ours`)
  const folder = over ?? mkdtempSync(join(tmpdir(), "mount-"))
  let mounted = false
  const up = () => {
    sh(...command, folder)
    mounted = true
  }
  const down = () => {
    if (mounted) sh("umount", folder)
    mounted = false
  }
  up()
  const dispose = () => {
    down()
    if (over === undefined) rmSync(folder, { recursive: true, force: true })
    if (image !== undefined) rmSync(image, { force: true })
  }
  return { folder, up, down, dispose }
}

export const tmpfs = (options: string) =>
  mount(["mount", "-t", "tmpfs", "-o", `mode=700,${options}`, "tmpfs"])

/** A fresh filesystem in a file, on a loop device that detaches itself when it is unmounted. */
export function onLoop(
  kind: "xfs" | "ext4",
  {
    megabytes = 320,
    below = tmpdir(),
    options = "",
  }: { megabytes?: number; below?: string; options?: string } = {},
): Mount {
  const image = join(mkdtempSync(join(below, "image-")), kind)
  sh("truncate", "-s", `${megabytes}M`, image)
  sh(`mkfs.${kind}`, "-q", ...(kind === "ext4" ? ["-E", "lazy_itable_init=1"] : []), image)
  return mount(["mount", "-o", `loop${options}`, image], { image })
}
