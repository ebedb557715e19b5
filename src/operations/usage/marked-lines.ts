const newline = 0x0a
/** No record with token usage is known to be this long; a longer line is passed over unread. */
const maxLineBytes = 64 * 1024 * 1024

/**
 * Calls `take` with each line that contains `mark`, without its end; the bytes are valid during the call. Returns the
 * number of lines that were too long to be read.
 */
export async function eachMarkedLine(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  mark: Buffer,
  take: (line: Buffer) => void,
): Promise<number> {
  let begun: Buffer[] = [] // the line that the previous chunks ended in
  let begunBytes = 0
  let tooLong = 0
  const endLine = (rest: Buffer) => {
    if (begunBytes + rest.length > maxLineBytes) tooLong++
    else {
      const line = begunBytes === 0 ? rest : Buffer.concat([...begun, rest])
      if (line.includes(mark)) take(line)
    }
    begun = []
    begunBytes = 0
  }
  for await (const piece of chunks) {
    const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.length)
    const first = chunk.indexOf(newline)
    if (first !== -1) {
      endLine(chunk.subarray(0, first))
      const last = chunk.lastIndexOf(newline)
      eachWithin(chunk.subarray(first + 1, last + 1), mark, take)
      begin(chunk.subarray(last + 1))
    } else begin(chunk)
  }
  endLine(Buffer.alloc(0))
  return tooLong

  function begin(part: Buffer): void {
    if (part.length === 0) return
    begunBytes += part.length
    if (begunBytes <= maxLineBytes)
      begun.push(Buffer.from(part)) // the next chunk overwrites it
    else begun = []
  }
}

/** `lines`: whole lines with their ends. */
function eachWithin(lines: Buffer, mark: Buffer, take: (line: Buffer) => void): void {
  for (let at = lines.indexOf(mark); at !== -1; ) {
    const start = lines.lastIndexOf(newline, at) + 1
    const end = lines.indexOf(newline, at)
    take(lines.subarray(start, end))
    at = lines.indexOf(mark, end)
  }
}
