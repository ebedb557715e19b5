/** A crash of the machine leaves NUL bytes where the last writes should be. */
export const nul = 0x00

/** The stretches of a line without any, from and to. */
export function* betweenNuls(line: Buffer): Generator<[number, number]> {
  for (let at = 0; at < line.length; ) {
    const end = line.indexOf(nul, at)
    if (end === -1) {
      yield [at, line.length]
      return
    }
    if (end > at) yield [at, end]
    at = end + 1
  }
}

export function countNuls(line: Buffer): number {
  let count = 0
  for (let at = line.indexOf(nul); at !== -1; at = line.indexOf(nul, at + 1)) count++
  return count
}
