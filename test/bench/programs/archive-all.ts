// The floor: every export of a folder packed, one flush, each unpacked and compared, the exports removed; nothing else.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { readFromDisk } from "./from-disk.ts"

const [pending = "/nonexistent", archive = "/nonexistent"] = process.argv.slice(2)
mkdirSync(archive)
const names = readdirSync(pending).flatMap((each) => (each.endsWith(".jsonl") ? [each.slice(0, -6)] : []))
for (const name of names) {
  const manifest = readFileSync(`${pending}/${name}.manifest.json`)
  const packed = Bun.zstdCompressSync(readFileSync(`${pending}/${name}.jsonl`), { level: 3 })
  const sum = (bytes: Uint8Array) => new Bun.CryptoHasher("sha256").update(bytes).digest("hex")
  const record = { length: packed.length, sha256: sum(packed), manifest: sum(manifest) }
  writeFileSync(`${archive}/${name}.jsonl.zst`, packed)
  writeFileSync(`${archive}/${name}.manifest.json`, manifest)
  writeFileSync(`${archive}/${name}.archive.json`, JSON.stringify(record))
}
Bun.spawnSync(["sync"])
for (const name of names) {
  const unpacked = Bun.zstdDecompressSync(readFromDisk(`${archive}/${name}.jsonl.zst`))
  if (!readFileSync(`${pending}/${name}.jsonl`).equals(unpacked)) throw new Error(`${name} differs`)
}
for (const name of names) {
  rmSync(`${pending}/${name}.jsonl`)
  rmSync(`${pending}/${name}.manifest.json`)
  rmSync(`${pending}/${name}.queue`, { recursive: true })
}
