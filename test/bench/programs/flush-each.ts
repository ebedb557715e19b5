// A copy of every file of a folder, with its proof, each flushed by itself: data, proof, and the folders of their names.
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs"

const [, , from = "/nonexistent", to = "/nonexistent"] = process.argv
const pending = `${to}/pending`
mkdirSync(pending, { recursive: true })

function flushed(path: string, flags: string, bytes?: Uint8Array): void {
  const fd = openSync(path, flags)
  if (bytes !== undefined) writeSync(fd, bytes)
  fsyncSync(fd)
  closeSync(fd)
}

for (const name of readdirSync(from)) {
  const bytes = readFileSync(`${from}/${name}`)
  flushed(to, "r")
  const staging = `${pending}/.${name}`
  mkdirSync(staging)
  flushed(`${staging}/copy`, "wx+", bytes)
  if (!readFileSync(`${staging}/copy`).equals(readFileSync(`${from}/${name}`))) throw new Error(name)
  const sha256 = new Bun.CryptoHasher("sha256").update(bytes).digest("hex")
  flushed(`${staging}/proof`, "wx+", Buffer.from(JSON.stringify({ name, sha256 })))
  linkSync(`${staging}/proof`, `${pending}/${name}.proof`)
  flushed(pending, "r")
  linkSync(`${staging}/copy`, `${pending}/${name}`)
  flushed(pending, "r")
  rmSync(staging, { recursive: true })
}
