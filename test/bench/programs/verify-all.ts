// The floor: every export of a folder read from the disk and compared with its manifest's SHA-256, and nothing else.
import { readdirSync, readFileSync } from "node:fs"
import { readFromDisk } from "./from-disk.ts"

const folder = process.argv[2] ?? "/nonexistent"
for (const each of readdirSync(folder).filter((name) => name.endsWith(".manifest.json"))) {
  const { files } = JSON.parse(readFileSync(`${folder}/${each}`, "utf8"))
  for (const { path, sha256 } of files) {
    const sum = new Bun.CryptoHasher("sha256").update(readFromDisk(`${folder}/${path}`)).digest("hex")
    if (sum !== sha256) throw new Error(`${path} is not what it was`)
  }
}
