/** Set of integers from 0 on, one bit each: suits very many numbers with few gaps. */
export class NumberSet {
  #bits = new Uint8Array(128)

  add(number: number): void {
    const at = number >> 3
    if (at >= this.#bits.length) {
      const wider = new Uint8Array(Math.max(at + 1, this.#bits.length * 2))
      wider.set(this.#bits)
      this.#bits = wider
    }
    this.#bits[at] = (this.#bits[at] ?? 0) | (1 << (number & 7))
  }

  delete(number: number): void {
    const at = number >> 3
    if (at < this.#bits.length) this.#bits[at] = (this.#bits[at] ?? 0) & ~(1 << (number & 7))
  }

  has(number: number): boolean {
    return ((this.#bits[number >> 3] ?? 0) & (1 << (number & 7))) !== 0
  }

  hasRange(first: number, last: number): boolean {
    for (let number = first; number <= last; number++) if (!this.has(number)) return false
    return true
  }
}
