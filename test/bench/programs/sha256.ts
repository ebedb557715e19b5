// The floor: every file of a folder read and hashed, and nothing else. 256 KiB was the best of 64 KiB to 4 MiB.
import { openSync, readdirSync, readSync } from "node:fs"

const folder = process.argv[2] ?? "/nonexistent"
const room = Buffer.allocUnsafe(256 << 10)
for (const name of readdirSync(folder)) {
  const hash = new Bun.CryptoHasher("sha256")
  const fd = openSync(`${folder}/${name}`, "r")
  for (let count = readSync(fd, room); count > 0; count = readSync(fd, room))
    hash.update(count === room.length ? room : room.subarray(0, count))
  console.log(hash.digest("hex"), name)
}
