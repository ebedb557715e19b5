import { expect, test } from "bun:test"
import { createHash } from "node:crypto"
import { startSums } from "../../src/rescue/sums.ts"

const mega = 1 << 20
/** On both sides of the size from which another thread does the hashing, and of its ring's. */
test.each([0, 1, mega, 16 * mega - 1, 16 * mega, 16 * mega + 1, 41 * mega + 12345])(
  "the sums of %d bytes are right",
  async (length) => {
    const bytes = Buffer.from(Array.from({ length: 65_537 }, (_, at) => (at * 7919) >> 3))
    const [sha256, md5] = [createHash("sha256"), createHash("md5")]
    const sums = startSums(length, true)
    for (let done = 0; done < length; ) {
      const room = sums.room()
      const count = Math.min(room.length, length - done)
      for (let at = 0; at < count; at += bytes.length)
        room.set(bytes.subarray(0, Math.min(bytes.length, count - at)), at)
      room[0] = done >> 20
      sha256.update(room.subarray(0, count))
      md5.update(room.subarray(0, count))
      sums.taken(count)
      done += count
    }
    expect(await sums.finish()).toEqual({ sha256: sha256.digest("hex"), md5: md5.digest("hex") })
  },
)
