// The floor: every export of a folder read from the disk and compared with its manifest's SHA-256, and nothing else.
import { dlopen } from "bun:ffi"
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs"

const { symbols } = dlopen(process.platform === "darwin" ? "libSystem.dylib" : "libc.so.6", {
  posix_fadvise: { args: ["i32", "i64", "i64", "i32"], returns: "i32" },
})
const dontNeed = 4
const folder = process.argv[2] ?? "/nonexistent"
for (const each of readdirSync(folder).filter((name) => name.endsWith(".manifest.json"))) {
  const { files } = JSON.parse(readFileSync(`${folder}/${each}`, "utf8"))
  for (const { path, sha256 } of files) {
    const fd = openSync(`${folder}/${path}`, "r")
    symbols.posix_fadvise(fd, 0n, 0n, dontNeed)
    const sum = new Bun.CryptoHasher("sha256").update(readFileSync(fd)).digest("hex")
    closeSync(fd)
    if (sum !== sha256) throw new Error(`${path} is not what it was`)
  }
}
