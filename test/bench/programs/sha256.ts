// The floor: every file of a folder read and hashed, and nothing else. 256 KiB was the best of 64 KiB to 4 MiB.
import { openSync, readdirSync, readSync } from "node:fs"

const folder = process.argv[2] ?? "/nonexistent"
const buffer = Buffer.allocUnsafe(256 << 10)
for (const name of readdirSync(folder)) {
  const hash = new Bun.CryptoHasher("sha256")
  const fd = openSync(`${folder}/${name}`, "r")
  for (let count = readSync(fd, buffer); count > 0; count = readSync(fd, buffer))
    hash.update(count === buffer.length ? buffer : buffer.subarray(0, count))
  console.log(hash.digest("hex"), name)
}
