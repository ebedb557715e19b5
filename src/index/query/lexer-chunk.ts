/** Up to the next blank; a bracket that closes none of its own belongs to the query, `open(path)` does not. */
export function chunkOf(body: string): string {
  let depth = 0
  for (let at = 0; at < body.length; at++) {
    const sign = body[at] ?? ""
    if (/\s/.test(sign)) return body.slice(0, at)
    if (sign === "(") depth++
    if (sign === ")" && --depth < 0) return body.slice(0, at)
  }
  return body
}
