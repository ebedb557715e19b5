import { expect, test } from "bun:test"
import { createHash } from "node:crypto"
import { startChecksums } from "../../../../src/rescue/io/checksums.ts"
import { bufferSizeFor } from "../../../../src/rescue/io/chunk-sizes.ts"

const mega = 1 << 20
/** On both sides of the size from which another thread does the hashing, and of its ring's. */
test.each([0, 1, mega, 16 * mega - 1, 16 * mega, 16 * mega + 1, 41 * mega + 12345])(
  "the sums of %d bytes are right",
  async (length) => {
    const bytes = Buffer.from(Array.from({ length: 65_537 }, (_, at) => (at * 7919) >> 3))
    const [sha256, md5] = [createHash("sha256"), createHash("md5")]
    const sums = await startChecksums(length, true)
    for (let done = 0; done < length; done += bufferSizeFor(length)) {
      const part = sums.nextBuffer().subarray(0, Math.min(bufferSizeFor(length), length - done))
      for (let at = 0; at < part.length; at += bytes.length) part.set(bytes.subarray(0, part.length - at), at)
      part[0] = done >> 18 // what is added is done with at some time, and its buffer is used again
      sha256.update(part)
      md5.update(part)
      sums.add(part)
    }
    expect(await sums.finish()).toEqual({ sha256: sha256.digest("hex"), md5: md5.digest("hex") })
  },
)

test("bytes outside the buffer allocated for them are refused: other bytes would be hashed", async () => {
  const sums = await startChecksums(32 * mega, false)
  const [first, second] = [sums.nextBuffer(), sums.nextBuffer()]
  expect(() => sums.add(second)).toThrow("wrong bytes")
  sums.add(first)
  sums.add(second)
  sums.discard()
})

test("a buffer is not filled again before its bytes are hashed, however fast they come", async () => {
  const length = 64 * mega
  const sums = await startChecksums(length, true)
  for (let n = 0; n < length / mega; n++) sums.add(sums.nextBuffer().fill(n)) // takes far less time than to hash it
  const sha256 = createHash("sha256")
  const md5 = createHash("md5")
  for (let n = 0; n < length / mega; n++) {
    const part = Buffer.alloc(mega, n)
    sha256.update(part)
    md5.update(part)
  }
  expect(await sums.finish()).toEqual({ sha256: sha256.digest("hex"), md5: md5.digest("hex") })
})
