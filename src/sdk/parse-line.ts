/** One parsed line of a transcript. */
export type TranscriptRecord = Readonly<Record<string, unknown>>

export function parseLine(line: Uint8Array): TranscriptRecord | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.length).toString("utf8"))
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as TranscriptRecord)
      : null
  } catch {
    return null
  }
}
