import { breather, type Pace } from "./pace.ts"
import { fill } from "./source.ts"
import { stepBytes } from "./sums.ts"

export interface Side {
  readonly fd: number
  /** Called when reading this side fails, to say whose fault it is. */
  readonly trouble: (error: unknown) => Error
}

/**
 * Whether two open files agree in their first `length` bytes, both read afresh. `seen` gets the bytes of `b`
 * that agreed.
 */
export async function sameBytes(
  a: Side,
  b: Side,
  length: number,
  pace: Pace,
  seen?: (bytes: Uint8Array) => void,
): Promise<boolean> {
  const size = Math.max(1, Math.min(stepBytes, length))
  const left = Buffer.allocUnsafe(size)
  const right = Buffer.allocUnsafe(size)
  const breath = breather(pace)
  for (let offset = 0; offset < length; offset += size) {
    const wanted = Math.min(size, length - offset)
    const one = left.subarray(0, wanted)
    const other = right.subarray(0, wanted)
    // safety: short-read
    if (readSide(a, one, offset) !== wanted || readSide(b, other, offset) !== wanted) return false
    if (!one.equals(other)) return false // safety: byte-compare
    seen?.(other)
    await breath(wanted)
  }
  return true
}

function readSide(side: Side, room: Uint8Array, offset: number): number {
  try {
    return fill(side.fd, room, offset)
  } catch (error) {
    throw side.trouble(error)
  }
}
