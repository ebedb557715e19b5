import { rmSync } from "node:fs"
import type { Baseline } from "./bench.ts"
import { compile, type Home } from "./homes.ts"

/** What an earlier run left to be written to the disk must not be paid for by the next. */
export function settled(...forget: readonly string[]): () => void {
  return () => {
    for (const path of forget) rmSync(path, { recursive: true, force: true })
    Bun.spawnSync(["sync"])
  }
}

/** What else one could do with the transcripts of a home; `kept`: where that was done before. */
export async function baselines(
  place: Home,
  promised: boolean,
  copies: "new" | "kept" = "new",
): Promise<readonly Baseline[]> {
  const { transcripts, copy } = place
  const before = copies === "new" ? settled(copy) : settled()
  const sh = (script: string) => ({ command: ["sh", "-ec", script, "sh", transcripts, copy], before })
  const hash = (program: string) => ({ command: [program, transcripts], before: settled() })
  const rsync = sh('rsync --checksum --recursive "$1/" "$2/"')
  return [
    {
      name: "by hand: cp, md5sum of both",
      task: sh('mkdir -p "$2"; cp "$1"/* "$2"/; md5sum "$1"/* "$2"/*'),
      means: "as fast",
      ...(promised ? { wanted: 3 } : {}),
    },
    {
      name: "rsync --checksum",
      task: Bun.which("rsync") === null ? "NOT INSTALLED" : rsync,
      means: "as fast",
    },
    {
      name: "SHA-256 alone, same runtime",
      task: hash(await compile("sha256.ts")),
      means: "as long",
      ...(promised ? { wanted: 1.6 } : {}),
    },
    {
      name: "sha256sum",
      task: { command: ["sh", "-ec", 'sha256sum "$1"/*', "sh", transcripts] },
      means: "as long",
    },
  ]
}

/** The least that shows the same: a copy of all, one flush for all, and each compared with its source. */
export function copyAndCompare({ transcripts, copy }: Home): Baseline {
  const script =
    'mkdir -p "$2"; cp "$1"/* "$2"/; sync; cd "$1"; for each in *; do cmp "$each" "$2/$each"; done'
  const task = { command: ["sh", "-ec", script, "sh", transcripts, copy], before: settled(copy) }
  return { name: "manually: cp, sync, cmp of each", task, means: "as long" }
}

/** What nobody is faster than who writes a copy to the disk and reads it from there: how good its day is. */
export function diskAlone({ transcripts, copy }: Home): Baseline {
  const script =
    'mkdir -p "$2"; for each in "$1"/*; do dd if="$each" of="$2/copy" bs=1M oflag=direct conv=fsync; ' +
    'dd if="$2/copy" of=/dev/null bs=1M iflag=direct; done'
  const command = ["sh", "-ec", script, "sh", transcripts, copy]
  return {
    name: "the disk alone: dd out and in",
    task: process.platform === "linux" ? { command, before: settled(copy) } : "no dd past memory here",
    means: "as long",
  }
}
