/**
 * Lower case, without accents on the letters a to z only, as in the full-text table: there, й is not и with an accent,
 * が is not か, and the vowel signs of Indian scripts are not accents.
 */
export function fold(word: string): string {
  if (/^[\x00-\x7f]*$/.test(word)) return word.toLowerCase()
  const bare = word.normalize("NFD").replace(/([A-Za-z])\p{M}+/gu, "$1")
  return bare
    .normalize("NFC")
    .replace(/[\u0300-\u0331]/g, "")
    .toLowerCase()
}
