/** SHA-256 in hex; of a text, that of its UTF-8 bytes. */
export function sha256Of(content: string | Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(content).digest("hex")
}
