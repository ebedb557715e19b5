import { createHash } from "node:crypto"
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { constants, gzip } from "node:zlib"
import { compile, pinnedBun, program, root, version } from "./compile.ts"
import { signAdHoc, signatureTrouble } from "./mach-o.ts"
import { runtimeOf } from "./runtimes.ts"
import { type Smoke, smoke } from "./smoke.ts"
import { stamp } from "./stamp.ts"
import { type Target, targets } from "./targets.ts"

interface Artefact {
  readonly name: string
  readonly platform: { os: string; arch: string; libc: string | null; baseline: boolean }
  readonly size: number
  readonly sha256: string
  readonly gzip: { readonly name: string; readonly size: number; readonly sha256: string }
  readonly smoke: Smoke
}

export interface ReleaseOptions {
  readonly dist: string
  /** Where it will be published; null: install.sh then asks for it. */
  readonly baseUrl: string | null
  /** Names of targets; all where there are none. */
  readonly only: readonly string[]
  readonly say: (line: string) => void
}

/**
 * Builds, tries and describes every binary, and puts the folder `dist/release` in place in one step. Throws, and
 * leaves an older one as it was, when one of them cannot be built or is broken.
 */
export async function release({ dist, baseUrl, only, say }: ReleaseOptions): Promise<string> {
  mkdirSync(dist, { recursive: true })
  const staging = mkdtempSync(join(dist, ".release-"))
  try {
    const artefacts: Artefact[] = []
    for (const target of targets.filter(({ name }) => only.length === 0 || only.includes(name))) {
      const artefact = await make(target, staging)
      artefacts.push(artefact)
      const size = `${Math.round(artefact.size / 1e6)} MB, ${Math.round(artefact.gzip.size / 1e6)} MB packed`
      say(`${artefact.name} (${size}): ${artefact.smoke.verdict}: ${artefact.smoke.says}`)
    }
    const broken = artefacts.filter((artefact) => artefact.smoke.verdict === "broken")
    if (broken.length > 0) throw new Error(`broken: ${broken.map(({ name }) => name).join(", ")}`)
    const script = stamp(readFileSync(join(root, "install.sh"), "utf8"), { version, baseUrl })
    writeFileSync(join(staging, "install.sh"), script, { mode: 0o755 })
    const manifest = { schemaVersion: 1, program, version, bun: pinnedBun, baseUrl, artefacts }
    writeFileSync(join(staging, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`)
    const others = ["install.sh", "manifest.json"].map((name) => ({
      name,
      sha256: sha256(join(staging, name)),
    }))
    const sums = [...artefacts.flatMap((each) => [each, each.gzip]), ...others]
    writeFileSync(join(staging, "SHA256SUMS"), sums.map((each) => `${each.sha256}  ${each.name}\n`).join(""))
    chmodSync(staging, 0o755)
    const place = join(dist, "release")
    rmSync(place, { recursive: true, force: true })
    renameSync(staging, place)
    return place
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

async function make(target: Target, staging: string): Promise<Artefact> {
  const name = `${program}-${target.name}`
  const path = join(staging, name)
  // The file's name is compiled in: every platform's binary is the same program under the same name.
  const folder = join(staging, `.${target.name}`)
  mkdirSync(folder)
  await compile(join(folder, program), { target: target.compile, runtime: await runtimeOf(target) })
  renameSync(join(folder, program), path)
  rmSync(folder, { recursive: true })
  const { os, arch, libc, baseline } = target
  if (os === "darwin" && signatureTrouble(readFileSync(path)) !== null) {
    writeFileSync(path, signAdHoc(readFileSync(path), program))
  }
  const bytes = readFileSync(path)
  const packed = await promisify(gzip)(bytes, { level: constants.Z_DEFAULT_COMPRESSION })
  writeFileSync(`${path}.gz`, packed)
  return {
    name,
    platform: { os, arch, libc, baseline },
    size: bytes.length,
    sha256: sha256(path),
    gzip: { name: `${name}.gz`, size: packed.length, sha256: sha256(`${path}.gz`) },
    smoke: await smoke(target, path),
  }
}

function sha256(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex")
}
