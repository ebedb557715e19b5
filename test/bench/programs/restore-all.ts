// The floor: every transcript of a folder of exports copied, one flush, and each copy read from the disk and compared.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { readFromDisk } from "./from-disk.ts"

const [folder = "/nonexistent", home = "/nonexistent"] = process.argv.slice(2)
const written: { path: string; sha256: string }[] = []
for (const each of readdirSync(folder).filter((name) => name.endsWith(".manifest.json"))) {
  const { files } = JSON.parse(readFileSync(`${folder}/${each}`, "utf8"))
  for (const { path, relative, sha256 } of files) {
    const target = `${home}/${relative}`
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, readFileSync(`${folder}/${path}`))
    written.push({ path: target, sha256 })
  }
}
Bun.spawnSync(["sync"])
for (const { path, sha256 } of written) {
  const sum = new Bun.CryptoHasher("sha256").update(readFromDisk(path)).digest("hex")
  if (sum !== sha256) throw new Error(`${path} is not what was written`)
}
