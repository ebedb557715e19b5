import { availableParallelism, release, tmpdir, totalmem, type } from "node:os"

/** What it was measured on, without names. */
export function machine(): string {
  const memory = `${Math.round(totalmem() / 1e9)} GB`
  const asked = Bun.spawnSync(["df", "--output=fstype", tmpdir()])
  const disk = asked.exitCode === 0 ? asked.stdout.toString().trim().split("\n").at(-1) : "filesystem unknown"
  return `${availableParallelism()} processors, ${memory}, ${disk}, ${type()} ${release().split("-")[0]}`
}
