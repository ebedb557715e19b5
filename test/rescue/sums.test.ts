import { expect, test } from "bun:test"
import { createHash } from "node:crypto"
import { startSums, stepBytes } from "../../src/rescue/sums.ts"

const mega = 1 << 20
/** On both sides of the size from which another thread does the hashing, and of its ring's. */
test.each([0, 1, mega, 16 * mega - 1, 16 * mega, 16 * mega + 1, 41 * mega + 12345])(
  "the sums of %d bytes are right",
  async (length) => {
    const bytes = Buffer.from(Array.from({ length: 65_537 }, (_, at) => (at * 7919) >> 3))
    const [sha256, md5] = [createHash("sha256"), createHash("md5")]
    const sums = startSums(length, true)
    const part = Buffer.alloc(stepBytes)
    for (let at = 0; at < part.length; at += bytes.length) bytes.copy(part, at)
    for (let done = 0; done < length; done += stepBytes) {
      part[0] = done >> 18 // what is added is done with at once, so the same memory may be used again
      const step = part.subarray(0, Math.min(stepBytes, length - done))
      sha256.update(step)
      md5.update(step)
      sums.add(step)
    }
    expect(await sums.finish()).toEqual({ sha256: sha256.digest("hex"), md5: md5.digest("hex") })
  },
)
